"""FIDE id of a chess player."""

from __future__ import annotations

from experts.credentials.checkers.base import CheckOutcome, bare, malformed, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

SOURCE = "FIDE, form of the ids in its rating list"


class FideChecker:
    """Digits only, five to nine; no check digit is known, so only the form can be told."""

    kind = CredentialKind.FIDE

    def normalise(self, number: str) -> str:
        return bare(number)

    def check(self, credential: Credential) -> CheckOutcome:
        number = credential.number
        if not number.isdigit() or not 5 <= len(number) <= 9:
            return malformed("A FIDE id has five to nine digits and nothing else.", SOURCE, is_certain=True)
        return well_formed("Digits only, as in the rating list. The title is looked up by a person.", SOURCE)
