"""Résumés as people write them, and what their reader is told."""

from __future__ import annotations

from typing import Any

from experts.credentials.models import Document
from experts.profiles.models import Expert
from experts.resumes import actions
from experts.resumes.enums import ReadingOutcome
from experts.resumes.models import Reading, Suggestion
from experts.resumes.queries import key_of
from experts.resumes.reading.reader import Known, read_resume
from marketplace.kernel.jobs import JobState
from tests.factories.experts_credentials import docx_bytes, passed, upload
from tests.factories.experts_profiles import NOW

LAWYER = """Tomasz Wieczorek
Contract lawyer, 12 years of experience
PROFESSIONAL EXPERIENCE
Senior associate, Larch & Finch LLP\tMarch 2018 – Present
Led a team of four on mergers since 2019.
Associate, Cardexa Legal\tSep 2013 – Feb 2018
EDUCATION
LL.M. in International Law, University of Warsaw\t2011 – 2013
LANGUAGES
Polish (native), English (C2), German: fluent
LINKS
ORCID 0000-0002-1825-0097, github.com/tomasz-w"""

NAMES = {
    "en": "English",
    "pl": "Polish",
    "de": "German",
    "fr": "French",
    "ig": "Igbo",
    "es": "Spanish",
    "zh": "Chinese",
}
FIELDS = [
    {"code": "medicine", "name": "Medicine", "parent": "", "words": ["medicine", "physician"]},
    {"code": "cardiology", "name": "Cardiology", "parent": "medicine", "words": ["cardiology", "cardiologist", "heart failure"]},
    {"code": "neurosurgery", "name": "Neurosurgery", "parent": "medicine", "words": ["neurosurgery", "neurosurgeon"]},
    {"code": "contract-law", "name": "Contract law", "parent": "law", "words": ["contract law", "contract lawyer"]},
    {"code": "cloud", "name": "Cloud computing", "parent": "software", "words": ["cloud computing", "cloud", "go"]},
]  # fmt: skip


def known(name: str = "Tomasz Wieczorek", today: str = "2026-11-28") -> Known:
    """Return what a reader is told, with a small taxonomy."""
    return Known(name=name, fields=FIELDS, languages=NAMES, today=today)


def send_resume(expert: Expert, text: str = LAWYER, **facts: Any) -> Document:
    """Send a résumé that was looked into, with this text in it."""
    document = passed(upload(expert, docx_bytes(text[:40].replace("\f", " ") + str(len(text))), "resume.docx"))
    values = {"extracted_text": text, "pages": text.count("\f") + 1, "unreadable_pages": 0} | facts
    Document.objects.filter(pk=document.pk).update(**values)
    document.refresh_from_db()
    return document


def read(expert: Expert, text: str = LAWYER, now: Any = NOW, **facts: Any) -> Reading:
    """Send a résumé and have it read, in the real child process."""
    document = send_resume(expert, text, **facts)
    reading = actions.begin_reading(document_id=document.public_id, now=now)
    assert reading is not None
    actions.read_resume(reading_id=reading.pk, now=now)
    reading.refresh_from_db()
    return reading


def read_here(expert: Expert, text: str = LAWYER, **facts: Any) -> Reading:
    """Send a résumé that was read, by the same rules and in this process, which is faster."""
    reading: Reading = Reading.objects.create(
        document=send_resume(expert, text, **facts), expert=expert, state=ReadingOutcome.READ, not_before=NOW,
        queued_at=NOW, job_state=JobState.DONE,
    )  # fmt: skip
    for position, fact in enumerate(read_resume(text, known())):
        suggest(reading, fact.kind, fact.value, position, page=fact.page, line=fact.line, quote=fact.quote)
    return reading


def suggest(reading: Reading, kind: str, value: dict[str, Any], position: int = 0, **facts: Any) -> Suggestion:
    """Write a suggestion as if a reader had made it."""
    values = {
        "page": 1,
        "line": 3,
        "quote": "as it stands there",
        "key": key_of(kind, value),
        "position": position,
    } | facts
    row: Suggestion = Suggestion.objects.create(
        reading=reading, expert=reading.expert, kind=kind, value=value, **values
    )
    return row
