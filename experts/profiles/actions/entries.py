"""Work, education and conflicts of interest: each a row of its own, written one at a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from experts.profiles import policies
from experts.profiles.models import Conflict, EducationEntry, Expert, WorkEntry
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, Refused

MOST_ENTRIES = 20
EARLIEST_YEAR = 1930


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """A job: months by their first day, no last one while it goes on."""

    title: str
    organisation: str
    from_month: date
    to_month: date | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class EducationFacts:
    """A course of study with its degree, its subject, or both."""

    school: str
    degree: str
    subject: str
    from_month: date
    to_month: date | None = None


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """An organisation whose data the person may not see; the months are told when they are known."""

    organisation: str
    from_month: date | None = None
    to_month: date | None = None
    note: str = ""


Facts = WorkFacts | EducationFacts | ConflictFacts
Entry = WorkEntry | EducationEntry | Conflict
TABLES: dict[type[Facts], type[Any]] = {
    WorkFacts: WorkEntry,
    EducationFacts: EducationEntry,
    ConflictFacts: Conflict,
}
NEEDED = {WorkFacts: ("title", "organisation"), EducationFacts: ("school",), ConflictFacts: ("organisation",)}


@transaction.atomic(durable=True)
def add_entry(*, expert_id: UUID, facts: Facts, by: User, now: datetime) -> Entry:
    """
    Write a job, a course of study or a conflict into the profile; the kind is that of the facts.

    :raises NotAllowed: if it is not their own profile.
    :raises Invalid: if the months make no sense, or a needed word is missing.
    :raises Refused: if there are too many already.
    """
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    return write_entry(expert, facts, by=by, now=now)


def write_entry(expert: Expert, facts: Facts, *, by: User, now: datetime) -> Entry:
    """Do what `add_entry` does as a part of another action, which has locked the expert. Needs an open transaction."""
    policies.require_own_profile(by, expert)
    table = TABLES[type(facts)]
    cleaned = _clean(expert, facts, now=now)
    if table.objects.filter(expert=expert).count() >= MOST_ENTRIES:
        raise Refused(f"A profile holds at most {MOST_ENTRIES} of these. Keep the ones that matter.")
    entry: Entry = table.objects.create(expert=expert, **cleaned)
    _changed(expert, "add_entry", entry, by=by, now=now)
    return entry


@transaction.atomic(durable=True)
def edit_entry(*, entry_id: UUID, facts: Facts, by: User, now: datetime) -> Entry:
    """
    Correct a job, a course of study or a conflict.

    :raises NotAllowed: if it is not their own profile.
    :raises Invalid: if the months make no sense, or a needed word is missing.
    """
    table = TABLES[type(facts)]
    expert = _lock_expert_of(table, entry_id, by)
    entry: Entry = table.objects.select_for_update(of=("self",), no_key=True).get(public_id=entry_id)
    for name, value in _clean(expert, facts, now=now, but=entry.pk).items():
        setattr(entry, name, value)
    entry.save()
    _changed(expert, "edit_entry", entry, by=by, now=now)
    return entry


@transaction.atomic(durable=True)
def remove_entry(*, entry_id: UUID, kind: type[Entry], by: User, now: datetime) -> None:
    """
    Take a job, a course of study or a conflict out of the profile.

    :raises NotAllowed: if it is not their own profile.
    """
    expert = _lock_expert_of(kind, entry_id, by)
    entry: Entry = kind.objects.select_for_update(of=("self",), no_key=True).get(public_id=entry_id)
    _changed(expert, "remove_entry", entry, by=by, now=now)
    entry.delete()


def _lock_expert_of(table: type[Any], entry_id: UUID, by: User) -> Expert:
    owner = table.objects.values_list("expert_id", flat=True).get(public_id=entry_id)
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(pk=owner)
    policies.require_own_profile(by, expert)
    return expert


def _changed(expert: Expert, what: str, entry: Entry, *, by: User, now: datetime) -> None:
    expert.updated_at = now
    expert.save(update_fields=["updated_at"])
    # What was written is personal, so the trail keeps only which kind of entry it was.
    record(what=f"profiles.{what}", by=by, about=expert, now=now, after={"kind": entry._meta.model_name})


def _clean(expert: Expert, facts: Facts, *, now: datetime, but: int | None = None) -> dict[str, Any]:
    """Return the columns of the facts, texts without doubled spaces, months as their first day."""
    texts = {name: " ".join(value.split()) for name, value in asdict(facts).items() if isinstance(value, str)}
    for name in NEEDED[type(facts)]:
        if not texts[name]:
            raise Invalid("This is needed.", field=name)
    columns = TABLES[type(facts)]._meta
    for name, text in texts.items():
        if len(text) > (most := columns.get_field(name).max_length):
            raise Invalid(f"At most {most} characters.", field=name)
    if isinstance(facts, EducationFacts) and not texts["degree"] and not texts["subject"]:
        raise Invalid("Name the degree, the subject, or both.", field="degree")
    if isinstance(facts, ConflictFacts):
        others = Conflict.objects.filter(expert=expert).exclude(pk__in=[] if but is None else [but])
        if others.filter(organisation__iexact=texts["organisation"]).exists():
            raise Invalid("This organisation is in your list already.", field="organisation")
    return texts | _months(facts, now=now)


def _months(facts: Facts, *, now: datetime) -> dict[str, date | None]:
    begin, end = (month and month.replace(day=1) for month in (facts.from_month, facts.to_month))
    this_month = now.date().replace(day=1)
    for name, month in (("from_month", begin), ("to_month", end)):
        if month and month.year < EARLIEST_YEAR:
            raise Invalid(f"A year from {EARLIEST_YEAR} on.", field=name)
    if begin and begin > this_month and not isinstance(facts, ConflictFacts):
        raise Invalid("That month has not come yet.", field="from_month")
    if end and end > this_month and isinstance(facts, WorkFacts):
        raise Invalid("That month has not come yet. Leave it out while the work goes on.", field="to_month")
    if begin and end and end < begin:
        raise Invalid("It ends before it begins.", field="to_month")
    return {"from_month": begin, "to_month": end}
