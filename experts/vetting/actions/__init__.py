"""What may be done with vetting cases; one file per noun."""

from experts.vetting.actions.appeals import file_appeal, judge_appeal
from experts.vetting.actions.cases import (
    answer_case,
    close_unanswered_cases,
    open_case,
    pass_on_overdue_cases,
    withdraw_case,
)
from experts.vetting.actions.checks import look_again, settle_checked_cases, take_over_parked_checks, work_check
from experts.vetting.actions.claims import claim_case, claim_next_case, keep_claim, release_case, take_over_case
from experts.vetting.actions.decisions import decide_case
from experts.vetting.actions.duplicates import follow_questions
from experts.vetting.actions.opinions import ask_opinion, free_overdue_opinions, give_opinion, withdraw_opinion
from experts.vetting.actions.retries import retry_check
from experts.vetting.actions.screening import decide_hit, screen_due, screen_expert

__all__ = [
    "answer_case",
    "ask_opinion",
    "claim_case",
    "claim_next_case",
    "close_unanswered_cases",
    "decide_case",
    "decide_hit",
    "file_appeal",
    "follow_questions",
    "free_overdue_opinions",
    "give_opinion",
    "judge_appeal",
    "keep_claim",
    "look_again",
    "open_case",
    "pass_on_overdue_cases",
    "release_case",
    "retry_check",
    "screen_due",
    "screen_expert",
    "settle_checked_cases",
    "take_over_case",
    "take_over_parked_checks",
    "withdraw_case",
    "withdraw_opinion",
    "work_check",
]
