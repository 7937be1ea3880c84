"""On which contracts time can be logged, and what a week of one sets aside."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.money import charge_for, pay_for_minutes
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract, ContractVersion
from projects.hiring.queries import version_of_week
from projects.hours.enums import ROUNDING_RESERVE_MINOR, SELF_CORRECTION_HOURS


def startable_contracts(user: User) -> list[Contract]:
    """Return the contracts on which the timer can be started now, the newest first."""
    return list(Contract.objects.of_expert(user).active().with_people().order_by("-pk"))


def loggable_contracts(user: User, now: datetime) -> list[Contract]:
    """
    Return the contracts on which time can be added by hand: those that allow it, and that ran in a week still open.

    A contract that ended is among them until the time for corrections of its last week is over.
    """
    open_since = clock.week_start(now - timedelta(hours=SELF_CORRECTION_HOURS))
    running = ~Q(state=ContractState.ENDED) | Q(ended_at__gt=open_since)
    rows = Contract.objects.of_expert(user).filter(running, project__manual_time_allowed=True)
    return list(rows.with_people().order_by("-pk"))


def reserve_for(contract: Contract, period: date) -> int:
    """Return what a week of this contract reserves, in minor units, by the version that pays that week."""
    return reserve_of(version_of_week(contract, period))


def reserve_of(version: ContractVersion) -> int:
    """Return what a week of this version reserves, in minor units: the charge for the cap plus rounding."""
    pay = pay_for_minutes(version.weekly_cap_minutes, version.rate_minor)
    return charge_for(pay, version.fee_bps) + ROUNDING_RESERVE_MINOR
