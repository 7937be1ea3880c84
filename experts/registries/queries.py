"""Look-ups in the imported registers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from experts.registries.enums import Register, SanctionKind
from experts.registries.models import (
    ROWS_OF,
    FidePlayer,
    NppesProvider,
    RegistryImport,
    SanctionAlias,
    SanctionEntry,
)


def latest_import(register: str) -> RegistryImport | None:
    """Return the newest finished import of a register: the list that counts now."""
    found: RegistryImport | None = RegistryImport.objects.of(register).done().first()
    return found


def provider_of(number: str) -> NppesProvider | None:
    """Return the person with this NPI, also one whose number was deactivated or has left the list."""
    found: NppesProvider | None = NppesProvider.objects.filter(number=number).select_related("gone_in").first()
    return found


def player_of(number: str) -> FidePlayer | None:
    """Return the player with this FIDE id, also one who has left the list. Leading zeros do not count."""
    rows = FidePlayer.objects.filter(number=number.lstrip("0")).select_related("gone_in")
    found: FidePlayer | None = rows.first()
    return found


def standing_rows(register: str) -> int:
    """Return how many main rows of a register the newest list has."""
    return int(ROWS_OF[Register(register)][0].objects.standing().count())


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name under which a person stands on OFAC's list: the main one, or an alias."""

    ent_num: int
    name: str
    alias_type: str = ""


def listed_people() -> Iterator[ListedName]:
    """Yield every name of every person who stands on OFAC's list now: some fifteen thousand people."""
    people = SanctionEntry.objects.standing().filter(kind=SanctionKind.INDIVIDUAL)
    for ent_num, name in people.values_list("ent_num", "name").iterator(2000):
        yield ListedName(ent_num, name)
    aliases = SanctionAlias.objects.standing().filter(entry__in=people.values("ent_num"))
    for ent_num, name, alias_type in aliases.values_list("entry_id", "name", "alias_type").iterator(2000):
        yield ListedName(ent_num, name, alias_type)


# -------------------------------------------------------------------------------------------------------------- names

UNFOLDED: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "’": "", "'": "",
     "‘": "", "`": "", "ʻ": "", "ʼ": ""}
)  # fmt: skip
"""Letters that Unicode does not take apart, as passports write them (ICAO 9303), and apostrophes, which join."""

NO_NAMES: Final = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "miss", "sir", "jr", "sr", "ii", "iii", "iv", "md", "phd", "do", "dds", "rn", "np", "esq",
     "mba", "msc"}
)  # fmt: skip
"""Words around a name that are none of it."""


def name_words(text: str) -> list[str]:
    """Return the words of a name in small letters without accents, hyphens, titles and degrees."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(UNFOLDED)).translate(UNFOLDED)
    letters = "".join(
        letter if letter.isalpha() else "" if unicodedata.combining(letter) or letter == "." else " "
        for letter in folded
    )
    words = letters.split()
    return [word for word in words if word not in NO_NAMES] or words


def is_latin(text: str) -> bool:
    """Whether the registers, which write in Latin letters, can be searched for this name at all."""
    words = name_words(text)
    return bool(words) and all(unicodedata.name(letter, "").startswith("LATIN") for word in words for letter in word)
