"""Medical licences: the form of the number by state, where we know it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from experts.credentials.checkers.base import CheckOutcome, bare, malformed, untold, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

DATA = Path(__file__).resolve().parent / "licence_formats.json"


@cache
def formats() -> dict[str, dict[str, str]]:
    """Return pattern, words and board by US state. A state without an entry has no form we know."""
    found: dict[str, dict[str, str]] = json.loads(DATA.read_text(encoding="utf-8"))
    return found


class MedicalLicenceChecker:
    """States use forms of their own without check digits, and change them: an odd number is looked at, never refused."""

    kind = CredentialKind.MEDICAL_LICENCE

    def normalise(self, number: str) -> str:
        return bare(number)

    def check(self, credential: Credential) -> CheckOutcome:
        known = formats().get(credential.region) if credential.country == "US" else None
        place = "-".join(part for part in (credential.country, credential.region) if part)
        if known is None:
            return untold(f"No rule is known for the numbers of this board ({place}); a person looks it up.", "")
        source = f"Form of licence numbers in {credential.region}, our table"
        if re.fullmatch(known["pattern"], credential.number):
            return well_formed(f"It has the form used in {credential.region}: {known['form']}.", source)
        return malformed(f"Numbers in {credential.region} usually have {known['form']}. A person compares it.", source)
