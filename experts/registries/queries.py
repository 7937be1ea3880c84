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

TITLES: Final = frozenset({"dr", "prof", "mr", "mrs", "ms", "miss", "sir"})
SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "esq"})
DEGREES: Final = SUFFIXES | {"md", "do", "dds", "rn", "np", "mba", "msc"}
"""Words around a name that are none of it. Md and Do are names as well, so degrees go only where they stand as such."""


def name_words(text: str) -> list[str]:
    """Return the words of a name in small letters without accents, hyphens, titles and degrees."""
    words: list[str] = []
    for number, segment in enumerate(text.split(",")):
        folded = [(part, _folded(part)) for part in segment.split()]
        if number and folded and all(len(row) == 1 and row[0] in DEGREES for _part, row in folded):
            continue  # “Imani Okafor, MD, PhD”
        words += [word for part, row in folded if not _is_dotted_degree(part, row) for word in row]
    while len(words) > 1 and words[0] in TITLES:
        del words[0]
    return [word for word in words if word not in SUFFIXES] or words


def _folded(part: str) -> list[str]:
    text = unicodedata.normalize("NFKD", part.casefold().translate(UNFOLDED)).translate(UNFOLDED)
    kept = (one if one.isalpha() else "" if unicodedata.combining(one) or one == "." else " " for one in text)
    return "".join(kept).split()


def _is_dotted_degree(part: str, words: list[str]) -> bool:
    """“M.D.” is a degree, “Md.” a name."""
    return "." in part.rstrip(".") and len(words) == 1 and words[0] in DEGREES


def is_latin(text: str) -> bool:
    """Whether the registers, which write in Latin letters, can be searched for this name at all."""
    words = name_words(text)
    return bool(words) and all(unicodedata.name(letter, "").startswith("LATIN") for word in words for letter in word)
