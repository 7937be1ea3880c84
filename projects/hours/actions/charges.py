"""
What a week pays, and the posting that charges it. No action: each step needs the open transaction of its caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import PAY_LINE_NAMESPACE, named_id
from marketplace.kernel.money import RULE_VERSION, fee_on, pay_for_minutes
from marketplace.kernel.states import require_move
from payments.ledger import actions as ledger
from payments.ledger.enums import AccountCode, EntryKind
from projects.hiring.models import ContractVersion
from projects.hiring.queries import version_of_week
from projects.hours.enums import RESERVE_MOVES, PayLineKind, ReserveState
from projects.hours.models import PayLine, TimeEntry, Timesheet, WeeklyReserve
from projects.hours.ranges import seconds_by_day


def lines_of(sheet: Timesheet) -> list[PayLine]:
    """
    Compute what a week pays: per UTC day, whole minutes of that day's seconds, rounded once (design 5.1).

    The version that pays the week is read once the week is locked, so the one that was agreed last before it is in it.
    Pay is round_half_even(minutes x rate / 60), the fee round_half_even(pay x bps / 10000), the charge their sum.
    """
    version = version_of_week(sheet.contract, sheet.period)
    entries = TimeEntry.objects.filter(timesheet=sheet)
    days = seconds_by_day((entry.during.lower, entry.during.upper) for entry in entries)
    return [_line(sheet, version, day, seconds) for day, seconds in sorted(days.items()) if seconds >= 60]


def _line(sheet: Timesheet, version: ContractVersion, day: date, seconds: int) -> PayLine:
    minutes = seconds // 60
    pay = pay_for_minutes(minutes, version.rate_minor)
    fee = fee_on(pay, version.fee_bps)
    return PayLine(
        public_id=named_id(PAY_LINE_NAMESPACE, sheet.contract.public_id, day.isoformat(), PayLineKind.TIME),
        timesheet=sheet,
        version=version,
        day=day,
        seconds=seconds,
        minutes=minutes,
        rate_minor=version.rate_minor,
        fee_bps=version.fee_bps,
        pay_minor=pay,
        fee_minor=fee,
        charge_minor=pay + fee,
        currency=sheet.contract.currency,
        rule=RULE_VERSION,
    )


def charge(sheet: Timesheet, lines: Sequence[PayLine], *, by: Actor, now: datetime) -> None:
    """
    Post each line out of the reserve and give the rest back to the project, in one batch. Call it last.

    :raises InsufficientFunds: if the reserve does not cover the lines; nothing was written then.
    """
    postings = [_approval(sheet, line) for line in lines if line.charge_minor > 0]
    rest = _release_reserve(sheet, sum(line.charge_minor for line in lines), now=now)
    if rest is not None:
        postings.append(rest)
    ledger.post_many(postings, by=by, now=now)


def _approval(sheet: Timesheet, line: PayLine) -> ledger.Posting:
    contract, currency = sheet.contract, sheet.contract.currency
    reserve = ledger.AccountRef(AccountCode.CONTRACT_RESERVE, contract.public_id, currency)
    payable = ledger.AccountRef(AccountCode.EXPERT_PAYABLE, contract.expert.user.public_id, currency)
    fees = ledger.AccountRef(AccountCode.PLATFORM_FEE, None, currency)
    return ledger.Posting(
        key=f"approval:{line.public_id}:{sheet.revision}",
        kind=EntryKind.APPROVAL,
        moves=[ledger.Move(reserve, payable, line.pay_minor), ledger.Move(reserve, fees, line.fee_minor)],
        effective_on=line.day,
        memo=f"{contract.alias} {line.day} {line.minutes} min",
    )


def _release_reserve(sheet: Timesheet, charged_minor: int, *, now: datetime) -> ledger.Posting | None:
    """Mark the week's reserve as released; return the posting that gives back what the week did not use."""
    contract = sheet.contract
    rows = WeeklyReserve.objects.select_for_update(of=("self",), no_key=True)
    held = rows.filter(contract=contract, period=sheet.period, state=ReserveState.HELD).first()
    if held is None:
        return None
    require_move(RESERVE_MOVES, current=held.state, target=ReserveState.RELEASED, what="weekly reserve")
    held.state = ReserveState.RELEASED
    held.released_at = now
    held.save(update_fields=["state", "released_at"])
    rest = held.amount_minor - charged_minor
    if rest <= 0:
        return None
    reserve = ledger.AccountRef(AccountCode.CONTRACT_RESERVE, contract.public_id, contract.currency)
    funds = ledger.AccountRef(AccountCode.PROJECT_FUNDS, contract.project.public_id, contract.currency)
    return ledger.Posting(
        key=f"hold-release:{contract.public_id}:{sheet.period.isoformat()}",
        kind=EntryKind.HOLD_RELEASE,
        moves=[ledger.Move(reserve, funds, rest)],
        effective_on=now.date(),
    )
