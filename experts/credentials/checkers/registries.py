"""
What an imported register says of a number: one small class for each register, registered here.

A matcher compares the name of the account with the name in the entry. It is tolerant of accents, titles, order, initials
and middle names that only one side gives; whatever else differs is left to a person. That number and name agree says that
somebody of this name has the number; a namesake would agree as well, so it is a step below a person's confirmation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pycountry

from experts.credentials.enums import ComparisonOutcome, CredentialKind
from experts.credentials.models import Credential
from experts.registries.enums import Register
from experts.registries.models import FidePlayer, NppesProvider
from experts.registries.queries import name_words, player_of, provider_of

TAXONOMIES = Path(__file__).resolve().parent / "taxonomies.json"
FIDE_TITLES = {
    "grandmaster": "GM", "international master": "IM", "fide master": "FM", "candidate master": "CM",
    "woman grandmaster": "WGM", "woman international master": "WIM", "woman fide master": "WFM",
    "woman candidate master": "WCM",
}  # fmt: skip
FIDE_COUNTRIES = {
    "DE": "GER", "CH": "SUI", "NL": "NED", "DK": "DEN", "HR": "CRO", "GR": "GRE", "PT": "POR", "BG": "BUL", "LV": "LAT",
    "SI": "SLO", "ZA": "RSA", "DZ": "ALG", "PH": "PHI", "ID": "INA", "MY": "MAS", "VN": "VIE", "CL": "CHI", "UY": "URU",
    "PY": "PAR", "CR": "CRC", "SA": "KSA", "AE": "UAE", "MN": "MGL", "LK": "SRI", "IR": "IRI", "ZW": "ZIM", "ZM": "ZAM",
    "NG": "NGR", "LB": "LBN", "KW": "KUW", "TW": "TPE", "MC": "MNC",
}  # fmt: skip
"""Federations whose three letters are not those of ISO 3166."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a matcher found, in words for staff and expert, and the facts that it rests on."""

    outcome: ComparisonOutcome
    explanation: str
    evidence: dict[str, Any] = field(default_factory=dict)


class Matcher(Protocol):
    """One kind of number and the register in which it stands."""

    @property
    def kind(self) -> str:
        """Which kind of credential it is for."""

    @property
    def register(self) -> Register:
        """Which register is looked into."""

    def match(self, credential: Credential, name: str) -> Match:
        """Look the number up and compare. Reads; must not write."""


def names_agree(name: str, *, last: str, first: str, middle: str = "") -> bool:
    """
    Whether a whole name can be the name of an entry: every word of the last name, the first name itself or by its
    initial's full middle form, and no word that the entry's middle names contradict.
    """
    words, last_words, first_words, middle_words = (name_words(text) for text in (name, last, first, middle))
    rest = _without(words, last_words)
    if rest is None or not last_words or not first_words:
        return False
    given = _without(rest, first_words[:1])
    if given is None:  # Known by the middle name: “J. Edgar”, or “Edgar” alone.
        given = _without(rest, middle_words[:1])
        if given is None:
            return False
        middle_words = [*first_words, *middle_words[1:]]
    known = [*first_words[1:], *middle_words]
    return not known or all(any(_same_or_initial(word, other) for other in known) for word in given)


def _without(words: list[str], taken: list[str]) -> list[str] | None:
    """Return the words without those taken, also where they are written as one; None if one of them is missing."""
    left = list(words)
    if not taken:
        return None
    for word in taken:
        if word not in left:
            joined = "".join(taken)
            return [other for other in words if other != joined] if joined in words and len(taken) > 1 else None
        left.remove(word)
    return left


def _same_or_initial(one: str, other: str) -> bool:
    return one == other or (len(one) == 1 and other.startswith(one)) or (len(other) == 1 and one.startswith(other))


# -------------------------------------------------------------------------------------------------------------- NPPES


@cache
def taxonomies() -> dict[str, str]:
    """Return the names of the taxonomy codes that are met most (NUCC Health Care Provider Taxonomy)."""
    found: dict[str, str] = json.loads(TAXONOMIES.read_text(encoding="utf-8"))
    return found


class NppesMatcher:
    """Name, and the state of a declared medical licence, against the provider with this NPI."""

    kind = CredentialKind.NPI
    register = Register.NPPES

    def match(self, credential: Credential, name: str) -> Match:
        row = provider_of(credential.number)
        if row is None:
            return Match(ComparisonOutcome.NOT_FOUND, "No person has this NPI in NPPES. It may be newer than our copy.")
        evidence = {
            "name": row.name,
            "other_name": " ".join(part for part in (row.other_first_name, row.other_last_name) if part),
            "states": states_of(row),
            "taxonomies": [
                taxonomies().get(one["taxonomy"], one["taxonomy"]) for one in row.licences if one["taxonomy"]
            ],
            "credential": row.credential_text,
        }
        if row.is_deactivated:
            return Match(
                ComparisonOutcome.GONE, f"NPPES deactivated this NPI on {row.deactivated_on:%d %b %Y}.", evidence
            )
        if row.is_gone:
            return Match(ComparisonOutcome.GONE, f"This NPI is not in NPPES any more ({row.gone_in}).", evidence)
        own = names_agree(name, last=row.last_name, first=row.first_name, middle=row.middle_name)
        other = names_agree(
            name,
            last=row.other_last_name,
            first=row.other_first_name or row.first_name,
            middle=row.other_middle_name or row.middle_name,
        )
        if not own and not other:
            return Match(
                ComparisonOutcome.DIFFERS, "NPPES has this NPI under another name; a person compares.", evidence
            )
        return _by_state(credential, row, evidence, "the name" if own else "a former name")


