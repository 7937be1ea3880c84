"""To look things up. Cases are decided in the vetting console, never here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from unfold.admin import TabularInline

from experts.vetting.models import Appeal, Case, Check, Decision, Opinion
from marketplace.kernel.admin import JobAdmin, ReadOnly, ReadOnlyAdmin


class CheckInline(ReadOnly, TabularInline):
    model = Check
    fields: ClassVar = ["kind", "round", "result", "explanation", "job_state", "attempts", "last_error"]
    extra = 0


class DecisionInline(ReadOnly, TabularInline):
    model = Decision
    fields: ClassVar = ["outcome", "reason_code", "reason", "decided_by", "second_by", "decided_at"]
    extra = 0


class OpinionInline(ReadOnly, TabularInline):
    model = Opinion
    fields: ClassVar = ["round", "asked_by", "of", "asked_at", "given_by", "given_at", "leaning", "withdrawn_at"]
    extra = 0


class AppealInline(ReadOnly, TabularInline):
    model = Appeal
    fields: ClassVar = ["against", "second", "filed_at", "promised_for", "outcome", "judged_by", "judged_at"]
    extra = 0


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["__str__", "expert", "field", "state", "claimed_by", "opened_at", "due_at", "decided_at"]
    list_select_related: ClassVar = ["expert__user", "field", "claimed_by"]
    list_filter: ClassVar = ["state"]
    search_fields: ClassVar = ["number", "expert__user__full_name", "expert__user__email", "field__name"]
    ordering: ClassVar = ["-id"]
    inlines: ClassVar = [CheckInline, DecisionInline, OpinionInline, AppealInline]


@admin.register(Check)
class CheckAdmin(JobAdmin):
    list_display: ClassVar = ["__str__", "result", "job_state", "attempts", "queued_at", "last_error"]
    list_select_related: ClassVar = ["case__expert__user", "case__field"]
    list_filter: ClassVar = ["job_state", "kind"]
    search_fields: ClassVar = ["case__number", "case__expert__user__full_name"]
