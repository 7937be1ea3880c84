"""ORCID iD."""

from __future__ import annotations

from stdnum.iso7064 import mod_11_2

from experts.credentials.checkers.base import CheckOutcome, bare, malformed, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

SOURCE = "ORCID, ISO/IEC 7064 MOD 11-2"


class OrcidChecker:
    """Sixteen characters, the last a check character that may be X; people also paste the whole address."""

    kind = CredentialKind.ORCID

    def normalise(self, number: str) -> str:
        sixteen = bare(number.rstrip("/").rpartition("/")[2])
        return "-".join(sixteen[at : at + 4] for at in range(0, len(sixteen), 4))

    def check(self, credential: Credential) -> CheckOutcome:
        number = credential.number.replace("-", "")
        if len(number) != 16 or not number[:15].isdigit():
            return malformed(
                "An ORCID iD has sixteen characters, such as 0000-0002-1825-0097.", SOURCE, is_certain=True
            )
        if not mod_11_2.is_valid(number):
            return malformed(
                "The last character does not fit the others. Compare the iD again.", SOURCE, is_certain=True
            )
        return well_formed("Sixteen characters and the check character fit. This never proves whose iD it is.", SOURCE)
