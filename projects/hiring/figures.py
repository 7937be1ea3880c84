"""
How experts are ranked for a project: plain arithmetic on plain values, with a reason for every point.

What goes in is `Facts`, and nothing else can count: no name, picture, sex, age, birth, address, years of practice, and
nothing that stands for one of them. `tests/projects/hiring/test_match_is_fair.py` changes all of those and finds the same
ranks. How much each part gives is data (`MatchWeights`).

Points are whole hundredths, rounded down once per part, so that two machines never disagree about a rank.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.credentials.enums import LadderStep, height

WEIGHT_MAX = 100
RECORD_LEAST = 5
"""A record of fewer tasks than this says nothing yet."""

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points that each part can give."""

    required: int
    nice: int
    vetted: int
    languages: int
    hours: int
    country: int
    accepted: int
    on_time: int
    newcomer_percent: int


@dataclass(frozen=True, slots=True)
class Wish:
    """One requirement of a listing: a credential at a step of the ladder, or vetting for a field."""

    words: str
    is_required: bool
    kind: str = ""
    step: str = ""
    field_id: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a project asks of everybody, as far as it counts for the ranking."""

    wishes: Sequence[Wish] = ()
    field_ids: frozenset[int] = frozenset()
    languages: Mapping[str, str] = field(default_factory=dict)  # code -> name
    countries: frozenset[str] = frozenset()
    hours: int = 1  # the least a week


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody has done here so far, over all labs. Shares are of what was reviewed, and of what was taken."""

    accepted: int = 0
    reviewed: int = 0
    on_time: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about an expert that the ranking may know. What is not here cannot count."""

    steps: Mapping[str, str] = field(default_factory=dict)  # kind of credential -> highest step in force
    vetted_field_ids: frozenset[int] = frozenset()
    language_codes: frozenset[str] = frozenset()
    country: str = ""
    weekly_hours: int = 0
    record: Record = Record()


@dataclass(frozen=True, slots=True)
class Detail:
    """One reason in words: met ("yes"), missing ("no"), or not to be said ("maybe")."""

    ok: str
    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a match: its points in hundredths, the most it could give, and why."""

    code: str
    label: str
    hundredths: int
    most: int
    details: tuple[Detail, ...]

    @property
    def points(self) -> str:
        return points_in_words(self.hundredths)

    @property
    def is_full(self) -> bool:
        return self.hundredths == self.most * 100


@dataclass(frozen=True, slots=True)
class Ranked(Generic[K]):
    """A candidate with their rank and its reasons. Equal points are an equal rank."""

    key: K
    rank: int
    parts: tuple[Part, ...]

    @property
    def hundredths(self) -> int:
        return sum(part.hundredths for part in self.parts)

    @property
    def most(self) -> int:
        return sum(part.most for part in self.parts)

    @property
    def points(self) -> str:
        return points_in_words(self.hundredths)


