"""Results, for the rooms above: what was passed and when, without conditions that were granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from experts.assessments.enums import OPEN_ATTEMPT_STATES, AttemptState, InterviewState
from experts.assessments.models import Assessment, Attempt, Guide, Interview
from experts.profiles.models import Expert, Field


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """The best attempt of an expert at one assessment; `score_bps` is None while nothing is scored."""

    title: str
    version: int
    pass_bps: int
    attempts: int
    is_open: bool
    is_scoring: bool
    score_bps: int | None
    has_passed: bool
    scored_at: datetime | None


def assessment_results(expert: Expert, field: Field) -> list[AssessmentResult]:
    """Return one result for each assessment that a case in this field asks, in reading order."""
    found = []
    attempts = list(Attempt.objects.filter(expert=expert).select_related("version").order_by("-score_bps", "pk"))
    for paper in Assessment.objects.published().for_field(field).in_reading_order():
        mine = [row for row in attempts if row.assessment_id == paper.pk]
        scored = [row for row in mine if row.state == AttemptState.SCORED]
        best = max(scored, key=lambda row: (bool(row.has_passed), row.score_bps), default=None)
        version = best.version if best else paper.live
        found.append(
            AssessmentResult(
                title=version.title,
                version=version.number,
                pass_bps=version.pass_bps,
                attempts=len(mine),
                is_open=any(row.state in OPEN_ATTEMPT_STATES for row in mine),
                is_scoring=any(row.state == AttemptState.SCORING for row in mine),
                score_bps=best.score_bps if best else None,
                has_passed=bool(best and best.has_passed),
                scored_at=best.scored_at if best else None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class InterviewResult:
    """The interview that a case in a field asks: its state is "" when it was not begun."""

    title: str
    state: str
    score_bps: int | None
    scored_at: datetime | None
    answers: list[tuple[str, int]]  # (question, credit in basis points), once scored


def interview_result(expert: Expert, field: Field) -> InterviewResult | None:
    """Return how the interview of this field went; None if none is asked."""
    guide = Guide.objects.published().for_field(field).in_reading_order().last()
    if guide is None:
        return None
    rows = Interview.objects.filter(expert=expert, guide=guide).exclude(state=InterviewState.LAPSED)
    interview: Interview | None = rows.select_related("version").first()
    if interview is None:
        return InterviewResult(guide.live.title, "", None, None, [])
    answers = interview.answers.order_by("position").values_list("question", "credit_bps")
    is_scored = interview.state == InterviewState.SCORED
    return InterviewResult(
        interview.version.title, interview.state, interview.score_bps, interview.scored_at,
        [(question, credit or 0) for question, credit in answers] if is_scored else [],
    )  # fmt: skip
