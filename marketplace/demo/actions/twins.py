"""Two pairs of accounts that sent the same file: one that nobody has looked at yet, one that somebody explained."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from experts.credentials.actions import check_document, upload_document
from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.models import Document
from experts.duplicates.actions import answer_question, take_in_due
from experts.duplicates.enums import Outcome
from experts.duplicates.models import Question
from experts.profiles.models import Expert
from marketplace.demo.actions.people import personas
from marketplace.demo.world.papers import pdf

LETTERS = {
    "practice-letter.pdf": ("Invented Group Practice", "We confirm that the bearer worked with us from 2016 to 2021."),
    "course-record.pdf": ("Invented Academy", "Record of attendance, all modules, spring of 2019."),
}
EXPLAINED = "Both were asked. They took the course together, and the academy gave one record for the whole group."


def make_twins(*, now: datetime) -> None:
    """Have two pairs of invented experts send one file each, unless that was done, and explain the second pair."""
    experts = list(Expert.objects.filter(user__email__startswith="expert").select_related("user").order_by("pk")[:4])
    for number, expert in enumerate(experts):
        _send(expert, list(LETTERS)[number // 2], now=now - timedelta(hours=6 - number))
    take_in_due(now=now - timedelta(hours=1))
    explained = Question.objects.about(experts[3].user).filter(answered_at__isnull=True).first()
    if explained is not None:
        answer_question(
            question_id=explained.public_id, outcome=Outcome.SHARED_PLACE, words=EXPLAINED, by=personas()["vetting"],
            now=now - timedelta(minutes=20),
        )  # fmt: skip


def _send(expert: Expert, name: str, *, now: datetime) -> None:
    document: Document | None = Document.objects.filter(expert=expert, original_name=name).first()
    if document is None:
        document = upload_document(
            expert_id=expert.public_id, kind=DocumentKind.EVIDENCE, upload=ContentFile(pdf(LETTERS[name]), name=name),
            by=expert.user, now=now,
        )  # fmt: skip
    if document.state == DocumentState.QUARANTINED:
        check_document(document_id=document.pk, now=now + timedelta(minutes=1))