def points_in_words(hundredths: int) -> str:
    """Return points as people read them: "40", "7.5", "6.66"."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)


def lot(seed: str, ref: str) -> str:
    """Return the lot of a candidate among equals: fixed for one project, another one for the next."""
    return hashlib.sha256(f"{seed}:{ref}".encode()).hexdigest()


def ranked(pool: Iterable[tuple[K, str, Facts]], asked: Asked, weights: Weights, *, seed: str) -> list[Ranked[K]]:
    """
    Return the candidates by their points, the most first; among equals by lot.

    :param pool: (key, reference for the lot, facts) of each candidate, in any order.
    :param seed: of the lots: the project's public id.
    """
    scored = [(key, lot(seed, ref), parts_of(facts, asked, weights)) for key, ref, facts in pool]
    sums = [sum(part.hundredths for part in parts) for _key, _lot, parts in scored]
    order = sorted(range(len(scored)), key=lambda at: (-sums[at], scored[at][1]))
    found: list[Ranked[K]] = []
    for place, at in enumerate(order, start=1):
        key, _lot, parts = scored[at]
        is_equal = bool(found) and sums[order[place - 2]] == sums[at]
        found.append(Ranked(key, found[-1].rank if is_equal else place, parts))
    return found


def parts_of(facts: Facts, asked: Asked, weights: Weights) -> tuple[Part, ...]:
    """Return the parts of a match with their points. What a project does not ask for is left out for everybody."""
    required = [wish for wish in asked.wishes if wish.is_required]
    nice = [wish for wish in asked.wishes if not wish.is_required]
    parts = (
        _wished("required", _("Required"), required, facts, weights.required),
        _wished("nice", _("Good to have"), nice, facts, weights.nice),
        _vetted(facts, asked, weights.vetted),
        _languages(facts, asked, weights.languages),
        _hours(facts, asked, weights.hours),
        _country(facts, asked, weights.country),
        _accepted(facts.record, weights),
        _on_time(facts.record, weights),
    )
    return tuple(part for part in parts if part is not None and part.most)


def _share(points: int, part: int, of: int) -> int:
    return points * 100 * min(part, of) // of


def _wished(code: str, label: str, wishes: Sequence[Wish], facts: Facts, points: int) -> Part | None:
    if not wishes:
        return None
    details = tuple(_detail(wish, facts) for wish in wishes)
    met = sum(detail.ok == "yes" for detail in details)
    return Part(code, label, _share(points, met, len(wishes)), points, details)


def _detail(wish: Wish, facts: Facts) -> Detail:
    if wish.field_id is not None:
        met = wish.field_id in facts.vetted_field_ids
        return Detail("yes" if met else "no", wish.words, _("vetted by us") if met else _("not vetted in it"))
    own = facts.steps.get(wish.kind)
    if own is None:
        return Detail("no", wish.words, _("not among their credentials"))
    met = height(own) >= height(wish.step)
    return Detail("yes" if met else "no", wish.words, _("stands at: %s") % str(LadderStep(own).label).lower())


def _vetted(facts: Facts, asked: Asked, points: int) -> Part | None:
    if not asked.field_ids:
        return None
    met = bool(asked.field_ids & facts.vetted_field_ids)
    words = _("Vetted by us in a field of this project") if met else _("Says so, and was not vetted in it yet")
    return Part("vetted", _("Field"), points * 100 * met, points, (Detail("yes" if met else "maybe", words),))


def _languages(facts: Facts, asked: Asked, points: int) -> Part | None:
    if not asked.languages:
        return None
    details = tuple(
        Detail("yes" if code in facts.language_codes else "no", name) for code, name in asked.languages.items()
    )
    met = sum(detail.ok == "yes" for detail in details)
    return Part("languages", _("Languages"), _share(points, met, len(details)), points, details)


def _hours(facts: Facts, asked: Asked, points: int) -> Part:
    least = max(1, asked.hours)
    words = _("%(free)s of %(least)s h a week") % {"free": facts.weekly_hours, "least": least}
    ok = "yes" if facts.weekly_hours >= least else "no"
    return Part("hours", _("Hours free"), _share(points, facts.weekly_hours, least), points, (Detail(ok, words),))


def _country(facts: Facts, asked: Asked, points: int) -> Part | None:
    if not asked.countries:
        return None
    met = facts.country in asked.countries
    words = _("Lives where the listing allows") if met else _("Lives elsewhere than the listing allows")
    return Part("country", _("Country"), points * 100 * met, points, (Detail("yes" if met else "no", words),))


def _accepted(record: Record, weights: Weights) -> Part:
    words = ngettext(
        "%(done)s of %(n)s reviewed task was accepted",
        "%(done)s of %(n)s reviewed tasks were accepted",
        record.reviewed,
    ) % {"done": record.accepted, "n": record.reviewed}
    return _of_record(
        "accepted", _("Accepted work"), record.accepted, record.reviewed, weights.accepted, words, weights
    )


def _on_time(record: Record, weights: Weights) -> Part:
    words = ngettext(
        "%(done)s of %(n)s task was handed in on time", "%(done)s of %(n)s tasks were handed in on time", record.taken
    ) % {"done": record.on_time, "n": record.taken}
    return _of_record("on_time", _("On time"), record.on_time, record.taken, weights.on_time, words, weights)


def _of_record(code: str, label: str, good: int, of: int, points: int, words: str, weights: Weights) -> Part:
    """Whoever has no record yet gets a set share, so that nobody has to be hired before they can be."""
    if of < RECORD_LEAST:
        share = _("No record yet: %s %% of these points, like everybody new") % weights.newcomer_percent
        return Part(code, label, points * weights.newcomer_percent, points, (Detail("maybe", share),))
    ok = "yes" if good * 10 >= of * 8 else "no"
    return Part(code, label, _share(points, good, of), points, (Detail(ok, words),))
