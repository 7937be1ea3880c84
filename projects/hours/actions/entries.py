"""Manual entries: adding, correcting and removing them while the week is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, NotAllowed, Refused
from projects.hiring.models import Contract
from projects.hours.actions import weeks
from projects.hours.enums import EntrySource
from projects.hours.models import TimeEntry

LONGEST = timedelta(hours=16)


@transaction.atomic(durable=True)
def add_entry(
    *, contract_id: UUID, by: User, start: datetime, end: datetime, memo: str, zone: str, now: datetime
) -> list[TimeEntry]:
    """
    Write time by hand, where the contract allows it; the lab sees that it was by hand.

    :param start: UTC; with `end` a half-open range, split by the server at Monday 00:00 UTC.
    :raises Invalid: if the range is empty, in the future, longer than 16 hours, or before the contract.
    :raises Refused: if it overlaps other time, exceeds the weekly cap, or the contract takes timers only.
    """
    contract = weeks.lock_contract(contract_id, by)
    if not contract.project.manual_time_allowed:
        raise Refused("This contract takes time from the timer only.")
    _check_range(contract, start, end, now=now)
    if not memo.strip():
        raise Invalid("Say in a few words what you did: the lab reads it.", field="memo")
    weeks.refuse_overlap(by, start, end)
    entries = weeks.write_entries(
        contract, start, end, by=by, now=now, source=EntrySource.MANUAL, memo=memo.strip()[:300], zone=zone
    )
    record(
        what="hours.add_entry", by=by, about=("contract", contract.public_id), now=now,
        after={"start": start.isoformat(), "end": end.isoformat()},
    )  # fmt: skip
    for entry in entries:
        weeks.reserve_week(contract, clock.period_of(entry.during.lower), by=by, now=now)
    return entries


@transaction.atomic(durable=True)
def change_entry(*, entry_id: UUID, by: User, start: datetime, end: datetime, memo: str, now: datetime) -> TimeEntry:
    """
    Correct an entry within its week. An entry from the timer becomes one by hand, because it was changed.

    :raises Refused: if it would overlap, leave its week, or exceed the cap.
    """
    entry = _own_entry(entry_id, by)
    contract = weeks.lock_contract(entry.timesheet.contract.public_id, by)
    if not contract.project.manual_time_allowed and (start < entry.during.lower or end > entry.during.upper):
        raise Refused("This contract takes time from the timer only: you can shorten an entry, not lengthen it.")
    _check_range(contract, start, end, now=now)
    sheet = weeks.open_week(contract, entry.timesheet.period, now=now)
    if clock.period_of(start) != sheet.period or end > clock.ends_at(sheet.period):
        raise Refused("An entry stays in its week. Remove it and add it in the other week.", field="start")
    weeks.refuse_overlap(by, start, end, except_entry=entry.pk)
    before = {"start": entry.during.lower.isoformat(), "end": entry.during.upper.isoformat()}
    left = weeks.version_of(contract).weekly_cap_minutes * 60 - weeks.seconds_used(sheet) + entry.seconds
    if (end - start).total_seconds() > left:
        raise Refused("The weekly limit does not leave that much time.", field="end")
    if (start, end) != (entry.during.lower, entry.during.upper):
        entry.source = EntrySource.MANUAL
    entry.during = DateTimeTZRange(start, end)
    entry.memo = memo.strip()[:300]
    entry.save(update_fields=["during", "memo", "source"])
    after = {"start": start.isoformat(), "end": end.isoformat()}
    record(what="hours.change_entry", by=by, about=entry, now=now, before=before, after=after)
    return entry


@transaction.atomic(durable=True)
def remove_entry(*, entry_id: UUID, by: User, now: datetime) -> None:
    """Take an entry out while its week is open; the audit trail keeps what it said."""
    entry = _own_entry(entry_id, by)
    contract = weeks.lock_contract(entry.timesheet.contract.public_id, by)
    weeks.open_week(contract, entry.timesheet.period, now=now)
    record(
        what="hours.remove_entry", by=by, about=entry, now=now,
        before={"start": entry.during.lower.isoformat(), "end": entry.during.upper.isoformat(), "memo": entry.memo},
    )  # fmt: skip
    entry.delete()


def _own_entry(entry_id: UUID, by: User) -> TimeEntry:
    entry: TimeEntry = TimeEntry.objects.select_related("timesheet__contract").get(public_id=entry_id)
    if entry.user_id != by.pk:
        raise NotAllowed("You can change your own hours only.")
    return entry


def _check_range(contract: Contract, start: datetime, end: datetime, *, now: datetime) -> None:
    if end <= start:
        raise Invalid("The end lies before the start.", field="end")
    if end > now:
        raise Invalid("That lies in the future. Log hours once they are worked.", field="end")
    if end - start > LONGEST:
        raise Invalid("That is more than 16 hours in one piece. Check the times, or split it.", field="end")
    if start < contract.started_at:
        raise Invalid("That lies before the contract began.", field="start")
