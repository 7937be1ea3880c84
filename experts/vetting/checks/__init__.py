"""
What Celery looks into for a case: one small module for each kind of check, registered here.

A finding says what is so, in words people can read, with its evidence. It never decides: staff do.
"""

from collections.abc import Callable

from experts.vetting.checks.assessment import look_at_assessments
from experts.vetting.checks.base import Finding, NotYet
from experts.vetting.checks.credential import look_at_credential
from experts.vetting.checks.duplicate import look_for_duplicates
from experts.vetting.checks.interview import look_at_interview
from experts.vetting.checks.profile import look_at_profile
from experts.vetting.checks.registry import look_into_registry
from experts.vetting.checks.resume import look_at_resume
from experts.vetting.checks.sanctions import look_at_sanctions
from experts.vetting.enums import CheckKind
from experts.vetting.models import Check

registered: dict[str, Callable[[Check], Finding]] = {
    CheckKind.PROFILE: look_at_profile,
    CheckKind.RESUME: look_at_resume,
    CheckKind.CREDENTIAL: look_at_credential,
    CheckKind.REGISTRY: look_into_registry,
    CheckKind.SANCTIONS: look_at_sanctions,
    CheckKind.DUPLICATE: look_for_duplicates,
    CheckKind.ASSESSMENT: look_at_assessments,
    CheckKind.INTERVIEW: look_at_interview,
}


def find(check: Check) -> Finding:
    """
    Return what the check finds. Reads, and changes nothing.

    :raises NotYet: if something it looks at is itself still being worked on.
    """
    return registered[check.kind](check)


__all__ = ["Finding", "NotYet", "find", "registered"]
