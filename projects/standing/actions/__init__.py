"""What can be done with certificates and referrals."""

from projects.standing.actions.certificates import (
    erase_certificates,
    follow_credentials,
    issue_certificate,
    revoke_certificate,
)
from projects.standing.actions.referrals import decide_referral, open_link, question_referrals, register_referral
from projects.standing.actions.rewards import book_rewards, take_back_rewards

__all__ = [
    "book_rewards",
    "decide_referral",
    "erase_certificates",
    "follow_credentials",
    "issue_certificate",
    "open_link",
    "question_referrals",
    "register_referral",
    "revoke_certificate",
    "take_back_rewards",
]
