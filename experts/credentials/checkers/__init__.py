"""
What code can check alone: one small class for each kind of number, registered here.

A checker says whether a number is well formed, and from where it knows. It never says whose number it is.
"""

from experts.credentials.checkers.bar import BarChecker
from experts.credentials.checkers.base import Checker, CheckOutcome, Unchecked
from experts.credentials.checkers.fide import FideChecker
from experts.credentials.checkers.github import GithubChecker
from experts.credentials.checkers.language import LanguageChecker
from experts.credentials.checkers.licence import MedicalLicenceChecker
from experts.credentials.checkers.npi import NpiChecker
from experts.credentials.checkers.orcid import OrcidChecker
from experts.credentials.checkers.published import PublishedWorkChecker

registered: dict[str, Checker] = {}


def register(*checkers: Checker) -> None:
    """Add checkers; a later one for the same kind takes the place of an earlier one."""
    registered.update({str(checker.kind): checker for checker in checkers})


def checker_for(kind: str) -> Checker:
    """Return the checker of a kind; kinds that no code can check get one that says so."""
    return registered.get(str(kind)) or Unchecked(str(kind))


register(
    NpiChecker(), OrcidChecker(), MedicalLicenceChecker(), FideChecker(), BarChecker(), GithubChecker(),
    PublishedWorkChecker(), LanguageChecker(),
)  # fmt: skip

__all__ = ["CheckOutcome", "Checker", "checker_for", "register", "registered"]
