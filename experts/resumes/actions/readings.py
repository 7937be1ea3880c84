"""Reading a résumé as a durable job: in the limited child process, then each new fact as a suggestion of its own."""

from __future__ import annotations

import io
import json
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.inspection.runner import confined
from experts.credentials.models import Document
from experts.credentials.queries import current_resume
from experts.profiles.models import Expert, Field
from experts.profiles.queries import languages, plain
from experts.resumes import tasks
from experts.resumes.enums import MOST_SUGGESTIONS, READING_MOVES, ReadingOutcome, SuggestionKind, SuggestionState
from experts.resumes.models import Reading, ReadingQuerySet, Suggestion
from experts.resumes.queries import is_known_to, key_of, unread_resumes
from marketplace.kernel.jobs import finish, perform
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify

logger = logging.getLogger(__name__)
PAGE = "/me/resume/"
MOST_LINE = 32_000
MOST_AT_ONCE = 50
Facts = list[dict[str, Any]]


@transaction.atomic(durable=True)
def begin_reading(*, document_id: UUID, now: datetime) -> Reading | None:
    """
    Have a résumé read. Right when told twice: a résumé is read once. This function will do nothing for a file that is
    gone, that was refused, or that a newer résumé has replaced.
    """
    rows = Document.objects.without_text().select_for_update(of=("self",), no_key=True)
    document: Document | None = rows.filter(public_id=document_id, kind=DocumentKind.RESUME).first()
    if document is None or document.state != DocumentState.CLEAN or current_resume(document.expert) != document:
        return None
    reading, is_new = Reading.objects.get_or_create(
        document=document, defaults={"expert": document.expert, "not_before": now, "queued_at": now}
    )
    if is_new:
        tasks.read_resume.delay_on_commit(reading_id=str(reading.pk))
    return reading


def begin_missing_readings(*, now: datetime) -> int:
    """
    Begin the readings that no event began: of a résumé that counts again because the newer one was refused, and of those
    that were here before résumés were read. Return how many. Run by a sweep.
    """
    ids = list(unread_resumes().values_list("public_id", flat=True)[:MOST_AT_ONCE])
    return each(
        ids, lambda key: begin_reading(document_id=key, now=now) is not None, sweep="resumes.missing_readings"
    )  # fmt: skip


def read_resume(*, reading_id: int, now: datetime) -> None:
    """Read one résumé. Right when run twice, late, or after a crash; a résumé that was deleted is gone and nothing is done."""

    def work(reading: Reading) -> None:
        outcome, facts = _read(reading.document, now=now)
        _record(Reading.objects.held(by=reading), outcome, facts, now=now)

    perform(Reading.objects.select_related("document__expert__user"), pk=reading_id, now=now, work=work)


def _read(document: Document, *, now: datetime) -> tuple[ReadingOutcome, Facts]:
    """Return what the child says of the text. It gets the vocabulary along, because it can ask nobody."""
    if not document.extracted_text.strip():
        return ReadingOutcome.NO_TEXT, []
    fields = Field.objects.offered().select_related("parent")
    job = {
        "text": document.extracted_text,
        "name": document.expert.user.get_full_name(),
        "fields": [{"code": field.code, "name": field.name, "parent": field.parent.code if field.parent else "",
                    "words": [plain(word) for word in (field.name, *field.synonyms)]} for field in fields],
        "languages": languages(),
        "today": now.date().isoformat(),
    }  # fmt: skip
    said, ended = confined("experts.resumes.reading", [], io.BytesIO(json.dumps(job).encode()))
    try:
        return ReadingOutcome.READ, [_checked(fact) for fact in json.loads(said)[:MOST_SUGGESTIONS]]
    except (ValueError, TypeError, KeyError):
        logger.warning("reading.child_failed", extra={"returncode": ended})
        return ReadingOutcome.FAILED, []


def _checked(fact: dict[str, Any]) -> dict[str, Any]:
    """
    Return a fact as the child tells it.

    :raises ValueError: if it is none.
    """
    if fact["kind"] not in SuggestionKind.values or not isinstance(fact["value"], dict) or not fact["quote"].strip():
        raise ValueError("That is not a fact.")
    places = {name: min(max(int(fact[name]), 1), MOST_LINE) for name in ("page", "line")}
    return {"kind": fact["kind"], "value": fact["value"], "quote": fact["quote"][:300], **places,
            "key": key_of(fact["kind"], fact["value"])}  # fmt: skip


@transaction.atomic(durable=True)
def _record(one: ReadingQuerySet, outcome: ReadingOutcome, facts: Facts, *, now: datetime) -> None:
    """
    Write down what was read. What is open of an older résumé ends; what the profile says already, and what was decided
    before, is not suggested again.
    """
    found: Reading | None = one.first()
    if found is None:
        return
    # The file is locked first: whoever deletes it deletes what was read with it, either all of it or before any of it.
    documents = Document.objects.without_text().select_for_update(of=("self",), no_key=True)
    document: Document | None = documents.filter(pk=found.document_id).first()
    experts = Expert.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    expert: Expert = experts.get(pk=found.expert_id)
    reading: Reading | None = one.select_for_update(of=("self",), no_key=True).first()
    if document is None or reading is None:
        return
    require_move(READING_MOVES, current=reading.state, target=outcome, what="reading")
    reading.state = outcome
    reading.save(update_fields=["state"])
    finish(reading, now=now)
    if current_resume(expert) != document:
        return  # a newer one was sent meanwhile, and has a reading of its own
    Suggestion.objects.filter(expert=expert).exclude(reading=reading).proposed().delete()
    made = _suggest(reading, expert, facts)
    if made:
        notify(
            user=expert.user, kind="credentials", now=now, path=PAGE, button="Look through them",
            title=f"Your résumé was read: {made} suggestion{'s' if made != 1 else ''} for your profile",
            body="Each shows the line it comes from. Nothing goes into your profile unless you accept it.",
        )  # fmt: skip


def _suggest(reading: Reading, expert: Expert, facts: Facts) -> int:
    is_known = is_known_to(expert)
    settled = set(
        Suggestion.objects.filter(expert=expert).exclude(state=SuggestionState.PROPOSED).values_list("kind", "key")
    )
    rows: dict[tuple[str, str], Suggestion] = {}
    for position, fact in enumerate(facts):
        same = (fact["kind"], fact["key"])
        if same not in settled and same not in rows and not is_known(fact["kind"], fact["value"]):
            rows[same] = Suggestion(reading=reading, expert=expert, position=position, **fact)
    Suggestion.objects.bulk_create(rows.values())
    return len(rows)
