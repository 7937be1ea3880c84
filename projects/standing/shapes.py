"""
What a certificate says, as values and as the document: Open Badges 3.0, which is a Verifiable Credential (data model 2.0).

Nothing here names a client, a project or a task: only counts over all of them, by kind of work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy

from experts.credentials.enums import LadderStep
from projects.standing.enums import NameShown

CONTEXT: Final = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
ISSUER_NAME: Final = "Preceptor"
STEP_WORDS: Final = {
    LadderStep.DOCUMENT_SEEN: "Document seen by our staff",
    LadderStep.REGISTRY_MATCHED: "Matched to a public register",
    LadderStep.CONFIRMED: "Confirmed by our staff at its source",
}


@dataclass(frozen=True, slots=True)
class WorkOfKind:
    """Work of one kind that labs decided on: how much, and how much of it they accepted."""

    kind: str
    label: str
    accepted: int
    decided: int


@dataclass(frozen=True, slots=True)
class NamedCredential:
    """A credential on its step of the ladder, since when, and until when it counts where that is known."""

    ref: str
    label: str
    step: str
    since: date
    seen_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said of a person's work at a moment, counted from rows."""

    as_of: datetime
    field: str  # empty: all work
    work: tuple[WorkOfKind, ...]
    by_silence: int
    minutes: int
    first_day: date | None
    last_day: date | None
    vetted: tuple[tuple[str, date], ...]
    credentials: tuple[NamedCredential, ...]

    @property
    def accepted(self) -> int:
        return sum(kind.accepted for kind in self.work)

    @property
    def says_something(self) -> bool:
        return bool(self.accepted or self.minutes or self.vetted or self.credentials)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a certificate says, and what it means. `code` is stable, for programs."""

    code: str
    name: str
    value: str
    meaning: str = ""


MEANINGS: Final = {
    "accepted": gettext_lazy("Tasks that a lab's reviewers decided on, and how many of them they accepted. Work that was sent "
                             "back counts once, as it ended."),
    "silence": gettext_lazy("Part of the accepted work: nobody reviewed it within seven days, and the rule of the product "
                            "accepted it."),
    "hours": gettext_lazy("Time that labs approved and were charged for. Each entry was logged by timer or by hand and could be "
                          "questioned before."),
    "period": gettext_lazy("The first and the last day with paid time."),
    "vetted": gettext_lazy("A member of our staff looked at the evidence for this field and approved it on that day."),
}  # fmt: skip
STEP_MEANINGS: Final = {
    LadderStep.DOCUMENT_SEEN.value: gettext_lazy("A member of our staff has read the document behind it. Nobody asked its issuer."),
    LadderStep.REGISTRY_MATCHED.value: gettext_lazy("Name and number agree with a public register that we imported."),
    LadderStep.CONFIRMED.value: gettext_lazy("A member of our staff confirmed it at its source, on the day shown."),
}  # fmt: skip


def meaning_of(code: str) -> str:
    """Return what a line means, by its code; empty for a code that we do not write."""
    head, _, rest = code.partition(".")
    if head == "credential":
        return str(STEP_MEANINGS.get(rest.rpartition(".")[2], ""))
    return str(MEANINGS.get(head, ""))


def day_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def lines_of(facts: Facts) -> list[Line]:
    """Return what a certificate says, in the order in which it is read. What is nothing is left out."""
    lines = [
        _line(f"credential.{number}.{one.step}", one.label, _credential_words(one))
        for number, one in enumerate(facts.credentials, 1)
    ]
    lines += [
        _line(f"vetted.{number}", f"Vetted for {name}", day_words(on))
        for number, (name, on) in enumerate(facts.vetted, 1)
    ]
    lines += [
        _line(f"accepted.{one.kind}", f"{one.label}: accepted", f"{one.accepted:,} of {one.decided:,}")
        for one in facts.work
    ]
    if facts.by_silence:
        lines.append(_line("silence", "Accepted without a review in time", f"{facts.by_silence:,}"))
    if facts.minutes:
        hours, minutes = divmod(facts.minutes, 60)
        lines.append(_line("hours", "Paid time", f"{hours:,} h {minutes:02d} min"))
    if facts.first_day and facts.last_day:
        span = day_words(facts.first_day)
        if facts.last_day != facts.first_day:
            span = f"{span} to {day_words(facts.last_day)}"
        lines.append(_line("period", "Paid work from", span))
    return lines


def _line(code: str, name: str, value: str) -> Line:
    return Line(code, name, value, meaning_of(code))


def _credential_words(one: NamedCredential) -> str:
    words = f"{STEP_WORDS[LadderStep(one.step)]}, {day_words(one.seen_on or one.since)}"
    return f"{words}; expires {day_words(one.expires_on)}" if one.expires_on else words


def name_of(full_name: str, shown: str) -> str:
    """Return the name as the holder wants it shown: whole, its initials, or not at all."""
    if shown == NameShown.FULL:
        return full_name
    return initials_of(full_name) if shown == NameShown.INITIALS else ""


def initials_of(full_name: str) -> str:
    """Return “A. S.” for “Ana Silva”; parts that begin with no letter are left out."""
    return " ".join(f"{part[0].upper()}." for part in full_name.split() if part[0].isalpha())


@dataclass(frozen=True, slots=True)
class Address:
    """Where a certificate and its place in a revocation list are found, and who issues it."""

    site: str
    did: str
    certificate: str
    status_list: str
    status_index: int


def document_of(facts: Facts, *, holder: str, address: Address, valid_from: str) -> dict[str, Any]:
    """Return the unsigned document."""
    title = f"Record of work: {facts.field}" if facts.field else "Record of work"
    lines = lines_of(facts)
    subject: dict[str, Any] = {
        "id": f"{address.certificate}#holder",
        "type": ["AchievementSubject"],
        "achievement": _achievement(title, lines, address),
        "result": [
            {"type": ["Result"], "resultDescription": _result_id(line, address), "value": line.value} for line in lines
        ],
    }
    if holder:
        subject["identifier"] = [
            {"type": "IdentityObject", "hashed": False, "identityHash": holder, "identityType": "name"}
        ]
    return {
        "@context": CONTEXT,
        "id": address.certificate,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title,
        "issuer": {"id": address.did, "type": ["Profile"], "name": ISSUER_NAME, "url": address.site},
        "validFrom": valid_from,
        "credentialSubject": subject,
        "credentialStatus": {
            "id": f"{address.status_list}#{address.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(address.status_index),
            "statusListCredential": address.status_list,
        },
    }


def _result_id(line: Line, address: Address) -> str:
    return f"{address.certificate}#{line.code}"


def _achievement(title: str, lines: Sequence[Line], address: Address) -> dict[str, Any]:
    return {
        "id": f"{address.certificate}#record",
        "type": ["Achievement"],
        "achievementType": "Certificate",
        "name": title,
        "description": "What this person did for labs through Preceptor, counted on the day of issue. Clients are not named.",
        "criteria": {"narrative": "\n\n".join(f"{line.name}: {line.meaning}" for line in lines)},
        "resultDescription": [
            {"id": _result_id(line, address), "type": ["ResultDescription"], "name": line.name, "resultType": "Result"}
            for line in lines
        ],
    }


@dataclass(frozen=True, slots=True)
class Read:
    """A document of ours as a page shows it."""

    title: str
    holder: str
    issued: str
    lines: tuple[Line, ...]


def read_document(document: dict[str, Any]) -> Read:
    """
    Return what a document says. Made for documents whose signature was found right; anything else reads as empty.

    Reads only texts at the places where `document_of` writes them, whatever stands there instead.
    """
    subject = _dict(document.get("credentialSubject"))
    achievement = _dict(subject.get("achievement"))
    names = {_text(one.get("id")): _text(one.get("name")) for one in _dicts(achievement.get("resultDescription"))}
    lines = []
    for result in _dicts(subject.get("result")):
        ref = _text(result.get("resultDescription"))
        code = ref.partition("#")[2]
        lines.append(Line(code, names.get(ref, code), _text(result.get("value")), meaning_of(code)))
    holder = next((_text(one.get("identityHash")) for one in _dicts(subject.get("identifier"))), "")
    return Read(_text(document.get("name")), holder, _text(document.get("validFrom")), tuple(lines))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
