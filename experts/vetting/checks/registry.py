"""What the newest imported register says of a credential. The credential itself was moved by then, or was not."""

from __future__ import annotations

from experts.credentials.enums import REGISTER_OF_KIND, ComparisonOutcome
from experts.credentials.queries import compared_with_register
from experts.registries.enums import SHORT_NAMES
from experts.vetting.checks.base import Finding, attention, needs_person, passed
from experts.vetting.models import Check


def look_into_registry(check: Check) -> Finding:
    """Return the comparison of name and number with the register, with the entry's facts."""
    credential = check.credential
    if credential is None or credential.withdrawn_at is not None:
        return attention("The expert withdrew it.")
    comparison = compared_with_register(credential)
    if comparison is None:
        name = SHORT_NAMES[REGISTER_OF_KIND[credential.kind]]
        return needs_person(f"The {name} has not been imported yet; a person looks it up at its source.")
    evidence = {"list": str(comparison.seen_in), "outcome": comparison.outcome, "entry": comparison.evidence}
    if comparison.outcome == ComparisonOutcome.MATCHED:
        return passed(comparison.explanation, **evidence)
    if comparison.outcome == ComparisonOutcome.GONE:
        return attention(comparison.explanation, **evidence)
    return needs_person(comparison.explanation, **evidence)
