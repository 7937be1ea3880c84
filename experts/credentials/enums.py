"""The credential ladder and the states of a document, with their tables of moves."""

from __future__ import annotations

from django.db import models

from experts.registries.enums import Register
from marketplace.kernel.states import register_moves


class CredentialKind(models.TextChoices):
    MEDICAL_LICENCE = "MEDICAL_LICENCE", "Medical licence"
    NPI = "NPI", "NPI number"
    BOARD_CERTIFICATION = "BOARD_CERTIFICATION", "Board certification"
    DEGREE = "DEGREE", "Degree"
    BAR_ADMISSION = "BAR_ADMISSION", "Bar admission"
    ORCID = "ORCID", "ORCID iD"
    FIDE = "FIDE", "FIDE id and title"
    CFA = "CFA", "CFA charter"
    SOMMELIER = "SOMMELIER", "Sommelier level"
    LANGUAGE_CERTIFICATE = "LANGUAGE_CERTIFICATE", "Language certificate"
    GUILD = "GUILD", "Guild or union membership"
    GITHUB = "GITHUB", "GitHub account"
    PUBLISHED_WORK = "PUBLISHED_WORK", "Published work"
    OTHER = "OTHER", "Other"


class LadderStep(models.TextChoices):
    """How sure we are. A checksum proves that a number is well formed, never that the person holds it."""

    DECLARED = "DECLARED", "Declared"
    FORMAT_VALID = "FORMAT_VALID", "Number well formed"
    DOCUMENT_SEEN = "DOCUMENT_SEEN", "Document seen"
    REGISTRY_MATCHED = "REGISTRY_MATCHED", "Matched to a registry"
    CONFIRMED = "CONFIRMED", "Confirmed by staff"


LADDER: tuple[LadderStep, ...] = (
    LadderStep.DECLARED,
    LadderStep.FORMAT_VALID,
    LadderStep.DOCUMENT_SEEN,
    LadderStep.REGISTRY_MATCHED,
    LadderStep.CONFIRMED,
)

# A credential may climb to any higher step, and fall to any lower one with a reason.
LADDER_MOVES = register_moves(
    "credential", {step: frozenset(other for other in LADDER if other != step) for step in LADDER}
)


STEP_MEANINGS = {
    LadderStep.DECLARED: "You said so. Nobody has compared it with anything yet.",
    LadderStep.FORMAT_VALID: "The number has the right form. That never proves whose number it is.",
    LadderStep.DOCUMENT_SEEN: "A member of our staff has read the document you attached.",
    LadderStep.REGISTRY_MATCHED: "Name and number agree with a public register that we imported.",
    LadderStep.CONFIRMED: "A named member of our staff confirmed it at its source on the day shown.",
}


REGISTER_OF_KIND: dict[str, Register] = {
    CredentialKind.NPI: Register.NPPES,
    CredentialKind.FIDE: Register.FIDE,
}
"""The kinds whose numbers stand in a register that is imported."""


class ComparisonOutcome(models.TextChoices):
    """What a look into an imported register said of a credential."""

    MATCHED = "MATCHED", "Name and number agree"
    DIFFERS = "DIFFERS", "The entry says something else"
    NOT_FOUND = "NOT_FOUND", "The number is not listed"
    GONE = "GONE", "Deactivated, or not listed any more"


def height(step: str) -> int:
    """Return the position of a step on the ladder, 0 for declared to 4 for confirmed."""
    return LADDER.index(LadderStep(step))


class DocumentKind(models.TextChoices):
    RESUME = "RESUME", "Résumé"
    EVIDENCE = "EVIDENCE", "Evidence for a credential"


EXTENSIONS = {
    DocumentKind.RESUME: frozenset({"pdf", "docx"}),
    DocumentKind.EVIDENCE: frozenset({"pdf", "docx", "png", "jpg", "jpeg"}),
}
"""What each kind of document may be; `kernel.uploads` knows their signatures."""

PARTIAL_FOLDER = "partial"
"""Where the pieces of files on their way are stored, a folder for each file."""
MAX_PIECE_BYTES = 1024 * 1024

EXPIRY_WARNING_DAYS = 60
WARNING_DAYS = (7, 30, 60)
"""How many days before its last one the expert is told of a credential, once each; the tightest first."""


class DocumentState(models.TextChoices):
    QUARANTINED = "QUARANTINED", "Being checked"
    CLEAN = "CLEAN", "Checked"
    REFUSED = "REFUSED", "Refused"


DOCUMENT_MOVES = register_moves(
    "document",
    {
        DocumentState.QUARANTINED: frozenset({DocumentState.CLEAN, DocumentState.REFUSED}),
        DocumentState.CLEAN: frozenset(),
        DocumentState.REFUSED: frozenset(),
    },
)
