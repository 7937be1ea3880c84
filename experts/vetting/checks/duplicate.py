"""Whether a number of this person also stands in another account. It opens a question for a person, nothing else."""

from __future__ import annotations

from experts.credentials.models import Credential
from experts.credentials.queries import twins_of
from experts.vetting.checks.base import Finding, needs_person, passed
from experts.vetting.models import Check


def look_for_duplicates(check: Check) -> Finding:
    """Return the other accounts with an equal number, found by keyed hashes. Only staff see whose they are."""
    mine = list(Credential.objects.standing().filter(expert=check.case.expert).exclude(number_hash="").order_by("pk"))
    twins = [
        {
            "credential": credential.label,
            "expert": str(twin.expert.public_id),
            "name": twin.expert.user.get_full_name(),
            "step": twin.step,
        }
        for credential in mine
        for twin in twins_of(credential)
    ]
    if twins:
        return needs_person("A number also stands in another account; a person looks at why.", twins=twins)
    if not mine:
        return passed("No number is declared that could stand in another account.")
    return passed("No number stands in another account.", compared=len(mine))
