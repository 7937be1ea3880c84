"""Bar admissions: the form of the number, where a bar is known to give numbers of one form."""

from __future__ import annotations

import re

from experts.credentials.checkers.base import CheckOutcome, bare, malformed, untold, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

FORMS = {"CA": (r"[1-9][0-9]{0,5}", "up to six digits, in the order of admission", "State Bar of California")}
"""Pattern, words and bar by US state. There is no national number, and most bars publish no form."""


class BarChecker:
    """Bars publish no check digits: a number of an odd form is looked at by a person, never refused."""

    kind = CredentialKind.BAR_ADMISSION

    def normalise(self, number: str) -> str:
        return bare(number)

    def check(self, credential: Credential) -> CheckOutcome:
        place = "-".join(part for part in (credential.country, credential.region) if part)
        known = FORMS.get(credential.region) if credential.country == "US" else None
        if known is None:
            return untold(f"No rule is known for the numbers of this bar ({place}); a person looks it up.", "")
        pattern, words, bar = known
        if re.fullmatch(pattern, credential.number):
            return well_formed(f"It has the form used by the {bar}: {words}.", f"Form of bar numbers, {bar}")
        return malformed(f"The {bar} gives {words}. A person compares it.", f"Form of bar numbers, {bar}")
