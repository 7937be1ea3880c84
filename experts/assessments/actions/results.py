"""Closing what was answered, and making a score of shares. Plain functions inside the actions of others."""

from __future__ import annotations

from datetime import datetime, timedelta

from experts.assessments import figures
from experts.assessments.actions.events import tell_result
from experts.assessments.enums import (
    ATTEMPT_MOVES,
    INTERVIEW_MOVES,
    LONGEST_PAUSE,
    SCORING_DAYS,
    AttemptState,
    ClosedBy,
    InterviewState,
)
from experts.assessments.models import Attempt, Interview, Script
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify


def close_and_score(attempt: Attempt, *, closed_by: ClosedBy, by: Actor, now: datetime) -> None:
    """Score what can be scored at once, and have two people score the texts, if there are any. The attempt is locked."""
    rows = list(attempt.questions.select_related("version").order_by("position"))
    for row in rows:
        rules = row.version.kind_rules
        row.credit_bps = rules.credit(row.version.content, row.answer) if rules.is_closed or not row.answer else None
        row.save(update_fields=["credit_bps"])
    attempt.closed_by, attempt.closed_at = closed_by, _ended_at(attempt, closed_by, now)
    if any(row.credit_bps is None for row in rows):
        require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.SCORING, what="attempt")
        attempt.state = AttemptState.SCORING
        attempt.save(update_fields=["state", "closed_by", "closed_at"])
        Script.objects.create(
            attempt=attempt, field=attempt.assessment.field, about=attempt.expert.user, opened_at=now,
            due_at=now + timedelta(days=SCORING_DAYS),
        )  # fmt: skip
        tell_result(attempt.expert, "assessment", now=now)
    else:
        finish_attempt(attempt, now=now)
    record(what="assessments.close_attempt", by=by, about=attempt, now=now,
           after={"state": str(attempt.state), "closed_by": str(closed_by), "score_bps": attempt.score_bps})  # fmt: skip


def _ended_at(attempt: Attempt, closed_by: ClosedBy, now: datetime) -> datetime:
    """Return when it really ended: a sweep that came late moves nobody's cooling-off."""
    if closed_by == ClosedBy.EXPERT:
        return now
    if attempt.paused_at is not None:
        return min(now, attempt.paused_at + LONGEST_PAUSE)
    return min(now, attempt.deadline_at)


def finish_attempt(attempt: Attempt, *, now: datetime) -> None:
    """Make the score of the credits, which are all in. The attempt is locked."""
    require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.SCORED, what="attempt")
    attempt.score_bps = figures.weighted_mean(
        [(row or 0, points) for row, points in attempt.questions.values_list("credit_bps", "version__points")]
    )
    attempt.has_passed = attempt.score_bps >= attempt.version.pass_bps
    attempt.state, attempt.scored_at = AttemptState.SCORED, now
    attempt.save(update_fields=["state", "closed_by", "closed_at", "score_bps", "has_passed", "scored_at"])
    tell_result(attempt.expert, "assessment", now=now)


def finish_interview(interview: Interview, *, now: datetime) -> None:
    """Make the score of the credits, which are all in. The interview is locked."""
    require_move(INTERVIEW_MOVES, current=interview.state, target=InterviewState.SCORED, what="interview")
    shares = interview.answers.values_list("credit_bps", flat=True)
    interview.score_bps = figures.weighted_mean([(share or 0, 1) for share in shares])
    interview.state, interview.scored_at = InterviewState.SCORED, now
    interview.save(update_fields=["state", "score_bps", "scored_at"])
    tell_result(interview.expert, "interview", now=now)


def tell_scored(row: Attempt | Interview, *, now: datetime) -> None:
    """Tell the expert that people have scored what they wrote. Needs an open transaction."""
    part = "attempts" if isinstance(row, Attempt) else "interviews"
    notify(
        user=row.expert.user, kind="assessments", now=now, path=f"/me/assessments/{part}/{row.public_id}/",
        title=f"{row.version.title}: your result is in", button="See the result",
        body="Two people scored it without your name and without seeing each other's marks.",
    )  # fmt: skip