def states_of(row: NppesProvider) -> list[str]:
    """Return the states of the entry's licences and of its practice."""
    found = [one["state"] for one in row.licences if one["state"]] + [row.practice_state]
    return sorted({state for state in found if len(state) == 2})


def _by_state(credential: Credential, row: NppesProvider, evidence: dict[str, Any], by: str) -> Match:
    licences = Credential.objects.standing().filter(
        expert=credential.expert_id, kind=CredentialKind.MEDICAL_LICENCE, country="US"
    )
    declared = {licence.region: licence.number for licence in licences}
    listed = {(one["state"], "".join(filter(str.isalnum, one["number"])).upper()) for one in row.licences}
    same = sorted(state for state, number in declared.items() if (state, number.upper()) in listed)
    evidence = evidence | {"declared_states": sorted(declared), "same_licences": same}
    if same:
        words = f"NPPES has {by} with this NPI, and the same licence number in {', '.join(same)}."
        return Match(ComparisonOutcome.MATCHED, words, evidence)
    if declared and evidence["states"] and not set(declared) & set(evidence["states"]):
        words = (
            f"NPPES has {by} with this NPI, but in {', '.join(evidence['states'])}; a licence is declared for "
            f"{', '.join(sorted(declared))}. A person compares."
        )
        return Match(ComparisonOutcome.DIFFERS, words, evidence)
    where = f" in {', '.join(evidence['states'])}" if evidence["states"] else ""
    what = f", {evidence['taxonomies'][0]}" if evidence["taxonomies"] else ""
    return Match(ComparisonOutcome.MATCHED, f"NPPES has {by} with this NPI{where}{what}.", evidence)


# --------------------------------------------------------------------------------------------------------------- FIDE


class FideMatcher:
    """Name and title against the player with this id. The federation is told; players may live elsewhere."""

    kind = CredentialKind.FIDE
    register = Register.FIDE

    def match(self, credential: Credential, name: str) -> Match:
        row = player_of(credential.number)
        if row is None:
            return Match(
                ComparisonOutcome.NOT_FOUND, "No player has this id in FIDE's list. It may be newer than our copy."
            )
        evidence = {
            "name": row.name, "titles": row.titles, "federation": row.federation, "rating": row.rating,
            "birth_year": row.birth_year,
        }  # fmt: skip
        if row.is_gone:
            return Match(ComparisonOutcome.GONE, f"This id is not in FIDE's list any more ({row.gone_in}).", evidence)
        if not _is_player(name, row):
            return Match(ComparisonOutcome.DIFFERS, "FIDE has this id under another name; a person compares.", evidence)
        declared = FIDE_TITLES.get(credential.title.strip().lower(), credential.title.strip().upper())
        if declared and declared not in row.titles:
            has = f"the title {' and '.join(row.titles)}" if row.titles else "no title"
            words = f"The name agrees, but FIDE lists {has}, and {declared} is declared; a person compares."
            return Match(ComparisonOutcome.DIFFERS, words, evidence)
        title = f", {' and '.join(row.titles)}" if row.titles else ", without a title"
        words = f"FIDE has the name with this id{title}, federation {row.federation or 'not given'}."
        home = federation_of(credential.expert.country)
        if home and row.federation and home != row.federation:
            words += f" The profile's country would be {home}."
        return Match(ComparisonOutcome.MATCHED, words, evidence)


def _is_player(name: str, row: FidePlayer) -> bool:
    """Whether a name is the player's; FIDE writes “Last, First”, or the whole name without a comma."""
    last, comma, first = row.name.partition(",")
    if comma and first.strip():
        given, _space, middle = first.strip().partition(" ")
        return names_agree(name, last=last, first=given, middle=middle)
    return sorted(name_words(name)) == sorted(name_words(row.name))


def federation_of(country: str) -> str:
    """Return FIDE's letters for a country, "" where there is none."""
    if country in FIDE_COUNTRIES:
        return FIDE_COUNTRIES[country]
    found = pycountry.countries.get(alpha_2=country) if country else None
    return str(found.alpha_3) if found else ""


matchers: dict[str, Matcher] = {str(matcher.kind): matcher for matcher in (NppesMatcher(), FideMatcher())}
