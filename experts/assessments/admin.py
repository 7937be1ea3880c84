"""To look things up. Questions are written and answers scored in the vetting console, never here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from experts.assessments.models import Attempt, Interview, Question, Recording, ResultEvent
from marketplace.kernel.admin import JobAdmin, ReadOnlyAdmin


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["__str__", "field", "kind", "state", "changed_at", "changed_by"]
    list_filter: ClassVar = ["state", "kind"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["public_id", "version", "number", "state", "started_at", "closed_at", "score_bps"]
    list_filter: ClassVar = ["state"]
    exclude: ClassVar = [
        "extra_time",
        "may_pause",
        "left_seconds",
        "paused_at",
    ]  # conditions are nobody's business here


@admin.register(Interview)
class InterviewAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["public_id", "version", "state", "started_at", "due_at", "score_bps"]
    list_filter: ClassVar = ["state"]
    exclude: ClassVar = ["must_speak"]


@admin.register(Recording)
class RecordingAdmin(JobAdmin):
    list_display: ClassVar = ["public_id", "state", "size_bytes", "uploaded_at", "job_state", "attempts", "last_error"]
    exclude: ClassVar = ["file"]


@admin.register(ResultEvent)
class ResultEventAdmin(JobAdmin):
    list_display: ClassVar = ["name", "payload", "queued_at", "job_state", "attempts", "last_error"]
