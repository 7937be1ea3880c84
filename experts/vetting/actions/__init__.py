"""What may be done with vetting cases; one file per noun."""

from experts.vetting.actions.cases import (
    answer_case,
    claim_case,
    close_unanswered_cases,
    open_case,
    pass_on_overdue_cases,
    release_case,
    withdraw_case,
)
from experts.vetting.actions.checks import look_again, settle_checked_cases, take_over_parked_checks, work_check
from experts.vetting.actions.decisions import decide_case

__all__ = [
    "answer_case",
    "claim_case",
    "close_unanswered_cases",
    "decide_case",
    "look_again",
    "open_case",
    "pass_on_overdue_cases",
    "release_case",
    "settle_checked_cases",
    "take_over_parked_checks",
    "withdraw_case",
    "work_check",
]
