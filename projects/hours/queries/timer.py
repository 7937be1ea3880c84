"""The timer as its card shows it: how long it runs, how much of the week is used, and whether anybody is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marketplace.accounts.models import User
from marketplace.kernel import clock
from projects.hiring.models import Contract, ContractVersion
from projects.hiring.queries import versions_of_week
from projects.hours.enums import AWAY_AFTER, IDLE_AFTER, WARN_AT
from projects.hours.models import TimeEntry, Timer, WeeklyReserve
from projects.hours.queries.contracts import reserve_of, startable_contracts


@dataclass(frozen=True, slots=True)
class CapRow:
    """A contract with the seconds of this week that its entries hold, and those that its cap allows."""

    contract: Contract
    used_seconds: int
    cap_seconds: int

    @property
    def warns_at(self) -> list[int]:
        """The seconds at which the running timer warns."""
        return [self.cap_seconds * percent // 100 for percent in WARN_AT]


@dataclass(frozen=True, slots=True)
class TimerCard:
    """Everything the timer's card says."""

    timer: Timer | None
    now: datetime
    caps: list[CapRow]
    running: CapRow | None = None
    reserve_minor: int = 0

    @property
    def elapsed_seconds(self) -> int:
        return max(0, int((self.now - self.timer.started_at).total_seconds())) if self.timer else 0

    @property
    def elapsed_text(self) -> str:
        """ "0:42:10", as static/js/timer.js goes on counting."""
        minutes, seconds = divmod(self.elapsed_seconds, 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"

    @property
    def used_seconds(self) -> int:
        """Entries of this week and what the timer has run in it."""
        if self.timer is None or self.running is None:
            return 0
        in_week = self.now - max(self.timer.started_at, clock.week_start(self.now))
        return self.running.used_seconds + max(0, int(in_week.total_seconds()))

    @property
    def warned_at(self) -> int:
        """Percent of the cap at which the timer has warned last; 0 before the first time."""
        cap = self.running.cap_seconds if self.running else 0
        return max([percent for percent in WARN_AT if self.used_seconds * 100 >= cap * percent], default=0)

    @property
    def left_seconds(self) -> int:
        """What the cap still allows this week."""
        return max(0, self.running.cap_seconds - self.used_seconds) if self.running else 0

    @property
    def full_at(self) -> datetime | None:
        """When the weekly limit stops the timer, or the week ends."""
        if self.running is None:
            return None
        return min(self.now + timedelta(seconds=self.left_seconds), clock.ends_at(clock.period_of(self.now)))

    @property
    def asks(self) -> bool:
        """Whether nothing was heard for so long that the card asks if the person still works."""
        return self.timer is not None and self.timer.heartbeat_at + IDLE_AFTER <= self.now

    @property
    def stops_at(self) -> datetime | None:
        """When the question goes unanswered for too long."""
        return self.timer.heartbeat_at + AWAY_AFTER if self.timer else None


def timer_of(user: User) -> Timer | None:
    """Return the running timer of a person, with its contract."""
    found: Timer | None = (
        Timer.objects.filter(user=user).select_related("contract__project__lab", "contract__current_version").first()
    )
    return found


def timer_card(user: User, now: datetime) -> TimerCard:
    """Return the card of a person's timer, by five queries at most."""
    period = clock.period_of(now)
    timer = timer_of(user)
    contracts = [timer.contract] if timer else startable_contracts(user)
    used = TimeEntry.objects.of_expert(user).filter(timesheet__period=period).seconds_by_contract()
    versions = versions_of_week(contracts, period) if contracts else {}
    caps = [CapRow(row, used.get(row.pk, 0), versions[row.pk].weekly_cap_minutes * 60) for row in contracts]
    if timer is None:
        return TimerCard(None, now, caps)
    return TimerCard(timer, now, caps, running=caps[0], reserve_minor=_reserved(versions[timer.contract_id], period))


def _reserved(version: ContractVersion, period: date) -> int:
    rows = WeeklyReserve.objects.filter(contract=version.contract_id, period=period)
    held = rows.values_list("amount_minor", flat=True).first()
    return held if held is not None else reserve_of(version)
