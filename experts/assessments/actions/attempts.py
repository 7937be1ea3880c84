"""
Attempts: begun with a deadline of the server's, saved answer by answer, closed once.

Every deed takes the lock on the attempt first, so an answer is either saved before the attempt closes, and scored, or
refused after it; there is no third way.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from experts.assessments import policies, queries
from experts.assessments.actions.asks import count_minutes, locked_ask, require_open
from experts.assessments.actions.events import tell_result
from experts.assessments.actions.results import close_and_score
from experts.assessments.enums import ATTEMPT_MOVES, AttemptState, ClosedBy
from experts.assessments.models import Assessment, AssessmentVersion, Attempt, AttemptQuestion, Question
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify

CLOCK = System("assessments.clock")
SWEEP_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Saved:
    """How saving an answer ended. When `is_stale`, nothing was written and `question` holds the other window's answer."""

    attempt: Attempt
    question: AttemptQuestion
    is_stale: bool = False


@transaction.atomic(durable=True)
def start_attempt(*, ask_id: UUID, assessment_id: UUID, by: User, now: datetime) -> Attempt:
    """
    Draw the questions and start the clock; an attempt that is open already is given back instead.

    Minutes are counted once for each case and assessment: a further attempt is the expert's own wish.

    :raises WrongState: if it is asked no more, or the next attempt is not due yet.
    :raises Refused: if it was passed, no attempt is left, or it would ask too much without pay.
    """
    rows = Expert.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    expert = rows.get(user=by)
    ask = locked_ask(ask_id)
    policies.require_owner(by, ask.expert)
    assessment: Assessment = (
        Assessment.objects.for_field(ask.field).select_related("current").get(public_id=assessment_id)
    )
    standing = queries.standing_of(expert, assessment, now=now)
    if standing.open is not None:
        return standing.open
    require_open(ask)
    if not assessment.is_published:
        raise WrongState("This assessment is not in use any more.")
    if standing.refusal:
        raise Refused(standing.refusal)
    version: AssessmentVersion = assessment.live
    is_first = not Attempt.objects.filter(ask=ask, assessment=assessment).exists()
    counted = count_minutes(ask, version.minutes, is_paid=version.is_paid) if is_first else 0
    attempt = _begin(expert, version, number=standing.number, now=now, ask=ask, counted_minutes=counted)
    record(what="assessments.start_attempt", by=by, about=attempt, now=now,
           after={"version": version.pk, "number": attempt.number, "counted_minutes": counted})  # fmt: skip
    tell_result(expert, "assessment", now=now)
    return attempt


def _begin(expert: Expert, version: AssessmentVersion, *, number: int, now: datetime, **facts: Any) -> Attempt:
    granted = expert.accommodations.granted().first()
    attempt = Attempt(
        expert=expert, assessment=version.assessment, version=version, number=number, started_at=now,
        seed=secrets.randbits(48), extra_time=granted.extra_time if granted else 0,
        may_pause=bool(granted and granted.may_pause), **facts,
    )  # fmt: skip
    attempt.deadline_at = now + attempt.limit
    attempt.save()
    AttemptQuestion.objects.bulk_create(_drawn(attempt))
    return attempt


def _drawn(attempt: Attempt) -> list[AttemptQuestion]:
    """Draw as the rules say: section by section, seeded, from what is published now. The drawn rows are the record."""
    chance = random.Random(attempt.seed)  # noqa: S311 -- which questions, not a secret; the seed is one
    version = attempt.version
    pool = list(
        Question.objects.published()
        .filter(field_id=version.assessment.field_id)
        .select_related("current")
        .order_by("pk")
    )
    rows: list[AttemptQuestion] = []
    for section in version.sections:
        there = [question.live for question in pool if question.live.topic == section["topic"]]
        if len(there) < section["draw"]:
            raise Refused("Its questions are being worked on at this moment. Nothing was counted; try again tomorrow.")
        for one in chance.sample(there, section["draw"]):
            order = one.kind_rules.shuffled(one.content, chance)
            rows.append(AttemptQuestion(attempt=attempt, position=len(rows) + 1, version=one, option_order=order))
    return rows


@transaction.atomic(durable=True)
def save_answer(
    *, attempt_id: UUID, position: int, answer: dict[str, Any], revision: int, by: User, now: datetime
) -> Saved:
    """
    Keep one answer, if it was written on top of the newest revision of it.

    A stale write is no error but an answer: another window saved first, and nothing of it is overwritten.

    :param answer: as the kind's `clean` made it.
    :raises WrongState: if the time is up, or it is paused or closed.
    """
    attempt = locked_attempt(attempt_id)
    policies.require_owner(by, attempt.expert)
    _require_time(attempt, now=now)
    question: AttemptQuestion = attempt.questions.select_related("version").get(position=position)
    if question.answer == answer:
        return Saved(attempt, question)
    if question.revision != revision:
        return Saved(attempt, question, is_stale=True)
    question.answer, question.revision, question.saved_at = answer, revision + 1, now
    question.save(update_fields=["answer", "revision", "saved_at"])
    return Saved(attempt, question)


