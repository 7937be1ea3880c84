"""Published work: a DOI, an ISBN or an address."""

from __future__ import annotations

import re

from stdnum import isbn

from experts.credentials.checkers.base import CheckOutcome, malformed, untold, well_formed
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential

DOI = re.compile(r"10\.\d{4,9}/[-._;()/:a-z0-9<>\[\]+]+", re.IGNORECASE)
BEFORE_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
DOI_SOURCE = "Crossref, form of DOIs"
ISBN_SOURCE = "ISBN, check digit (ISO 2108)"


class PublishedWorkChecker:
    """DOIs have a form without a check digit, ISBNs a check digit; an address is looked at by a person."""

    kind = CredentialKind.PUBLISHED_WORK

    def normalise(self, number: str) -> str:
        text = BEFORE_DOI.sub("", " ".join(number.split()))
        return isbn.compact(text) if _looks_like_isbn(text) else text

    def check(self, credential: Credential) -> CheckOutcome:
        number = credential.number
        if not number:
            return untold("No DOI, ISBN or address is given; a person looks it up by its title.", "")
        if number.startswith("10."):
            if DOI.fullmatch(number):
                return well_formed("It has the form of a DOI. Who wrote it, a person finds out.", DOI_SOURCE)
            return malformed(
                "A DOI begins with 10., four to nine digits and a slash. A person compares it.", DOI_SOURCE
            )
        if _looks_like_isbn(number):
            if isbn.is_valid(number):
                return well_formed("The check digit of the ISBN fits. Who wrote it, a person finds out.", ISBN_SOURCE)
            return malformed(
                "The check digit of the ISBN does not fit. Compare it again.", ISBN_SOURCE, is_certain=True
            )
        return untold("It is neither a DOI nor an ISBN; a person looks at it.", "")


def _looks_like_isbn(text: str) -> bool:
    letters = re.sub(r"[\s-]", "", text)
    return re.fullmatch(r"\d{9}[\dXx]|97[89]\d{10}", letters) is not None
