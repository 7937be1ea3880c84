"""Writing questions, assessments and interview guides: edit the draft, publish a version, retire."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from string import Formatter
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import transaction

from experts.assessments import policies
from experts.assessments.enums import AUTHORING_MOVES, PLACEHOLDERS, UNPAID_MINUTES, AuthoringState
from experts.assessments.models import (
    Assessment,
    AssessmentVersion,
    Authored,
    Guide,
    GuideVersion,
    Question,
    QuestionVersion,
)
from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, Invalid, Refused
from marketplace.kernel.states import require_move

A = TypeVar("A", bound=Authored)
VERSIONS: dict[type[Authored], tuple[Any, str]] = {
    Question: (QuestionVersion, "question"),
    Assessment: (AssessmentVersion, "assessment"),
    Guide: (GuideVersion, "guide"),
}


@transaction.atomic(durable=True)
def create_authored(what: type[A], *, field_id: int, draft: dict[str, Any], by: User, now: datetime, **facts: Any) -> A:
    """
    Begin a question, an assessment or a guide. This function will keep it as a draft that no expert meets.

    :param facts: the kind, for a question.
    :raises NotAllowed: if `by` is no vetting staff.
    """
    policies.require_author(by)
    row = what(
        field=Field.objects.get(pk=field_id), draft=draft, created_at=now, changed_at=now, changed_by=by, **facts
    )
    row.save()
    record(what=f"assessments.create_{_noun(row)}", by=by, about=row, now=now, after={"field": row.field.code})
    return row


@transaction.atomic(durable=True)
def save_authored(
    what: type[A], *, public_id: UUID, draft: dict[str, Any], revision: int, by: User, now: datetime
) -> A:
    """
    Save a draft. Published versions stay as they are until the draft is published.

    :param revision: the one the form was opened with.
    :raises Conflict: if somebody else saved meanwhile.
    """
    policies.require_author(by)
    row = _locked(what, public_id)
    if revision != row.draft_revision:
        raise Conflict(
            f"{row.changed_by.get_full_name()} saved this while you wrote. Copy what you have, open the page again, "
            "and put the two together."
        )
    before = row.draft
    row.draft, row.draft_revision, row.changed_at, row.changed_by = draft, revision + 1, now, by
    row.save(update_fields=["draft", "draft_revision", "changed_at", "changed_by"])
    record(what=f"assessments.save_{_noun(row)}", by=by, about=row, now=now, before=before, after=draft)
    return row


@transaction.atomic(durable=True)
def publish_authored(what: type[A], *, public_id: UUID, by: User, now: datetime) -> A:
    """
    Publish the draft as a new version that never changes. Attempts that run keep the version they began with.

    :raises Invalid: if something is missing in the draft.
    :raises Refused: if it says what the current version says.
    """
    policies.require_author(by)
    row = _locked(what, public_id)
    require_move(AUTHORING_MOVES, current=row.state, target=AuthoringState.PUBLISHED, what=_noun(row))
    if row.is_published and not row.has_changes:
        raise Refused("Nothing has changed since the last version, so there is nothing to publish.")
    _require_whole(row)
    if row.has_changes:
        row.current = _new_version(row, by=by, now=now)  # type: ignore[attr-defined]
    before, row.state = row.state, AuthoringState.PUBLISHED
    row.save(update_fields=["state", "current"])
    version = row.current.number  # type: ignore[attr-defined]
    record(what=f"assessments.publish_{_noun(row)}", by=by, about=row, now=now, before={"state": str(before)},
           after={"state": str(row.state), "version": version})  # fmt: skip
    return row


@transaction.atomic(durable=True)
def retire_authored(what: type[A], *, public_id: UUID, by: User, now: datetime) -> A:
    """Take it out of use: nothing draws or asks it any more; what was answered stays and is scored."""
    policies.require_author(by)
    row = _locked(what, public_id)
    require_move(AUTHORING_MOVES, current=row.state, target=AuthoringState.RETIRED, what=_noun(row))
    before, row.state = row.state, AuthoringState.RETIRED
    row.save(update_fields=["state"])
    record(what=f"assessments.retire_{_noun(row)}", by=by, about=row, now=now, before={"state": str(before)})
    return row


def _new_version(row: Authored, *, by: User, now: datetime) -> Any:
    versions, owner = VERSIONS[type(row)]
    last = versions.objects.filter(**{owner: row}).order_by("-number").values_list("number", flat=True).first()
    facts = row.draft | ({"kind": row.kind} if isinstance(row, Question) else {})
    return versions.objects.create(
        **{owner: row}, number=(last or 0) + 1, published_at=now, published_by=by, **facts
    )  # fmt: skip


def _require_whole(row: Authored) -> None:
    draft = row.draft
    if isinstance(row, Question):
        if not draft.get("prompt") or not draft.get("content") or not draft.get("topic"):
            raise Invalid("A question needs a topic, its words and its answers before it can be published.")
        return
    if not draft.get("is_paid") and draft["minutes"] > UNPAID_MINUTES:
        raise Invalid(f"More than {UNPAID_MINUTES} minutes are asked only with pay. Shorten it, or attach pay.")
    if isinstance(row, Assessment):
        _require_pool(row)
    else:
        _require_questions(draft)


def _require_pool(row: Assessment) -> None:
    """Check that every section finds what it draws in the bank of the field."""
    if not row.draft["sections"]:
        raise Invalid("Name at least one topic and how many of its questions are drawn.")
    topics = Question.objects.published().filter(field=row.field).values_list("current__topic", flat=True)
    there = Counter(topics)
    for section in row.draft["sections"]:
        if there[section["topic"]] < section["draw"]:
            raise Invalid(
                f"“{section['topic']}” has {there[section['topic']]} published questions in {row.field.name}, and "
                f"{section['draw']} are to be drawn."
            )


def _require_questions(draft: dict[str, Any]) -> None:
    if not 5 <= len(draft["questions"]) <= 8:
        raise Invalid("A structured interview has 5 to 8 questions.")
    if not draft["criteria"]:
        raise Invalid("Write at least one criterion, so that scorers know what to look for.")
    strange = sorted({name for text in draft["questions"] for name in placeholders_in(text)} - set(PLACEHOLDERS))
    if strange:
        raise Invalid(f"Nothing is known for {{{strange[0]}}}. You may use {', '.join(PLACEHOLDERS)} in braces.")


def placeholders_in(text: str) -> set[str]:
    """
    Return the names in braces.

    :raises Invalid: if a brace is not closed, or holds more than a name.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as strange:
        raise Invalid(f"A brace in “{text[:60]}” is not closed.") from strange
    if any(spec or conversion for _text, _name, spec, conversion in parts):
        raise Invalid(f"Braces in “{text[:60]}” hold more than a name.")
    return {name for _text, name, _spec, _conversion in parts if name is not None}


def _locked(what: type[A], public_id: UUID) -> A:
    rows = what.objects.select_related("field", "changed_by")
    return cast(A, rows.select_for_update(of=("self",), no_key=True).get(public_id=public_id))


def _noun(row: Authored) -> str:
    return VERSIONS[type(row)][1]
