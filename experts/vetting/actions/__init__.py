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
from experts.vetting.actions.duplicates import follow_questions
from experts.vetting.actions.screening import decide_hit, screen_due, screen_expert

__all__ = [
    "answer_case",
    "claim_case",
    "close_unanswered_cases",
    "decide_case",
    "decide_hit",
    "follow_questions",
    "look_again",
    "open_case",
    "pass_on_overdue_cases",
    "release_case",
    "screen_due",
    "screen_expert",
    "settle_checked_cases",
    "take_over_parked_checks",
    "withdraw_case",
    "work_check",
]
