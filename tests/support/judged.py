"""
A board of invented gigs about which we know the truth, judged searches over it, and the figures of a ranking.

`bench/relevance/topics.json` holds two topics for each field of the taxonomy; `gigs` makes listings of them, always the same
ones. `bench/relevance/queries.json` holds searches with rules that grade a gig from 3 (what was meant) to 1 (near it); what no
rule names is worth 0. bench/relevance/README.md explains the rules.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.test import override_settings

from experts.profiles.models import Field
from projects.labs.models import Lab
from projects.listings.actions.index import index_projects
from projects.listings.actions.meanings import make_meanings
from projects.listings.enums import TaskKind
from projects.listings.models import Project, Terms
from projects.listings.queries import Filters, board
from projects.listings.queries.search import nearest, understand
from tests.factories.projects_labs import make_lab

FOLDER: Final = Path(__file__).resolve().parents[2] / "bench" / "relevance"
LANGUAGES: Final = {
    "english": "en", "spanish": "es", "french": "fr", "german": "de", "portuguese": "pt", "italian": "it",
    "mandarin": "zh", "japanese": "ja", "korean": "ko", "arabic": "ar", "hindi": "hi", "russian": "ru",
}  # fmt: skip
TITLES: Final = {
    TaskKind.DEMONSTRATION: ("{topic}, explained", "Write the answer you would give: {topic}"),
    TaskKind.PAIRWISE: ("Which answer is better? {topic}", "{topic}: choose between two"),
    TaskKind.RANKING: ("Order four answers on {topic}", "{topic}, from best to worst"),
    TaskKind.ANSWER_REVIEW: ("Mark what is wrong: {topic}", "{topic}: review of model answers"),
    TaskKind.SCENARIO: ("Write cases on {topic}", "{topic}: invent the situation"),
    TaskKind.RUBRIC_WRITING: ("Criteria for {topic}", "{topic}: what makes an answer good"),
    TaskKind.RUBRIC_GRADING: ("Grade by a checklist: {topic}", "{topic}, graded"),
    TaskKind.FEEDBACK: ("Say what you would change: {topic}", "{topic}: comments of an expert"),
    TaskKind.CREATIVE: ("Judge voice and form: {topic}", "{topic}: what works and what does not"),
    TaskKind.RED_TEAM: ("Where does it break? {topic}", "Press a model on {topic}"),
    TaskKind.DIALOGUE: ("Talk it through: {topic}", "{topic}: a conversation in ten turns"),
}
SUMMARIES: Final = (
    "Work at your own hours on invented cases about {topic}; every judgment needs its reason.",
    "We test whether a model can be trusted with {topic}. Say where it would mislead a reader.",
    "Short tasks of ten minutes around {topic}, each with a second pair of eyes.",
    "Bring what you know of {topic} and hold the answers to the standard of your trade.",
)
SECTIONS: Final = {
    "role": "You decide what a careful expert would say, and where an answer departs from it.",
    "what_you_will_do": "Read, judge, write a reason. Tasks come in small batches, and each is checked by a colleague.",
    "who_you_are": "Somebody who has done this for a living and can explain it to a beginner.",
    "pay_and_terms": "Paid every Friday for the week before.",
}


@dataclass(frozen=True, slots=True)
class Gig:
    """What is true of one gig. `fields` are codes, the first is what it is about; `top` is that one's field above."""

    title: str
    summary: str
    topic: str
    fields: tuple[str, ...]
    top: str
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    rate_minor: int


@dataclass(frozen=True, slots=True)
class Query:
    """One judged search: its sort (synonym, typo ...) and its rules, best grade first."""

    text: str
    sort: str
    grades: tuple[tuple[int, str], ...]

    def grade(self, gig: Gig) -> int:
        """Return the grade of the first rule that fits, else 0."""
        return next((grade for grade, rule in self.grades if fits(rule, gig)), 0)


def fits(rule: str, gig: Gig) -> bool:
    """Tell whether all parts of a rule such as "field:rust & topic:borrow" are true of a gig."""
    return all(_is_true(*part.strip().split(":", 1), gig) for part in rule.split("&"))


def _is_true(name: str, value: str, gig: Gig) -> bool:
    truths: Mapping[str, Callable[[], bool]] = {
        "field": lambda: gig.fields[0] == value,
        "also": lambda: value in gig.fields[1:],
        "in": lambda: value in (gig.fields[0], gig.top),
        "topic": lambda: value in gig.topic,
        "language": lambda: value in gig.languages,
        "kind": lambda: value in gig.kinds,
    }
    return truths[name]()


@cache
def queries() -> tuple[Query, ...]:
    """Return the judged searches."""
    rows = json.loads((FOLDER / "queries.json").read_text())
    return tuple(Query(row["q"], row["sort"], tuple((int(g), str(rule)) for g, rule in row["grades"])) for row in rows)


def gigs(number: int, *, parents: Mapping[str, str | None], seed: int = 20) -> list[Gig]:
    """
    Return so many invented gigs, the same ones each time: every field in turn, so that all have equally many.

    :param parents: for each code of the taxonomy the code above it.
    """
    topics: dict[str, list[str]] = json.loads((FOLDER / "topics.json").read_text())
    chance = random.Random(seed)
    codes = list(topics)
    return [_gig(codes[at % len(codes)], topics, parents, chance) for at in range(number)]


