"""Scripts as scorers meet them: without a name, without conditions, without another's marks until all are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from experts.assessments import figures
from experts.assessments.enums import FEWEST_MARKS_FOR_KAPPA, RUBRIC_TOP, SCORERS_NEEDED, ScriptState
from experts.assessments.models import Accommodation, AttemptQuestion, InterviewAnswer, Recording, Script, Sheet
from marketplace.accounts.models import User


@dataclass(frozen=True, slots=True)
class Item:
    """One answer to be scored: its key is its place, its row takes the credit."""

    key: str
    question: str
    text: str
    criteria: Sequence[Mapping[str, str]]
    points: int
    row: AttemptQuestion | InterviewAnswer
    guidance: str = ""
    recording: Recording | None = None


def items_of(script: Script) -> list[Item]:
    """Return what is to be scored, in order: the texts of an attempt that say something, or every interview answer."""
    if script.attempt_id is not None:
        rows = AttemptQuestion.objects.filter(attempt__script=script, version__kind="TEXT").exclude(answer={})
        return [
            Item(
                key=str(row.position), question=row.version.prompt, text=str(row.answer.get("text", "")),
                criteria=row.version.content["criteria"], points=row.version.points, row=row,
                guidance=row.version.explanation,
            )
            for row in rows.select_related("version").order_by("position")
        ]  # fmt: skip
    answers = InterviewAnswer.objects.filter(interview__script=script).prefetch_related("recordings")
    found = answers.select_related("interview__version").order_by("position")
    return [
        Item(
            key=str(row.position), question=row.question, text=row.text, criteria=row.interview.version.criteria,
            points=1, row=row, recording=row.recording,
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A script in the queue of one person; `is_mine` when they have taken it."""

    script: Script
    is_mine: bool


def queue_for(user: User, *, now: datetime) -> list[Waiting]:
    """
    Return the scripts that this person can score or has taken, the most urgent first.

    How many others have scored it is not told: nobody should know whether they are first.
    """
    others = Q(sheets__scored_at__isnull=False) | Q(sheets__held_until__gt=now)
    rows = Script.objects.visible_to(user).waiting().not_scored_by(user).select_related("field", "attempt__version",
        "interview__version")  # fmt: skip
    found = rows.annotate(
        others=Count("sheets", filter=others & ~Q(sheets__scorer=user)),
        held=Count("sheets", filter=Q(sheets__scorer=user, sheets__held_until__gt=now)),
    ).order_by("due_at", "pk")
    return [
        Waiting(script, is_mine=bool(script.held))
        for script in found[:200]
        if script.held or script.others < SCORERS_NEEDED[ScriptState(script.state)]
    ]


def settled_scripts(user: User) -> QuerySet[Script]:
    """Return the scripts whose scores are in, the newest first."""
    rows = Script.objects.visible_to(user).filter(state__in=[ScriptState.SETTLED, ScriptState.DISPUTED])
    return rows.select_related("field", "attempt__version", "interview__version").order_by("-pk")


def sheet_of(script: Script, user: User) -> Sheet | None:
    found: Sheet | None = script.sheets.filter(scorer=user).first()
    return found


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the first two people agree: marks to the point, and kappa where there are enough marks for one."""

    marks: int
    exact: float
    kappa: float | None
    gap_bps: int


def agreement_of(script: Script, sheets: Sequence[Sheet]) -> Agreement | None:
    """Return the agreement of the first two sheets; None until both are in."""
    if len(sheets) < 2:
        return None
    pairs = pairs_of(sheets[0].marks, sheets[1].marks)
    kappa = figures.weighted_kappa(pairs, top=RUBRIC_TOP) if len(pairs) >= FEWEST_MARKS_FOR_KAPPA else None
    gap = abs((sheets[0].score_bps or 0) - (sheets[1].score_bps or 0))
    return Agreement(len(pairs), figures.exact_agreement(pairs), kappa, gap)


def pairs_of(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the marks of two people beside each other, item by item and criterion by criterion."""
    return [(mark, other[item][key]) for item, marks in one.items() for key, mark in marks.items()]


def scripts_for_badge(request: HttpRequest) -> int | None:
    """Return how many scripts wait for scores, for the badge."""
    user = request.user
    if not (user.is_authenticated and user.is_vetting_staff):
        return None
    return int(Script.objects.visible_to(user).waiting().not_scored_by(user).count()) or None


def requests_for_badge(request: HttpRequest) -> int | None:
    """Return how many requests for accommodations wait for an answer, for the badge."""
    return int(Accommodation.objects.waiting().count()) or None if request.user.is_authenticated else None
