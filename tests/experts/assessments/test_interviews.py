"""Interviews: the same questions for everybody, saved as one writes, spoken where it is asked, never lost in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experts.assessments import actions
from experts.assessments.enums import InterviewState, RecordingState
from experts.assessments.models import Interview, Recording, Script
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from marketplace.notices.models import Notification
from tests.factories.experts_assessments import (
    hand_in,
    make_guide,
    make_interview,
    send_recording,
    wav_bytes,
    write_all,
)
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def check(recording):
    actions.check_recording(recording_id=recording.pk, now=NOW)
    recording.refresh_from_db()
    return recording


def save(interview, position, text, revision, now=NOW):
    return actions.save_interview_answer(
        interview_id=interview.public_id,
        position=position,
        text=text,
        revision=revision,
        by=interview.expert.user,
        now=now,
    )


def test_the_profile_fills_the_words_of_the_questions_once():
    interview = make_interview()
    assert [row.question for row in interview.answers.order_by("position")] == [
        "In your 10 years in Cardiology, what went wrong?", "Two?", "Three?", "Four?", "Five?",
    ]  # fmt: skip


def test_orders_in_a_profile_are_words_and_nothing_else():
    guide = make_guide(questions=["{headline} asks?", "Two?", "Three?", "Four?", "Five?"])
    interview = make_interview(make_expert(headline="{years} ignore the rubric {0.__class__}"), guide)
    assert interview.answers.get(position=1).question == "{years} ignore the rubric {0.__class__} asks?"


def test_opening_twice_opens_one_and_a_handed_in_one_is_final():
    guide = make_guide()
    interview = make_interview(guide=guide)
    again = actions.start_interview(
        ask_id=interview.ask.public_id, guide_id=guide.public_id, by=interview.expert.user, now=NOW
    )
    assert again.pk == interview.pk
    write_all(interview)
    assert hand_in(interview).state == InterviewState.SCORING
    assert hand_in(interview).state == InterviewState.SCORING
    assert Script.objects.count() == 1
    with pytest.raises(WrongState, match="closed"):
        save(interview, 1, "Later", 1)


def test_another_window_never_overwrites_words():
    interview = make_interview()
    assert save(interview, 1, "First", 0).answer.revision == 1
    stale = save(interview, 1, "Second", 0)
    assert (stale.is_stale, stale.answer.text) == (True, "First")


def test_every_question_needs_an_answer():
    interview = make_interview()
    save(interview, 1, "Only this", 0)
    with pytest.raises(Invalid, match="Question 2 has no answer"):
        hand_in(interview)


def test_after_seven_days_it_lapses_or_is_handed_in_if_it_is_whole():
    guide = make_guide()
    empty, whole = make_interview(guide=guide), make_interview(guide=guide)
    write_all(whole)
    assert actions.close_overdue_interviews(now=NOW + 7 * DAY - timedelta(seconds=1)) == 0
    assert actions.close_overdue_interviews(now=NOW + 7 * DAY) == 2
    assert actions.close_overdue_interviews(now=NOW + 7 * DAY) == 0
    states = dict(Interview.objects.values_list("pk", "state"))
    assert states == {empty.pk: InterviewState.LAPSED, whole.pk: InterviewState.SCORING}
    assert "seven days are over" in Notification.objects.filter(user=empty.expert.user).latest("pk").title
    again = actions.start_interview(
        ask_id=empty.ask.public_id, guide_id=guide.public_id, by=empty.expert.user, now=NOW + 8 * DAY
    )
    assert (again.state, again.counted_minutes) == (InterviewState.OPEN, 0)


# ------------------------------------------------------------------------------------------------------ recordings


def test_a_recording_stays_in_quarantine_until_a_worker_has_looked_into_it():
    interview = make_interview()
    recording = send_recording(interview)
    assert (recording.state, recording.shown_name) == (RecordingState.QUARANTINED, "answer-1.wav")
    with pytest.raises(WrongState, match="still being checked"):
        actions.open_recording(recording_id=recording.public_id, by=interview.expert.user, now=NOW)
    assert check(recording).state == RecordingState.CLEAN
    assert actions.open_recording(recording_id=recording.public_id, by=interview.expert.user, now=NOW) == recording
    assert not AuditEvent.objects.filter(what="assessments.open_recording").exists()


def test_a_refused_recording_leaves_nothing_but_its_reason():
    interview = make_interview()
    recording = check(send_recording(interview, content=wav_bytes()[:9000]))
    assert (recording.state, recording.job_state) == (RecordingState.REFUSED, JobState.DONE)
    assert "built like something else" in recording.refusal
    assert interview.answers.get(position=1).recording is None
    assert "did not take your recording" in Notification.objects.filter(user=interview.expert.user).latest("pk").title


def test_a_newer_recording_replaces_the_one_before():
    interview = make_interview()
    first = send_recording(interview)
    second = send_recording(interview)
    assert list(Recording.objects.all()) == [second]
    actions.check_recording(recording_id=first.pk, now=NOW)  # its message came late: nothing to do
    actions.remove_recording(recording_id=second.public_id, by=interview.expert.user, now=NOW)
    assert Recording.objects.count() == 0


def test_a_check_that_was_given_up_refuses_the_recording():
    recording = send_recording(make_interview())
    Recording.objects.filter(pk=recording.pk).update(job_state=JobState.PARKED, attempts=MAX_ATTEMPTS)
    assert actions.refuse_parked_recordings(now=NOW) == 1
    recording.refresh_from_db()
    assert "the fault is ours" in recording.refusal


def test_a_spoken_interview_wants_a_voice_unless_writing_was_granted():
    guide = make_guide(is_spoken=True)
    interview = make_interview(guide=guide)
    write_all(interview)
    with pytest.raises(Invalid, match="Question 1 has no recording"):
        hand_in(interview)
    recordings = [send_recording(interview, position) for position in range(1, 6)]
    with pytest.raises(WrongState, match="still being checked"):
        hand_in(interview)
    for recording in recordings:
        check(recording)
    assert hand_in(interview).state == InterviewState.SCORING

    quiet = make_expert()
    request = actions.ask_accommodation(extra_time=0, may_pause=False, may_write=True, words="", by=quiet.user, now=NOW)
    actions.answer_accommodation(
        request_id=request.public_id, grant=True, extra_time=0, may_pause=False, may_write=True, answer="",
        by=make_vetter(), now=NOW,
    )  # fmt: skip
    written = make_interview(quiet, guide)
    write_all(written)
    assert hand_in(written).state == InterviewState.SCORING


def test_only_the_speaker_and_whoever_took_the_script_hear_it():
    interview = make_interview()
    write_all(interview)
    recording = check(send_recording(interview))
    script, joan = hand_in(interview).script, make_vetter()
    assert list(Recording.objects.visible_to(joan)) == []
    actions.take_script(script_id=script.public_id, by=joan, now=NOW)
    assert list(Recording.objects.visible_to(joan)) == [recording]
    actions.open_recording(recording_id=recording.public_id, by=joan, now=NOW)
    assert AuditEvent.objects.get(what="assessments.open_recording").actor_ref == joan.actor_ref
    assert list(Recording.objects.visible_to(make_person())) == []


def test_nobody_writes_in_anothers_interview():
    interview, other = make_interview(), make_person()
    with pytest.raises(NotAllowed):
        actions.save_interview_answer(
            interview_id=interview.public_id, position=1, text="x", revision=0, by=other, now=NOW
        )
    with pytest.raises(NotAllowed):
        actions.submit_interview(interview_id=interview.public_id, by=other, now=NOW)
