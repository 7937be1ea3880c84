"""What each kind of credential asks for, as data: which fields, which of them are needed, and in which words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from experts.credentials.enums import CredentialKind

Words = dict[str, Any]  # texts, translated when they are read


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of one kind. Fields stand in order; what is not needed may stay empty."""

    fields: tuple[str, ...]
    needed: frozenset[str]
    hint: Any
    icon: str = "badge-check"
    labels: Words = field(default_factory=dict)
    hints: Words = field(default_factory=dict)


SHAPES: dict[CredentialKind, Shape] = {
    CredentialKind.NPI: Shape(
        ("number",), frozenset({"number"}), _("Ten digits, checked at once. Anybody can look one up, so it proves no identity."),
        icon="hash", labels={"number": _("NPI number")}, hints={"number": _("Ten digits, for example 1234567893.")},
    ),
    CredentialKind.MEDICAL_LICENCE: Shape(
        ("country", "region", "number", "title", "expires_on", "file"), frozenset({"country", "number", "expires_on"}),
        _("Country, state, number and expiry. A person looks it up at the board."),
        icon="stethoscope", labels={"region": _("State or province"), "title": _("Specialty on the licence")},
        hints={"region": _("Needed for the United States: two letters, for example MA."), "number": _("As it stands on the licence. It is stored sealed.")},
    ),
    CredentialKind.BOARD_CERTIFICATION: Shape(
        ("title", "issuer", "number", "expires_on", "file"), frozenset({"title", "issuer"}), _("The board and the specialty it certified."),
        icon="badge-check", labels={"title": _("Specialty"), "issuer": _("Board")}, hints={"issuer": _("For example American Board of Internal Medicine.")},
    ),
    CredentialKind.DEGREE: Shape(
        ("title", "issuer", "country", "awarded_year", "file"), frozenset({"title", "issuer"}), _("Doctorate, master, bachelor or state examination."),
        icon="graduation-cap", labels={"title": _("Degree and subject"), "issuer": _("University")},
    ),
    CredentialKind.BAR_ADMISSION: Shape(
        ("country", "region", "number", "awarded_year", "file"), frozenset({"country", "number"}), _("The bar that admitted you, and your number there."),
        icon="scale", labels={"region": _("State or province"), "number": _("Bar number"), "awarded_year": _("Year of admission")},
    ),
    CredentialKind.ORCID: Shape(
        ("number",), frozenset({"number"}), _("Sixteen characters, checked at once."),
        icon="fingerprint-pattern", labels={"number": _("ORCID iD")}, hints={"number": _("For example 0000-0002-1825-0097, or the whole address.")},
    ),
    CredentialKind.FIDE: Shape(
        ("number", "title"), frozenset({"number"}), _("Your id in the rating list, and your title."),
        icon="crown", labels={"number": _("FIDE id"), "title": _("Title")}, hints={"title": _("GM, IM, WGM and so on; empty if none.")},
    ),
    CredentialKind.CFA: Shape(
        ("number", "awarded_year", "file"), frozenset({"number"}), _("Charter number, or the membership number of the institute."),
        icon="banknote", labels={"number": _("Charter or member number"), "awarded_year": _("Year of the charter")},
    ),
    CredentialKind.SOMMELIER: Shape(
        ("title", "issuer", "awarded_year", "file"), frozenset({"title", "issuer"}), _("Your level, and who examined you."),
        icon="star", labels={"title": _("Level"), "issuer": _("Examined by")}, hints={"issuer": _("For example Court of Master Sommeliers or WSET.")},
    ),
    CredentialKind.LANGUAGE_CERTIFICATE: Shape(
        ("title", "issuer", "number", "awarded_year", "file"), frozenset({"title", "issuer"}), _("Language with its CEFR level, and who examined you."),
        icon="languages", labels={"title": _("Language and level"), "issuer": _("Examined by"), "number": _("Number of the certificate")},
        hints={"title": _("For example German C1."), "issuer": _("For example Goethe-Institut.")},
    ),
    CredentialKind.GUILD: Shape(
        ("title", "issuer", "number", "file"), frozenset({"title", "issuer"}), _("A guild, union or professional body."),
        icon="users", labels={"title": _("Membership"), "issuer": _("Guild or union"), "number": _("Member number")},
    ),
    CredentialKind.GITHUB: Shape(
        ("number",), frozenset({"number"}), _("Your account, where a person can look at your work."),
        icon="workflow", labels={"number": _("Account name")},
    ),
    CredentialKind.PUBLISHED_WORK: Shape(
        ("title", "issuer", "number", "awarded_year", "file"), frozenset({"title", "issuer"}), _("A paper, a book, a script that was produced."),
        icon="book-open", labels={"issuer": _("Published or produced by"), "number": _("DOI, ISBN or address"), "awarded_year": _("Year")},
    ),
    CredentialKind.OTHER: Shape(
        ("title", "issuer", "number", "expires_on", "file"), frozenset({"title"}), _("Anything else that a person can look up."),
        icon="file-check", labels={"issuer": _("Given by")},
    ),
}  # fmt: skip


def slug_of(kind: str) -> str:
    """Return the kind as it stands in an address: "medical-licence"."""
    return str(CredentialKind(kind).value).lower().replace("_", "-")


KIND_OF_SLUG = {slug_of(kind): kind for kind in CredentialKind}
