"""Questions about what people have earned."""

from projects.standing.queries.certificates import (
    Shown,
    certificate_for,
    certificates_of,
    fallen,
    found_certificates,
    found_pages,
    latest_of,
    places_taken,
    revocation_list,
    shown_certificate,
    status_list_url,
    verify_url,
)
from projects.standing.queries.facts import credentials_to_name, facts_of, fields_with_work
from projects.standing.queries.proofs import purses_off, rewards_off
from projects.standing.queries.referrals import (
    Earned,
    doubts_about,
    earned_by,
    lines_to_reward,
    referrals_of,
    referrals_waiting,
    referrals_with_lines,
    rewards_to_take_back,
    to_question,
)

__all__ = [
    "Earned",
    "Shown",
    "certificate_for",
    "certificates_of",
    "credentials_to_name",
    "doubts_about",
    "earned_by",
    "facts_of",
    "fallen",
    "fields_with_work",
    "found_certificates",
    "found_pages",
    "latest_of",
    "lines_to_reward",
    "places_taken",
    "purses_off",
    "referrals_of",
    "referrals_waiting",
    "referrals_with_lines",
    "revocation_list",
    "rewards_off",
    "rewards_to_take_back",
    "shown_certificate",
    "status_list_url",
    "to_question",
    "verify_url",
]
