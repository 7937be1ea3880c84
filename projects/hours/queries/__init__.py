"""Questions about hours: the week grid, the timer, earnings and payslips, and the lab's side of the same lines."""

from projects.hours.queries.contracts import loggable_contracts, reserve_for, reserve_of, startable_contracts
from projects.hours.queries.grid import GridRow, Week, week_of
from projects.hours.queries.lab import approved_after, hours_waiting, waiting_after, weeks_approved, weeks_to_approve
from projects.hours.queries.pay import Payslip, Purse, WeekPay, earnings_by_week, payslips_of, purses_of
from projects.hours.queries.proofs import lines_off, reserves_off
from projects.hours.queries.timer import CapRow, TimerCard, timer_card, timer_of

__all__ = [
    "CapRow",
    "GridRow",
    "Payslip",
    "Purse",
    "TimerCard",
    "Week",
    "WeekPay",
    "approved_after",
    "earnings_by_week",
    "hours_waiting",
    "lines_off",
    "loggable_contracts",
    "payslips_of",
    "purses_of",
    "reserve_for",
    "reserve_of",
    "reserves_off",
    "startable_contracts",
    "timer_card",
    "timer_of",
    "waiting_after",
    "week_of",
    "weeks_approved",
    "weeks_to_approve",
]
