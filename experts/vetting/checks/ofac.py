"""
How alike two names are, after the method that OFAC publishes for its own search.

OFAC (FAQ 249): candidates begin with the same letter and are at least half alike by edits. One technique compares the whole
names by Jaro-Winkler; the other compares each part of the name with the parts of the entry by Jaro-Winkler and Soundex and
makes one score of them; the higher of the two counts. OFAC does not publish the weights of the second one. Ours:
four fifths Jaro-Winkler and one fifth whether Soundex agrees, then the mean over the parts of our person's name. And whole
names must be alike by two thirds instead of half: at half, everybody is a candidate who has the same first name.

Pure but for `current_index`, which reads the list once for each import and keeps it: some forty thousand names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import jellyfish

from experts.registries.models import RegistryImport
from experts.registries.queries import ListedName, is_latin, listed_people, name_words

JARO_WINKLER_SHARE: Final = 0.8
LEAST_ALIKE: Final = 0.5
WHOLE_NAMES_LEAST_ALIKE: Final = 2 / 3
WHOLE, PARTS = "whole name", "parts of the name"


@dataclass(frozen=True, slots=True)
class Likeness:
    """The best likeness of a name with one entry: 0 to 100, under which of its names, by which technique."""

    ent_num: int
    score: int
    name: str
    alias_type: str
    technique: str


@dataclass(slots=True)
class Index:
    """The names of a list, found by the first letter of the whole and of each part."""

    names: list[ListedName] = field(default_factory=list)
    words: list[tuple[str, ...]] = field(default_factory=list)
    by_letter: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, listed: ListedName) -> None:
        words = tuple(natural_order(listed.name))
        if not words:
            return
        place = len(self.names)
        self.names.append(listed)
        self.words.append(words)
        self.by_letter[words[0][0]].append(place)
        for word in set(words):
            self.parts[word[0]][word].append(place)


def natural_order(name: str) -> list[str]:
    """
    Return the words of “LAST, First Middle” with the first name first, as people write their own.

    The order matters to Jaro-Winkler, which counts the beginning more: with the last name first, everybody with a rare last
    name would be like everybody else who has it.
    """
    last, _comma, first = name.partition(",")
    return [*name_words(first), *name_words(last)]


def index_of(names: Iterable[ListedName]) -> Index:
    index = Index()
    for listed in names:
        index.add(listed)
    return index


_kept: dict[UUID, Index] = {}


def current_index(newest: RegistryImport) -> Index:
    """Return the names of the list that counts now. One list is kept in each process, the newest that it met."""
    if newest.public_id not in _kept:
        _kept.clear()
        _kept[newest.public_id] = index_of(listed_people())
    return _kept[newest.public_id]


def is_readable(name: str) -> bool:
    """Whether a program can compare the name: Latin letters, and two words, as one alone would be like hundreds."""
    return is_latin(name) and len(name_words(name)) > 1


def whole_name(one: str, other: str) -> float:
    """Return how alike two whole names are, 0 to 1; 0 where the first letters differ or less than two thirds is alike."""
    if not _are_candidates(one, other, least=WHOLE_NAMES_LEAST_ALIKE):
        return 0.0
    return float(jellyfish.jaro_winkler_similarity(one, other))


def name_part(one: str, other: str) -> float:
    """Return how alike two parts of names are, 0 to 1, by Jaro-Winkler and Soundex."""
    if not _are_candidates(one, other, least=LEAST_ALIKE):
        return 0.0
    sounds = jellyfish.soundex(one) == jellyfish.soundex(other)
    return JARO_WINKLER_SHARE * float(jellyfish.jaro_winkler_similarity(one, other)) + (1 - JARO_WINKLER_SHARE) * sounds


def _are_candidates(one: str, other: str, *, least: float) -> bool:
    longest = max(len(one), len(other))
    if not longest or one[:1] != other[:1] or abs(len(one) - len(other)) > longest * (1 - least):
        return False
    return jellyfish.levenshtein_distance(one, other) <= longest * (1 - least)


def likenesses(name: str, index: Index, *, threshold: int) -> tuple[int, list[Likeness]]:
    """
    Return the best score with any entry, and for each entry at the threshold or above it the best likeness.

    :param threshold: 0 to 100.
    """
    words = name_words(name)
    scores: dict[int, tuple[float, str]] = {}
    for place, score in _by_whole(words, index):
        if score > scores.get(place, (0.0, ""))[0]:
            scores[place] = (score, WHOLE)
    for place, score in _by_parts(words, index):
        if score > scores.get(place, (0.0, ""))[0]:
            scores[place] = (score, PARTS)
    best: dict[int, Likeness] = {}
    highest = 0
    for place, (score, technique) in scores.items():
        listed, points = index.names[place], int(score * 100 + 1e-9)
        highest = max(highest, points)
        known = best.get(listed.ent_num)
        if points >= threshold and (known is None or points > known.score):
            best[listed.ent_num] = Likeness(listed.ent_num, points, listed.name, listed.alias_type, technique)
    return highest, sorted(best.values(), key=lambda one: (-one.score, one.ent_num))


def _by_whole(words: list[str], index: Index) -> Iterable[tuple[int, float]]:
    """Compare the whole names. Who writes the last name first is found by the parts, which know no order."""
    name = " ".join(words)
    for place in index.by_letter.get(name[:1], ()):
        score = whole_name(name, " ".join(index.words[place]))
        if score:
            yield place, score


def _by_parts(words: list[str], index: Index) -> Iterable[tuple[int, float]]:
    """Sum up the best likeness of each word over the entries that have a like one; each word of an entry serves once."""
    found: dict[int, list[tuple[float, int, str]]] = defaultdict(list)
    for number, word in enumerate(words):
        for part, places in index.parts.get(word[0], {}).items():
            score = name_part(word, part)
            if score >= LEAST_ALIKE:
                for place in places:
                    found[place].append((score, number, part))
    for place, pairs in found.items():
        yield place, _composite(pairs, index.words[place]) / len(words)


def _composite(pairs: list[tuple[float, int, str]], listed: tuple[str, ...]) -> float:
    total, own, theirs = 0.0, set[int](), Counter[str]()
    for score, number, part in sorted(pairs, reverse=True):
        if number not in own and theirs[part] < listed.count(part):
            own.add(number)
            theirs[part] += 1
            total += score
    return total