def _require_time(attempt: Attempt, *, now: datetime) -> None:
    if attempt.state == AttemptState.PAUSED:
        raise WrongState("This attempt is paused. Go on with it before you answer.")
    if not attempt.is_open:
        raise WrongState("This attempt is closed, so nothing was changed in it.")
    if attempt.is_over(now):
        raise WrongState("The time is up. What was saved before counts; this was not saved.")


@transaction.atomic(durable=True)
def pause_attempt(*, attempt_id: UUID, by: User, now: datetime) -> Attempt:
    """
    Stop the clock, where that was granted. A pause of more than 24 hours ends the attempt.

    :raises Refused: if pauses were not granted for it.
    """
    attempt = locked_attempt(attempt_id)
    policies.require_owner(by, attempt.expert)
    if attempt.state == AttemptState.PAUSED:
        return attempt
    _require_time(attempt, now=now)
    if not attempt.may_pause:
        raise Refused("Pauses are an accommodation. Ask for it before the next attempt; this one goes on.")
    require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.PAUSED, what="attempt")
    attempt.left_seconds, attempt.paused_at = attempt.left(now), now
    attempt.state = AttemptState.PAUSED
    attempt.save(update_fields=["state", "left_seconds", "paused_at"])
    record(what="assessments.pause_attempt", by=by, about=attempt, now=now, after={"left": attempt.left_seconds})
    return attempt


@transaction.atomic(durable=True)
def resume_attempt(*, attempt_id: UUID, by: User, now: datetime) -> Attempt:
    """Start the clock again with what was left."""
    attempt = locked_attempt(attempt_id)
    policies.require_owner(by, attempt.expert)
    if attempt.state == AttemptState.RUNNING:
        return attempt
    require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.RUNNING, what="attempt")
    if attempt.pause_ends_at is not None and now > attempt.pause_ends_at:
        raise WrongState("The pause was longer than 24 hours, so the attempt is over. What was saved is scored.")
    attempt.deadline_at = now + timedelta(seconds=attempt.left_seconds or 0)
    attempt.state, attempt.paused_at, attempt.left_seconds = AttemptState.RUNNING, None, None
    attempt.save(update_fields=["state", "deadline_at", "paused_at", "left_seconds"])
    record(what="assessments.resume_attempt", by=by, about=attempt, now=now)
    return attempt


@transaction.atomic(durable=True)
def submit_attempt(*, attempt_id: UUID, by: User, now: datetime) -> Attempt:
    """
    Hand the attempt in. This function will score what can be scored at once; pressing twice hands in once.

    After the time is up it does what the sweep would: what was saved counts.
    """
    attempt = locked_attempt(attempt_id)
    policies.require_owner(by, attempt.expert)
    if attempt.is_open:
        closed_by = ClosedBy.CLOCK if attempt.is_over(now) else ClosedBy.EXPERT
        close_and_score(attempt, closed_by=closed_by, by=by, now=now)
    return attempt


def close_overdue_attempts(*, now: datetime) -> int:
    """Close the attempts whose time is over and score what was saved; return how many. Run by a sweep."""
    ids = list(Attempt.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda one: _close_overdue(one, now=now), sweep="assessments.overdue_attempts")


@transaction.atomic(durable=True)
def _close_overdue(attempt_id: UUID, *, now: datetime) -> bool:
    attempt = locked_attempt(attempt_id)
    if not Attempt.objects.overdue(now).filter(pk=attempt.pk).exists():
        return False
    close_and_score(attempt, closed_by=ClosedBy.CLOCK, by=CLOCK, now=now)
    notify(
        user=attempt.expert.user, kind="assessments", now=now, path=f"/me/assessments/attempts/{attempt.public_id}/",
        title=f"{attempt.version.title}: your time was up", button="See the result",
        body="What you had saved was handed in for you and counts as it stands.",
    )  # fmt: skip
    return True


def locked_attempt(attempt_id: UUID) -> Attempt:
    """Return the attempt with its row locked. Needs an open transaction."""
    rows = Attempt.objects.select_related("version", "expert__user", "assessment__field")
    found: Attempt = rows.select_for_update(of=("self",), no_key=True).get(public_id=attempt_id)
    return found
