"""Time by hand: adding, correcting and removing entries while the week is open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from payments.ledger.errors import InsufficientFunds
from projects.hiring.models import Contract
from projects.hours.actions import weeks
from projects.hours.actions.funds import ask_for_funds
from projects.hours.enums import LONGEST, EntrySource
from projects.hours.models import TimeEntry
from projects.hours.ranges import whole_second


def add_entry(
    *, contract_id: UUID, by: User, start: datetime, end: datetime, memo: str, zone: str, now: datetime
) -> list[TimeEntry]:
    """
    Write time by hand, where the contract allows it; the lab sees that it was by hand.

    :param start: UTC; with `end` a half-open range, split by the server at Monday 00:00 UTC.
    :raises Invalid: if the range is empty, in the future, longer than 16 hours, or before the contract.
    :raises Refused: if it overlaps other time, exceeds the weekly cap, or the contract takes timers only.
    :raises InsufficientFunds: if the project cannot cover the week; the lab is asked for funds then.
    """
    try:
        return _add(contract_id=contract_id, by=by, start=start, end=end, memo=memo, zone=zone, now=now)
    except InsufficientFunds:
        ask_for_funds(contract_id=contract_id, now=now)
        raise


@transaction.atomic(durable=True)
def _add(
    *, contract_id: UUID, by: User, start: datetime, end: datetime, memo: str, zone: str, now: datetime
) -> list[TimeEntry]:
    contract = weeks.lock_contract(contract_id, by)
    start, end = whole_second(start), whole_second(end)
    if not contract.project.manual_time_allowed:
        raise Refused("This contract takes time from the timer only.")
    _check_range(contract, start, end, by=by, now=now)
    words = _words(memo)
    weeks.refuse_overlap(by, start, end)
    entries = weeks.write_by_hand(contract, start, end, by=by, now=now, memo=words, zone=zone)
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
    Correct an entry within its week. One from the timer whose times are changed becomes one by hand.

    :raises Invalid: as for a new entry.
    :raises Refused: if it would overlap, leave its week, exceed the cap, or lengthen the time of a timer-only contract.
    :raises WrongState: if the entry is gone or its week is closed.
    """
    contract, entry = _locked_entry(entry_id, by)
    start, end = whole_second(start), whole_second(end)
    if not contract.project.manual_time_allowed and (start < entry.during.lower or end > entry.during.upper):
        raise Refused("This contract takes time from the timer only: you can shorten an entry, not lengthen it.")
    _check_range(contract, start, end, by=by, now=now)
    sheet = weeks.open_week(contract, entry.timesheet.period, now=now)
    if clock.period_of(start) != sheet.period or end > clock.ends_at(sheet.period):
        raise Refused("An entry stays in its week. Remove it and add it in the other week.", field="start")
    weeks.refuse_overlap(by, start, end, except_entry=entry.pk)
    weeks.refuse_over_cap(sheet, int((end - start).total_seconds()), now=now, given_back=entry.seconds)
    before = _facts(entry)
    if (start, end) != (entry.during.lower, entry.during.upper):
        entry.source = EntrySource.MANUAL
    entry.during = DateTimeTZRange(start, end)
    entry.idle_seconds = min(entry.idle_seconds, entry.seconds)
    entry.memo = _words(memo)
    entry.save(update_fields=["during", "memo", "source", "idle_seconds"])
    record(what="hours.change_entry", by=by, about=entry, now=now, before=before, after=_facts(entry))
    return entry


@transaction.atomic(durable=True)
def remove_entry(*, entry_id: UUID, by: User, now: datetime) -> None:
    """
    Take an entry out while its week is open; the audit trail keeps what it said.

    :raises WrongState: if the entry is gone or its week is closed.
    """
    contract, entry = _locked_entry(entry_id, by)
    weeks.open_week(contract, entry.timesheet.period, now=now)
    record(what="hours.remove_entry", by=by, about=entry, now=now, before=_facts(entry))
    entry.delete()


def _locked_entry(entry_id: UUID, by: User) -> tuple[Contract, TimeEntry]:
    """Lock the contract of an own entry, and only then read the entry: another window may have changed it."""
    rows = TimeEntry.objects.select_related("timesheet__contract")
    found = rows.filter(public_id=entry_id).first()
    if found is not None and found.user_id != by.pk:
        raise NotAllowed("You can change your own hours only.")
    contract = weeks.lock_contract(found.timesheet.contract.public_id, by) if found is not None else None
    entry: TimeEntry | None = rows.filter(public_id=entry_id).first()
    if contract is None or entry is None:
        raise WrongState("This entry was removed in the meantime.")
    return contract, entry


def _check_range(contract: Contract, start: datetime, end: datetime, *, by: User, now: datetime) -> None:
    if end <= start:
        raise Invalid("The end lies before the start.", field="end")
    if end > now:
        raise Invalid("That lies in the future. Log hours once they are worked.", field="end")
    if end - start > LONGEST:
        raise Invalid("That is more than 16 hours in one piece. Check the times, or split it.", field="end")
    weeks.refuse_outside(contract, start, end, by=by)


def _words(memo: str) -> str:
    words = memo.strip()[:300]
    if not words:
        raise Invalid("Say in a few words what you did: the lab reads it.", field="memo")
    return words


def _facts(entry: TimeEntry) -> dict[str, str]:
    return {"start": entry.during.lower.isoformat(), "end": entry.during.upper.isoformat(), "memo": entry.memo}
