"""Second opinions and appeals, as the pages of both sides show them."""

from __future__ import annotations

from datetime import datetime

from experts.credentials.models import Credential, Document
from experts.vetting.enums import CaseState, Outcome
from experts.vetting.models import Appeal, Case, Decision, Opinion
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role


def opinions_of(case: Case) -> list[Opinion]:
    """Return the second opinions that were asked for in the case, the newest first."""
    rows = Opinion.objects.filter(case=case, withdrawn_at__isnull=True)
    return list(rows.select_related("asked_by", "of", "given_by").order_by("-pk"))


def given_opinion(case: Case, *, to: User) -> Opinion | None:
    """Return the newest opinion of this round that somebody else than this person gave."""
    rows = Opinion.objects.given().filter(case=case, round=case.round).exclude(given_by=to)
    found: Opinion | None = rows.select_related("given_by").order_by("-pk").first()
    return found


def colleagues(case: Case, *, of: User) -> list[User]:
    """Return the vetting staff who could give this person a second opinion on the case."""
    return [one for one in staff_with_role(StaffRoleKind.VETTING) if one.pk not in (of.pk, case.expert.user_id)]


def open_appeal(case: Case) -> Appeal | None:
    """Return the appeal that waits for a judge."""
    rows = Appeal.objects.filter(case=case, outcome="").select_related("decision", "against", "second")
    return rows.first()


def judges_of(case: Case) -> list[User]:
    """Return the vetting staff who may judge the appeal of the case."""
    may = Case.objects.filter(pk=case.pk)
    return [one for one in staff_with_role(StaffRoleKind.VETTING) if may.workable_by(one).exists()]


def appealable(case: Case, decisions: list[Decision], *, now: datetime) -> Decision | None:
    """Return the decline against which the expert may still appeal, given the decisions of the case, newest first."""
    if case.state != CaseState.DECLINED or not decisions:
        return None
    last = decisions[0]
    if last.outcome != Outcome.DECLINE or getattr(last, "appeal", None) is not None or now > last.appeal_until:
        return None
    return last


def added_since(case: Case, moment: datetime) -> list[str]:
    """Return the names of what the expert has added since then: documents and credentials."""
    documents = Document.objects.filter(expert=case.expert_id, uploaded_at__gt=moment).order_by("pk")
    credentials = Credential.objects.standing().filter(expert=case.expert_id, declared_at__gt=moment).order_by("pk")
    return [*(one.original_name for one in documents), *(one.label for one in credentials)]
