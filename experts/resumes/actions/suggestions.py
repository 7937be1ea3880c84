"""What of a résumé goes into the profile: decided by its owner, one by one or a section at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from experts.credentials.actions import write_declaration
from experts.profiles.actions import AboutYou, EducationFacts, WorkFacts, write_entry, write_profile
from experts.profiles.models import Expert, Field
from experts.resumes import policies
from experts.resumes.enums import SUGGESTION_MOVES, SuggestionKind, SuggestionState
from experts.resumes.models import Suggestion
from experts.resumes.queries import is_known_to, missing_in
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, Refused
from marketplace.kernel.states import require_move


@transaction.atomic(durable=True)
def accept_suggestion(
    *, suggestion_id: UUID, by: User, now: datetime, changed: Mapping[str, Any] | None = None
) -> Suggestion:
    """
    Write a fact of a résumé into the profile, by the rules that hold for what people type themselves.

    :param changed: the values that the person put right or added before accepting.
    :raises NotAllowed: if it is somebody else's.
    :raises WrongState: if it was decided already.
    :raises Invalid: if the résumé leaves something open that was not added, or a value is out of range.
    """
    expert, suggestion = _locked(suggestion_id, by)
    if changed:
        suggestion.value = {**suggestion.value, **changed}
    _accept(suggestion, expert, by=by, now=now)
    return suggestion


@transaction.atomic(durable=True)
def accept_section(*, expert_id: UUID, section: str, by: User, now: datetime) -> int:
    """
    Accept everything of a section that waits and leaves nothing open; return how many. All of it or, when one is refused,
    nothing.

    :raises Refused: with what is wrong, and with which.
    """
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    policies.require_owner(by, expert)
    rows = Suggestion.objects.select_for_update(of=("self",), no_key=True).filter(expert=expert)
    ready = [row for row in rows.proposed().of_section(section).order_by("pk") if not missing_in(row.kind, row.value)]
    for suggestion in ready:
        try:
            _accept(suggestion, expert, by=by, now=now)
        except Refused as refused:
            raise Refused(f"“{suggestion.quote[:60]}” cannot be accepted. {refused.sentence}") from refused
    return len(ready)


@transaction.atomic(durable=True)
def dismiss_suggestion(*, suggestion_id: UUID, by: User, now: datetime) -> Suggestion:
    """
    Say that a fact is not wanted in the profile. This function will keep it from being suggested again.

    :raises WrongState: if it was decided already.
    """
    _expert, suggestion = _locked(suggestion_id, by)
    require_move(
        SUGGESTION_MOVES, current=suggestion.state, target=SuggestionState.DISMISSED, what="suggestion"
    )  # fmt: skip
    suggestion.state, suggestion.decided_at = SuggestionState.DISMISSED, now
    suggestion.save(update_fields=["state", "decided_at"])
    record(what="resumes.dismiss_suggestion", by=by, about=suggestion, now=now, after={"kind": suggestion.kind})
    return suggestion


@transaction.atomic(durable=True)
def restore_suggestion(*, suggestion_id: UUID, by: User, now: datetime) -> Suggestion:
    """
    Take a dismissal back.

    :raises WrongState: if it was accepted: then the profile is the place to change it.
    """
    _expert, suggestion = _locked(suggestion_id, by)
    require_move(SUGGESTION_MOVES, current=suggestion.state, target=SuggestionState.PROPOSED, what="suggestion")
    suggestion.state, suggestion.decided_at = SuggestionState.PROPOSED, None
    suggestion.save(update_fields=["state", "decided_at"])
    record(what="resumes.restore_suggestion", by=by, about=suggestion, now=now, after={"kind": suggestion.kind})
    return suggestion


def _locked(suggestion_id: UUID, by: User) -> tuple[Expert, Suggestion]:
    owner = Suggestion.objects.values_list("expert_id", flat=True).get(public_id=suggestion_id)
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(pk=owner)
    policies.require_owner(by, expert)
    suggestion: Suggestion = Suggestion.objects.select_for_update(of=("self",), no_key=True).get(
        public_id=suggestion_id
    )
    return expert, suggestion


def _accept(suggestion: Suggestion, expert: Expert, *, by: User, now: datetime) -> None:
    kind, value = suggestion.kind, suggestion.value
    require_move(
        SUGGESTION_MOVES, current=suggestion.state, target=SuggestionState.ACCEPTED, what="suggestion"
    )  # fmt: skip
    if missing_in(kind, value):
        raise Invalid("Your résumé leaves something open here. Add it before you accept.")
    is_own_word = kind in {SuggestionKind.HEADLINE, SuggestionKind.YEARS}  # who accepts one replaces what stands there
    if is_own_word or not is_known_to(expert)(kind, value):
        _write(kind, value, expert, by=by, now=now)
    suggestion.state, suggestion.decided_at = SuggestionState.ACCEPTED, now
    suggestion.save(update_fields=["state", "decided_at", "value"])
    record(what="resumes.accept_suggestion", by=by, about=suggestion, now=now, after={"kind": kind})


def _write(kind: str, value: dict[str, Any], expert: Expert, *, by: User, now: datetime) -> None:
    """Write one fact where its kind belongs."""
    if kind in {SuggestionKind.HEADLINE, SuggestionKind.YEARS}:
        about = AboutYou(
            headline=value["text"] if kind == SuggestionKind.HEADLINE else expert.headline,
            about=expert.about,
            country=expert.country,
            years_experience=value["years"] if kind == SuggestionKind.YEARS else expert.years_experience,
        )
        write_profile(expert, by=by, now=now, about=about)
    elif kind == SuggestionKind.FIELD:
        field = Field.objects.offered().filter(code=value["code"]).first()
        if field is None:
            raise Refused("This field is no longer in our list.")
        years = dict(expert.field_entries.values_list("field_id", "years"))
        write_profile(expert, by=by, now=now, fields={**years, field.pk: value.get("years") or 0})
    elif kind == SuggestionKind.LANGUAGE:
        levels = dict(expert.languages.values_list("code", "level"))
        write_profile(expert, by=by, now=now, languages={**levels, value["code"]: value["level"]})
    elif kind == SuggestionKind.CREDENTIAL:
        write_declaration(expert, value["kind"], by=by, now=now, number=value["number"])
    else:
        write_entry(expert, _entry_of(kind, value), by=by, now=now)


def _entry_of(kind: str, value: dict[str, Any]) -> WorkFacts | EducationFacts:
    begin, end = _month(value["begin"]), None if value["goes_on"] else _month(value["end"])
    assert begin is not None  # noqa: S101 -- what is missing was asked for before
    if kind == SuggestionKind.WORK:
        return WorkFacts(value["title"], value["organisation"], begin, end)
    return EducationFacts(value["school"], value["degree"], value["subject"], begin, end)


def _month(text: str) -> date | None:
    return date(int(text[:4]), int(text[5:7]), 1) if text else None
