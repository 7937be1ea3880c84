"""The queue of vetting: which cases staff see, in which order, and how many wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.http import HttpRequest

from experts.profiles.models import Field
from experts.vetting.enums import CaseState, CheckResult
from experts.vetting.models import Case, Check, Opinion
from experts.vetting.queries.cases import named, with_counts
from marketplace.accounts.models import User


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue is narrowed to; empty means everything."""

    state: str = ""
    field: Field | None = None
    held: str = ""  # "me", "nobody", "others"
    needs: str = ""  # "person", "opinion", "mine", "late"
    since_days: int = 0
    text: str = ""


def queue(*, user: User, now: datetime, wanted: Wanted) -> Any:
    """Return the open cases that staff work on, with how many of their checks are in and how many need a look."""
    rows: Any = Case.objects.open().visible_to(user)
    rows = rows.filter(state=wanted.state) if wanted.state else rows
    rows = rows.filter(Q(field=wanted.field) | Q(field__parent=wanted.field)) if wanted.field else rows
    rows = rows.filter(opened_at__lte=now - timedelta(days=wanted.since_days)) if wanted.since_days else rows
    rows = _held(rows, wanted.held, user=user, now=now)
    rows = _needing(rows, wanted.needs, user=user, now=now)
    rows = rows.filter(named(wanted.text)) if wanted.text else rows
    asked = Prefetch("opinions", Opinion.objects.open().select_related("of"), to_attr="asked_opinions")
    return with_counts(rows).with_people().prefetch_related(asked)


def _held(rows: Any, held: str, *, user: User, now: datetime) -> Any:
    """A claim that ran out is nobody's any more."""
    standing = Q(claimed_by__isnull=False, claimed_until__gt=now)
    if held == "me":
        return rows.filter(claimed_by=user)
    if held == "nobody":
        return rows.exclude(standing)
    if held == "others":
        return rows.filter(standing).exclude(claimed_by=user)
    return rows


def _needing(rows: Any, needs: str, *, user: User, now: datetime) -> Any:
    if needs == "person":
        checks = Check.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), result=CheckResult.NEEDS_PERSON)
        return rows.filter(Exists(checks))
    if needs == "opinion":
        return rows.filter(Exists(Opinion.objects.open().filter(case=OuterRef("pk"))))
    if needs == "mine":
        return rows.filter(Exists(Opinion.objects.asked_of(user).filter(case=OuterRef("pk")))).exclude(
            expert__user=user
        )
    if needs == "late":
        return rows.waiting_for_staff().filter(due_at__lte=now)
    return rows


def counts_for(user: User) -> dict[str, int]:
    """Return how many open cases there are, wait for a decision or a judge, and are this person's. One query."""
    return dict(
        Case.objects.open().aggregate(
            all=Count("pk"),
            waiting=Count("pk", filter=Q(state=CaseState.AWAITING_DECISION)),
            appeals=Count("pk", filter=Q(state=CaseState.APPEALED)),
            mine=Count("pk", filter=Q(claimed_by=user)),
        )
    )


def next_for(user: User, now: datetime) -> Any:
    """Return the cases that wait for a person and that this one may take, the one whose clock runs out first on top."""
    return Case.objects.waiting_for_staff().free(now).workable_by(user).order_by(F("due_at"), "pk")


def waiting_for_staff(request: HttpRequest) -> int | None:
    """Return how many cases wait for a decision or a judge, for the badge of the queue."""
    return int(Case.objects.waiting_for_staff().count()) if request.user.is_authenticated else None


def opinions_asked_of(user: User) -> int:
    """Return how many second opinions this person could give."""
    return int(Opinion.objects.asked_of(user).exclude(about=user).count())
