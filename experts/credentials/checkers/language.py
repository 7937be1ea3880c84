"""Language certificates: whether language and level are named in the words of the Common European Framework."""

from __future__ import annotations

import re

from experts.credentials.checkers.base import CheckOutcome, untold
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

LEVEL = re.compile(r"(?<![A-Za-z0-9])([ABC][12])(?![0-9A-Za-z])", re.IGNORECASE)


class LanguageChecker:
    """Certificates have numbers of their examiners' own, of which no form is known; only the level can be read."""

    kind = CredentialKind.LANGUAGE_CERTIFICATE

    def normalise(self, number: str) -> str:
        return " ".join(number.split())

    def check(self, credential: Credential) -> CheckOutcome:
        found = LEVEL.search(credential.title)
        if found is None:
            return untold("It names no CEFR level from A1 to C2; a person reads the certificate.", "")
        words = (
            f"It names the CEFR level {found.group(1).upper()}. No form of such numbers is known; a person looks at it."
        )
        return untold(words, "")
