"""The name of a GitHub account."""

from __future__ import annotations

import re

from experts.credentials.checkers.base import CheckOutcome, malformed, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

SOURCE = "GitHub, form of account names"
FORM = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?github\.com/", re.IGNORECASE)


class GithubChecker:
    """Letters, digits and single hyphens inside, at most 39; people also paste the whole address, or write an @."""

    kind = CredentialKind.GITHUB

    def normalise(self, number: str) -> str:
        return ADDRESS.sub("", number.strip()).strip("/").partition("/")[0].removeprefix("@")

    def check(self, credential: Credential) -> CheckOutcome:
        if not FORM.fullmatch(credential.number):
            return malformed(
                "An account name has at most 39 letters and digits, with single hyphens between them.",
                SOURCE,
                is_certain=True,
            )
        return well_formed("It has the form of an account name. Whose account it is, a person finds out.", SOURCE)
