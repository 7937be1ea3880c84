"""
Whether something of this person also stands in another account. It opens a question for a person, nothing else.

The explanation is read by the expert too, so it never says that there is another account; the evidence is for staff.
"""

from __future__ import annotations

from experts.credentials.models import Credential
from experts.credentials.queries import twins_of
from experts.duplicates.queries import is_settled, questions_about
from experts.vetting.checks.base import Finding, needs_person, passed
from experts.vetting.models import Check

COMPARED = "Numbers, files and the payout account were compared, and nothing is open."


def look_for_duplicates(check: Check) -> Finding:
    """Return what this account has in common with others, by keyed hashes, and whether somebody knows why."""
    expert = check.case.expert
    questions = questions_about(expert.user)
    open_ones = [question for question in questions if not is_settled(question)]
    settled = {
        user for question in questions if is_settled(question) for user in (question.first_id, question.second_id)
    }
    mine = list(Credential.objects.standing().filter(expert=expert).exclude(number_hash="").order_by("pk"))
    twins = [
        {
            "credential": credential.label,
            "expert": str(twin.expert.public_id),
            "name": twin.expert.user.get_full_name(),
            "step": twin.step,
        }
        for credential in mine
        for twin in twins_of(credential)
        if twin.expert.user_id not in settled
    ]
    pairs = [
        {
            "question": str(question.public_id),
            "name": (question.second if question.first_id == expert.user_id else question.first).get_full_name(),
            "kinds": question.kinds,
            "outcome": str(question.get_outcome_display()),
        }
        for question in open_ones
    ]
    if twins or pairs:
        return needs_person("A member of our staff looks at this.", twins=twins, questions=pairs)
    return passed(COMPARED, compared=len(mine))
