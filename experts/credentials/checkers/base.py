"""What a checker is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from experts.credentials.enums import LadderStep
from experts.credentials.models import Credential


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """
    What a checker found: the step the credential may stand at by it, and why.

    `ok` is True for well formed, False for not, None when no code can tell. `is_certain` marks a wrong number that can
    only be a slip of the hand, so that it is sent back at once.
    """

    step: LadderStep
    ok: bool | None
    explanation: str
    source: str
    is_certain: bool = False


class Checker(Protocol):
    """One kind of number."""

    @property
    def kind(self) -> str:
        """Which kind of credential it is for."""

    def normalise(self, number: str) -> str:
        """Return the number in the one way in which it is kept, hashed and compared."""

    def check(self, credential: Credential) -> CheckOutcome:
        """Look at the number as it was normalised. Must not read or write anything else."""


def bare(number: str) -> str:
    """Return the number in capitals without blanks and separators; full-width and other odd digits become plain."""
    letters = number.strip().upper()
    plain = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in letters)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def well_formed(explanation: str, source: str) -> CheckOutcome:
    return CheckOutcome(step=LadderStep.FORMAT_VALID, ok=True, explanation=explanation, source=source)


def malformed(explanation: str, source: str, *, is_certain: bool = False) -> CheckOutcome:
    return CheckOutcome(
        step=LadderStep.DECLARED, ok=False, explanation=explanation, source=source, is_certain=is_certain
    )


def untold(explanation: str, source: str) -> CheckOutcome:
    return CheckOutcome(step=LadderStep.DECLARED, ok=None, explanation=explanation, source=source)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """For kinds that have no number, or one without a known form."""

    kind: str

    def normalise(self, number: str) -> str:
        return " ".join(number.split())

    def check(self, credential: Credential) -> CheckOutcome:
        return untold("No program can check this; a person looks at it.", "")
