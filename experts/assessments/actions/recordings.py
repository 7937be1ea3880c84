"""Recordings: taken in quarantine under a random name, looked into by a worker, heard by speaker and scorers only."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from experts.assessments import policies, tasks
from experts.assessments.actions.interviews import locked_interview, require_open_interview
from experts.assessments.enums import AUDIO, MAX_RECORDING_BYTES, RECORDING_MOVES, RecordingState
from experts.assessments.inspection import look_into
from experts.assessments.models import InterviewAnswer, Recording
from experts.assessments.models.interviews import RecordingQuerySet
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import TooMany, WrongState
from marketplace.kernel.jobs import JobState, finish, perform
from marketplace.kernel.states import require_move
from marketplace.kernel.uploads import Upload, examine
from marketplace.notices.actions import notify

MOST_PER_ANSWER = 10
NOBODY_COULD = "We could not look into this recording, and the fault is ours. Send it again, best as MP3 or WAV."


def upload_recording(*, interview_id: UUID, position: int, upload: File[bytes], by: User, now: datetime) -> Recording:
    """
    Take a recording into quarantine. The one before it is replaced and its file deleted.

    The file is written before the transaction opens, and taken away again when the transaction fails.

    :raises Invalid: if it is empty, too large, or no kind of recording that we take.
    :raises WrongState: if the interview is closed.
    """
    facts = examine(upload, allowed=AUDIO, max_bytes=MAX_RECORDING_BYTES)
    storage = Recording._meta.get_field("file").storage
    stored = storage.save(f"recordings/{secrets.token_hex(20)}.{facts.extension}", upload)
    try:
        return _take_in(interview_id, position, facts, stored, by=by, now=now)
    except BaseException:
        storage.delete(stored)
        raise


@transaction.atomic(durable=True)
def _take_in(interview_id: UUID, position: int, facts: Upload, stored: str, *, by: User, now: datetime) -> Recording:
    interview = locked_interview(interview_id)
    policies.require_owner(by, interview.expert)
    require_open_interview(interview)
    answer: InterviewAnswer = interview.answers.get(position=position)
    if answer.recordings.count() >= MOST_PER_ANSWER:
        raise TooMany(f"This question has had {MOST_PER_ANSWER} recordings. Keep the last one, or write.")
    for before in answer.recordings.exclude(state=RecordingState.REFUSED).order_by("pk"):
        _remove(before)
    recording: Recording = Recording.objects.create(
        answer=answer, file=stored, extension=facts.extension, media_type=facts.media_type,
        size_bytes=facts.size_bytes, sha256=facts.sha256, uploaded_at=now, not_before=now, queued_at=now,
    )  # fmt: skip
    record(what="assessments.upload_recording", by=by, about=recording, now=now,
           after={"size_bytes": facts.size_bytes, "sha256": facts.sha256})  # fmt: skip
    tasks.check_recording.delay_on_commit(recording_id=str(recording.pk))
    return recording


@transaction.atomic(durable=True)
def remove_recording(*, recording_id: UUID, by: User, now: datetime) -> None:
    """
    Delete a recording while the interview is open.

    :raises WrongState: if the interview is closed, or a worker looks into it at this moment.
    """
    found = Recording.objects.select_related("answer__interview").get(public_id=recording_id)
    interview = locked_interview(found.answer.interview.public_id)
    policies.require_owner(by, interview.expert)
    require_open_interview(interview)
    recording: Recording = Recording.objects.select_for_update(no_key=True).get(pk=found.pk)
    if recording.job_state == JobState.RUNNING:
        raise WrongState("It is being checked at this moment. Remove it in a minute.")
    record(what="assessments.remove_recording", by=by, about=recording, now=now)
    _remove(recording)


def _remove(recording: Recording) -> None:
    _delete_file(recording)
    recording.delete()


def _delete_file(recording: Recording) -> None:
    storage, name = recording.file.storage, str(recording.file.name)
    transaction.on_commit(lambda: storage.delete(name))


def check_recording(*, recording_id: int, now: datetime) -> None:
    """Look into one recording. Right when run twice, late, or after a crash; a replaced one is gone and nothing is done."""

    def work(recording: Recording) -> None:
        with recording.file.open("rb") as content:
            refusal = look_into(content, recording.extension)
        _record_verdict(Recording.objects.held(by=recording), refusal=refusal, now=now)

    rows = Recording.objects.select_related("answer__interview__expert__user")
    perform(rows, pk=recording_id, now=now, work=work)


def refuse_parked_recordings(*, now: datetime) -> int:
    """Refuse the recordings whose check was given up, so that nobody waits for them; return how many. Run by a sweep."""
    ids = list(Recording.objects.parked().unchecked().order_by("pk").values_list("pk", flat=True)[:200])
    for pk in ids:
        _record_verdict(Recording.objects.parked().filter(pk=pk), refusal=NOBODY_COULD, now=now)
    return len(ids)


@transaction.atomic(durable=True)
def _record_verdict(one: RecordingQuerySet, *, refusal: str, now: datetime) -> None:
    rows = one.select_related("answer__interview__expert__user")
    recording: Recording | None = rows.select_for_update(of=("self",), no_key=True).first()
    if recording is None or recording.state != RecordingState.QUARANTINED:
        return
    target = RecordingState.REFUSED if refusal else RecordingState.CLEAN
    require_move(RECORDING_MOVES, current=recording.state, target=target, what="recording")
    recording.state, recording.refusal = target, refusal
    recording.save(update_fields=["state", "refusal"])
    finish(recording, now=now)
    if refusal:
        _delete_file(recording)
        interview = recording.answer.interview
        notify(
            user=interview.expert.user, kind="assessments", now=now, button="Send it again", body=refusal,
            path=f"/me/assessments/interviews/{interview.public_id}/",
            title=f"We did not take your recording of question {recording.answer.position}",
        )  # fmt: skip


@transaction.atomic(durable=True)
def open_recording(*, recording_id: UUID, by: User, now: datetime) -> Recording:
    """
    Return a checked recording to be heard. This function will write into the trail when staff open it.

    :raises WrongState: if it is still in quarantine or was refused.
    """
    rows = Recording.objects.visible_to(by).select_related("answer__interview__expert")
    recording: Recording = rows.get(public_id=recording_id)
    if recording.state == RecordingState.QUARANTINED:
        raise WrongState("This recording is still being checked. It can be heard as soon as that is done.")
    if recording.state == RecordingState.REFUSED:
        raise WrongState(f"This recording was refused and is gone. {recording.refusal}")
    if recording.answer.interview.expert.user_id != by.pk:
        record(what="assessments.open_recording", by=by, about=recording, now=now)
    return recording