def _gig(code: str, topics: Mapping[str, list[str]], parents: Mapping[str, str | None], chance: random.Random) -> Gig:
    topic = chance.choice(topics[code])
    above = parents[code]
    siblings = [one for one, top in parents.items() if top == above and top is not None and one != code]
    fields = (code, chance.choice(siblings)) if siblings and chance.random() < 0.25 else (code,)
    kinds = tuple(str(kind) for kind in chance.sample(list(TITLES), k=chance.choice((1, 1, 2))))
    spoken = LANGUAGES.get(code)
    other = (chance.choice(list(LANGUAGES.values())),) if chance.random() < 0.1 else ()
    title = chance.choice(TITLES[TaskKind(kinds[0])]).format(topic=topic)
    return Gig(
        title=title[:1].upper() + title[1:],
        summary=chance.choice(SUMMARIES).format(topic=topic),
        topic=topic,
        fields=fields,
        top=above or code,
        kinds=kinds,
        languages=tuple(dict.fromkeys(one for one in (spoken, "en", *other) if one)),
        rate_minor=chance.randrange(40, 300, 5) * 100,
    )


def post(made: Sequence[Gig], *, lab: Lab, now: datetime) -> dict[int, Gig]:
    """Put gigs on the board as rows, without money and without its actions, which take too long for thousands; by id."""
    fields = dict(Field.objects.values_list("code", "pk"))
    terms = Terms.objects.create(lab=lab, title="Terms", version=1, text="-", sha256="-", created_at=now)
    with transaction.atomic():
        rows: list[Any] = Project.objects.bulk_create(
            Project(
                lab=lab,
                title=one.title,
                summary=one.summary,
                sections=SECTIONS,
                kinds=list(one.kinds),
                languages=list(one.languages),
                rate_min_minor=one.rate_minor,
                rate_max_minor=one.rate_minor,
                terms=terms,
                state="OPEN",
                places_wanted=5,
                created_at=now,
                published_at=now - timedelta(minutes=number),
            )
            for number, one in enumerate(made)
        )
        through = Project.fields.through
        through.objects.bulk_create(
            through(project_id=row.pk, field_id=fields[code])
            for row, one in zip(rows, made, strict=True)
            for code in one.fields
        )
    return {row.pk: one for row, one in zip(rows, made, strict=True)}


def ndcg(found: Iterable[int], ideal: Iterable[int], *, at: int = 10) -> float:
    """
    Return the normalised discounted cumulative gain of the first `at` results: 1.0 is the best order there is.

    Gain 2^grade - 1, discount log2(place + 1) (Burges et al., Learning to rank using gradient descent, 2005).

    :param found: the grades of what was found, in order.
    :param ideal: the grades of everything there is.
    """
    best = _gain(sorted(ideal, reverse=True)[:at])
    return _gain(list(found)[:at]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


# ---------------------------------------------------------------------------------------------------------- measuring


@dataclass(frozen=True, slots=True)
class JudgedBoard:
    """Gigs on a board whose truth is known, by id, and the moment at which they are open."""

    gigs: Mapping[int, Gig]
    now: datetime

    @classmethod
    def posted(cls, number: int, *, now: datetime) -> JudgedBoard:
        """Post, index and understand so many gigs of one invented lab."""
        lab = make_lab("Judged Research", now=now)
        parents = {field.code: field.parent.code if field.parent else None for field in _taxonomy()}
        there = post(gigs(number, parents=parents), lab=lab, now=now)
        index_projects(sorted(there), now=now)
        while make_meanings(now=now):
            pass
        return cls(there, now)


Way = Callable[[str, datetime], tuple[list[int], bool]]
Measured = tuple[dict[Query, float], dict[Query, int]]


def by_both(text: str, now: datetime) -> tuple[list[int], bool]:
    """Return the first ten that the board finds, and whether it says that nothing fits exactly."""
    page = board(Filters(text=text), now=now, size=10)
    return [row.pk for row in page.rows], page.widened or page.nothing_exact


def by_words(text: str, now: datetime) -> tuple[list[int], bool]:
    with override_settings(SEARCH_BY_MEANING=False):
        return by_both(text, now)


def by_meaning(text: str, now: datetime) -> tuple[list[int], bool]:
    words = understand(text, taxonomy=_taxonomy())
    return list(nearest(words, now=now).likeness)[:10], False


WAYS: Final[Mapping[str, Way]] = {"words": by_words, "meaning": by_meaning, "both": by_both}


def measured(there: JudgedBoard, way: Way) -> Measured:
    """
    Return nDCG@10 of each search that has an answer; and of the others how many gigs were shown that have nothing to do with
    it, without a word that nothing fits exactly.
    """
    values: dict[Query, float] = {}
    noise: dict[Query, int] = {}
    for query in queries():
        found, is_said = way(query.text, there.now)
        grades = [query.grade(there.gigs[pk]) for pk in found]
        if query.sort == "negative":
            noise[query] = 0 if is_said else grades.count(0)
        else:
            values[query] = ndcg(grades, (query.grade(gig) for gig in there.gigs.values()))
    return values, noise


def _taxonomy() -> list[Field]:
    return list(Field.objects.in_reading_order().select_related("parent"))
