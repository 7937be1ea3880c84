"""National Provider Identifier of the United States."""

from __future__ import annotations

from stdnum import luhn

from experts.credentials.checkers.base import CheckOutcome, bare, malformed, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

PREFIX = "80840"  # 80 for health, 840 for the United States; the check digit counts them in.
SOURCE = "CMS, NPI check digit: Luhn with the prefix 80840"


class NpiChecker:
    """Ten digits, the first 1 or 2, the last a Luhn check digit over 80840 and the number (45 CFR 162.406)."""

    kind = CredentialKind.NPI

    def normalise(self, number: str) -> str:
        return bare(number)

    def check(self, credential: Credential) -> CheckOutcome:
        number = credential.number
        if len(number) != 10 or not number.isdigit() or number[0] not in "12":
            return malformed("An NPI has ten digits and begins with 1 or 2.", SOURCE, is_certain=True)
        if not luhn.is_valid(PREFIX + number):
            return malformed(
                "The last digit does not fit the others. Compare the number again.", SOURCE, is_certain=True
            )
        return well_formed(
            "Ten digits and the check digit fit. NPIs are public: this never proves whose it is.", SOURCE
        )
