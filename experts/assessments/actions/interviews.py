"""Structured interviews: the same questions for everybody in a field, answered in words or as recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.assessments import policies, queries
from experts.assessments.actions.asks import count_minutes, locked_ask, require_open
from experts.assessments.actions.events import tell_result
from experts.assessments.enums import (
    INTERVIEW_DAYS,
    INTERVIEW_MOVES,
    SCORING_DAYS,
    InterviewState,
    RecordingState,
)
from experts.assessments.models import Guide, GuideVersion, Interview, InterviewAnswer, Script
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify

CLOCK = System("assessments.clock")
SWEEP_LIMIT = 500
MOST_CHARS = 6000


@dataclass(frozen=True, slots=True)
class Written:
    """How saving words ended. When `is_stale`, nothing was written and `answer` holds the other window's words."""

    answer: InterviewAnswer
    is_stale: bool = False


@transaction.atomic(durable=True)
def start_interview(*, ask_id: UUID, guide_id: UUID, by: User, now: datetime) -> Interview:
    """
    Put the words of the profile into the questions and open the interview; one that exists is given back instead.

    :raises WrongState: if it is asked no more.
    :raises Refused: if it would ask too much without pay.
    """
    rows = Expert.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    expert = rows.get(user=by)
    ask = locked_ask(ask_id)
    policies.require_owner(by, ask.expert)
    guide: Guide = Guide.objects.for_field(ask.field).select_related("current").get(public_id=guide_id)
    existing: Interview | None = (
        Interview.objects.filter(expert=expert, guide=guide).exclude(state=InterviewState.LAPSED).first()
    )
    if existing is not None:
        return existing
    require_open(ask)
    if not guide.is_published:
        raise WrongState("This interview is not in use any more.")
    version: GuideVersion = guide.live
    is_first = not ask.interviews.filter(guide=guide).exists()  # a lapsed one was counted already
    counted = count_minutes(ask, version.minutes, is_paid=version.is_paid) if is_first else 0
    interview = Interview.objects.create(
        expert=expert, guide=guide, version=version, ask=ask, counted_minutes=counted, started_at=now,
        due_at=now + timedelta(days=INTERVIEW_DAYS),
        must_speak=version.is_spoken and not expert.accommodations.granted().filter(may_write=True).exists(),
    )  # fmt: skip
    words = queries.words_for(expert, ask.field)
    InterviewAnswer.objects.bulk_create(
        InterviewAnswer(interview=interview, position=position, question=text.format_map(words))
        for position, text in enumerate(version.questions, 1)
    )
    record(what="assessments.start_interview", by=by, about=interview, now=now,
           after={"version": version.pk, "counted_minutes": counted})  # fmt: skip
    tell_result(expert, "interview", now=now)
    return interview


@transaction.atomic(durable=True)
def save_interview_answer(
    *, interview_id: UUID, position: int, text: str, revision: int, by: User, now: datetime
) -> Written:
    """
    Keep the words of one answer, if they were written on top of the newest revision.

    :raises WrongState: if the interview is closed.
    """
    interview = locked_interview(interview_id)
    policies.require_owner(by, interview.expert)
    require_open_interview(interview)
    answer: InterviewAnswer = interview.answers.get(position=position)
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()[:MOST_CHARS]
    if answer.text == text:
        return Written(answer)
    if answer.revision != revision:
        return Written(answer, is_stale=True)
    answer.text, answer.revision, answer.saved_at = text, revision + 1, now
    answer.save(update_fields=["text", "revision", "saved_at"])
    return Written(answer)


@transaction.atomic(durable=True)
def submit_interview(*, interview_id: UUID, by: User, now: datetime) -> Interview:
    """
    Hand the interview in to be scored by two people; pressing twice hands in once.

    :raises Invalid: if a question has no answer, or no voice where one is asked for.
    :raises WrongState: if it lapsed, or a recording is still being checked.
    """
    interview = locked_interview(interview_id)
    policies.require_owner(by, interview.expert)
    if interview.state in {InterviewState.SCORING, InterviewState.SCORED}:
        return interview
    require_open_interview(interview)
    _require_answers(interview)
    _hand_in(interview, now=now)
    record(what="assessments.submit_interview", by=by, about=interview, now=now)
    return interview


def _require_answers(interview: Interview) -> None:
    for answer in interview.answers.prefetch_related("recordings").order_by("position"):
        recording = answer.recording
        if recording is None and (interview.must_speak or not answer.text):
            what = "recording" if interview.must_speak else "answer"
            raise Invalid(f"Question {answer.position} has no {what} yet.", field=f"q{answer.position}")
        if recording is not None and recording.state == RecordingState.QUARANTINED:
            raise WrongState(f"The recording of question {answer.position} is still being checked. Try in a minute.")


def _hand_in(interview: Interview, *, now: datetime) -> None:
    require_move(INTERVIEW_MOVES, current=interview.state, target=InterviewState.SCORING, what="interview")
    interview.state, interview.closed_at = InterviewState.SCORING, now
    interview.save(update_fields=["state", "closed_at"])
    Script.objects.create(
        interview=interview, field=interview.guide.field, about=interview.expert.user, opened_at=now,
        due_at=now + timedelta(days=SCORING_DAYS),
    )  # fmt: skip
    tell_result(interview.expert, "interview", now=now)


def close_overdue_interviews(*, now: datetime) -> int:
    """Hand in what is complete, let lapse what is not; return how many. Run by a sweep."""
    ids = list(Interview.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda one: _close_overdue(one, now=now), sweep="assessments.overdue_interviews")


@transaction.atomic(durable=True)
def _close_overdue(interview_id: UUID, *, now: datetime) -> bool:
    interview = locked_interview(interview_id)
    if interview.state != InterviewState.OPEN or interview.due_at > now:
        return False
    try:
        _require_answers(interview)
    except Refused:
        _lapse(interview, now=now)
    else:
        _hand_in(interview, now=now)
        record(what="assessments.submit_interview", by=CLOCK, about=interview, now=now)
    return True


def _lapse(interview: Interview, *, now: datetime) -> None:
    require_move(INTERVIEW_MOVES, current=interview.state, target=InterviewState.LAPSED, what="interview")
    interview.state, interview.closed_at = InterviewState.LAPSED, now
    interview.save(update_fields=["state", "closed_at"])
    record(what="assessments.lapse_interview", by=CLOCK, about=interview, now=now)
    tell_result(interview.expert, "interview", now=now)
    notify(
        user=interview.expert.user, kind="assessments", now=now, path="/me/assessments/", button="Begin again",
        title=f"{interview.version.title}: the seven days are over",
        body="Not every question had an answer, so nothing was handed in. It counts neither for nor against you.",
    )  # fmt: skip


def require_open_interview(interview: Interview) -> None:
    """
    Check that it can still be written in.

    :raises WrongState: if it was handed in or lapsed.
    """
    if interview.state != InterviewState.OPEN:
        raise WrongState("This interview is closed, so nothing was changed in it.")


def locked_interview(interview_id: UUID) -> Interview:
    """Return the interview with its row locked. Needs an open transaction."""
    rows = Interview.objects.select_related("version", "guide__field", "expert__user")
    found: Interview = rows.select_for_update(of=("self",), no_key=True).get(public_id=interview_id)
    return found
