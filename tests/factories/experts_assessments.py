"""Questions, papers, attempts and scripts, reached the way they are reached in the product."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from experts.assessments import actions
from experts.assessments.kinds import kind_of
from experts.assessments.models import (
    Ask,
    Assessment,
    Attempt,
    Guide,
    Interview,
    Question,
    Recording,
    Script,
    Sheet,
)
from experts.assessments.queries import items_of
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_vetter

LINES = {
    "SINGLE": "* right\nwrong\nwronger",
    "MULTIPLE": "* one\n* two\nthree\nfour",
    "ORDERED": "first\nsecond\nthird",
    "NUMERIC": "7.4\n0.1\npH",
    "TEXT": "Says that it is unsafe\nSays why",
}
RIGHT: dict[str, dict[str, Any]] = {
    "SINGLE": {"chosen": ["a"]},
    "MULTIPLE": {"chosen": ["a", "b"]},
    "ORDERED": {"places": {"a": 1, "b": 2, "c": 3}},
    "NUMERIC": {"value": "7.4"},
    "TEXT": {"text": "It is unsafe, because the baby is six weeks old."},
}
MINUTE = timedelta(minutes=1)


def make_question(
    kind: str = "SINGLE", *, topic: str = "Basics", points: int = 1, field: str = "medicine", prompt: str = "",
    by: User | None = None, publish: bool = True,
) -> Question:  # fmt: skip
    """Write a question and publish it."""
    by = by or make_vetter("An Author")
    draft = {
        "topic": topic, "prompt": prompt or f"A {kind.lower()} question?", "content": kind_of(kind).read(LINES[kind]),
        "explanation": "A textbook says so.", "points": points,
    }  # fmt: skip
    row = actions.create_authored(Question, field_id=field_of(field).pk, kind=kind, draft=draft, by=by, now=NOW)
    return actions.publish_authored(Question, public_id=row.public_id, by=by, now=NOW) if publish else row


def make_paper(kinds: tuple[str, ...] = ("SINGLE", "MULTIPLE"), *, field: str = "medicine", **facts: Any) -> Assessment:
    """Publish an assessment that draws one question of each kind, in this order; facts overrule single rules."""
    by = make_vetter("An Author")
    for number, kind in enumerate(kinds):
        make_question(kind, topic=f"Topic {number}", field=field, by=by)
    draft = {
        "title": "Medicine, basics", "intro": "", "minutes": 10, "is_paid": False, "pass_bps": 7000, "attempts": 3,
        "cooling_off_days": 7, "sections": [{"topic": f"Topic {number}", "draw": 1} for number in range(len(kinds))],
    } | facts  # fmt: skip
    row = actions.create_authored(Assessment, field_id=field_of(field).pk, draft=draft, by=by, now=NOW)
    return actions.publish_authored(Assessment, public_id=row.public_id, by=by, now=NOW)


def make_guide(*, field: str = "medicine", **facts: Any) -> Guide:
    """Publish a structured interview of five questions and two criteria."""
    by = make_vetter("An Author")
    draft = {
        "title": "Your judgement", "intro": "", "minutes": 15, "is_paid": False, "is_spoken": False,
        "questions": ["In your {years} years in {field}, what went wrong?", "Two?", "Three?", "Four?", "Five?"],
        "criteria": [{"key": "a", "text": "Concrete"}, {"key": "b", "text": "Safe"}],
    } | facts  # fmt: skip
    row = actions.create_authored(Guide, field_id=field_of(field).pk, draft=draft, by=by, now=NOW)
    return actions.publish_authored(Guide, public_id=row.public_id, by=by, now=NOW)


@transaction.atomic
def _ask(expert: Expert, field: str) -> Ask:
    made = actions.open_ask(
        expert=expert, field=field_of(field), purpose_kind="application", purpose_ref=uuid4(), now=NOW
    )
    assert made is not None
    return made


def make_ask(expert: Expert | None = None, *, field: str = "cardiology") -> Ask:
    """Ask an expert for whatever is published for the field, as an application would."""
    return _ask(expert or make_expert(), field)


def start(ask: Ask, paper: Assessment, now: datetime = NOW) -> Attempt:
    return actions.start_attempt(ask_id=ask.public_id, assessment_id=paper.public_id, by=ask.expert.user, now=now)


def answer(
    attempt: Attempt, position: int, given: dict[str, Any], now: datetime = NOW, revision: int | None = None
) -> Any:
    """Save one answer on top of the newest revision, or of the one that is named."""
    row = attempt.questions.get(position=position)
    return actions.save_answer(
        attempt_id=attempt.public_id, position=position, answer=given, by=attempt.expert.user, now=now,
        revision=row.revision if revision is None else revision,
    )  # fmt: skip


def answer_right(attempt: Attempt, now: datetime = NOW) -> None:
    for row in attempt.questions.select_related("version"):
        answer(attempt, row.position, RIGHT[row.version.kind], now)


def submit(attempt: Attempt, now: datetime = NOW) -> Attempt:
    actions.submit_attempt(attempt_id=attempt.public_id, by=attempt.expert.user, now=now)
    attempt.refresh_from_db()
    return attempt


def make_script(expert: Expert | None = None) -> Script:
    """An attempt with one text, handed in and waiting for two people."""
    paper = make_paper(("SINGLE", "TEXT"))
    attempt = start(make_ask(expert), paper)
    answer_right(attempt)
    return submit(attempt, NOW + MINUTE).script


def make_interview(expert: Expert | None = None, guide: Guide | None = None) -> Interview:
    guide = guide or make_guide()
    ask = make_ask(expert)
    return actions.start_interview(ask_id=ask.public_id, guide_id=guide.public_id, by=ask.expert.user, now=NOW)


def write_all(interview: Interview, now: datetime = NOW) -> None:
    for row in interview.answers.order_by("position"):
        actions.save_interview_answer(
            interview_id=interview.public_id, position=row.position, text=f"Answer {row.position}.",
            revision=row.revision, by=interview.expert.user, now=now,
        )  # fmt: skip


def hand_in(interview: Interview, now: datetime = NOW) -> Interview:
    actions.submit_interview(interview_id=interview.public_id, by=interview.expert.user, now=now)
    interview.refresh_from_db()
    return interview


def score(script: Script, by: User, mark: int, now: datetime = NOW) -> Script:
    """Take the script and give every criterion the same mark."""
    actions.take_script(script_id=script.public_id, by=by, now=now)
    marks = {item.key: {row["key"]: mark for row in item.criteria} for item in items_of(script)}
    done = actions.score_script(script_id=script.public_id, marks=marks, comment="", by=by, now=now)
    done.refresh_from_db()
    return done


def sheet(script: Script, by: User) -> Sheet:
    return script.sheets.get(scorer=by)


def wav_bytes(seconds: int = 2) -> bytes:
    """A silent recording in WAV, 8 kHz, 8 bit."""
    data = b"\x80" * 8000 * seconds
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def send_recording(
    interview: Interview, position: int = 1, content: bytes | None = None, name: str = "me.wav"
) -> Recording:
    return actions.upload_recording(
        interview_id=interview.public_id, position=position, by=interview.expert.user, now=NOW,
        upload=SimpleUploadedFile(name, wav_bytes() if content is None else content),
    )  # fmt: skip
