"""
What a visitor typed, understood: which words are known, which are likely typos, what it means, and how well a listing fits.

The constants of the blend are measured on judged searches, `./dev bench relevance`; see docs/speed.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity, TrigramWordSimilarity
from django.db import connection
from django.db.models import BigIntegerField, DecimalField, F, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from pgvector.django import CosineDistance

from experts.profiles.models import Field
from marketplace.kernel.meaning import meaning_of
from projects.labs.models import Lab
from projects.listings.enums import SEARCH_CONFIG, ProjectState, Visibility
from projects.listings.models import Meaning, Project

WORDS_MAX: Final = 8
TEXT_MAX: Final = 300
NOISE: Final = frozenset({"gig", "gigs", "job", "jobs", "remote", "online", "freelance", "hiring"})
"""Every gig is one of these; they would only hide what else was typed."""

PREFIX_MIN: Final = 3
FUZZY_MIN: Final = 4
LAB_NAME_MIN: Final = 3
LAB_LIMIT: Final = 50

NEAR: Final = 100
"""How many gigs are looked at by their meaning."""

LEAST_LIKENESS: Final = 0.45
SHARE_OF_BEST: Final = 0.8
"""A gig is near if its meaning is at least so like what was typed (a cosine), and at least so near as the nearest one."""

WORDS_WEIGH: Final = 1.0
MEANING_WEIGHS: Final = 1.0

SPELLINGS: Final = {"c++": "cpp", "c#": "csharp", "f#": "fsharp", ".net": "dotnet"}
CODES: Final = re.compile(r"(?<![\w.])(?:c\+\+|[cf]#|\.net)(?!\w)|\b[a-z]+-\d+\b", re.IGNORECASE)
"""Names whose signs are lost where words are letters and digits: C++ and C#, ICD-10, GPT-4."""

KNOWN: Final = """
SELECT word, numnode(plainto_tsquery(%(config)s::regconfig, word)) > 0,
       EXISTS (
           SELECT 1 FROM listings_project
           WHERE state = %(state)s AND visibility = %(visibility)s
             AND search @@ to_tsquery(%(config)s::regconfig, '''' || word || '''' || CASE WHEN typed THEN ':*' ELSE '' END)
       )
FROM unnest(%(words)s::text[], %(typed)s::bool[]) AS asked(word, typed)
"""


@dataclass(frozen=True, slots=True)
class Words:
    """
    The words of a search without accents. `known` ones occur on the board or in the taxonomy as they are; `fuzzy` ones
    do not, and are looked for by their trigrams, so that "cardiolgy" finds cardiology and "chess" never finds "chest".
    """

    text: str
    known: tuple[str, ...]
    fuzzy: tuple[str, ...]
    typed: str
    """The last word, which may be unfinished."""
    lab_ids: tuple[int, ...]
    sense: str
    """What is compared by its meaning: as it was typed, without the words that every gig has."""
    every: bool = True
    """Whether a listing must have every word, or any."""

    @property
    def count(self) -> int:
        return len(self.known) + len(self.fuzzy)

    def any_of(self) -> Words:
        """Return the same words, one of which is enough."""
        return replace(self, every=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Which gigs mean nearly what was typed, and how nearly: 1 is the same. Empty where there is no model."""

    likeness: Mapping[int, Decimal] = field(default_factory=dict)


def understand(text: str, *, taxonomy: Iterable[Field]) -> Words | None:
    """
    Return what was typed as words to look for, or None if nothing was. At most two queries.

    A word of the taxonomy is no typo, even when no gig has it now. Labs that stay anonymous are never found by their name.
    """
    plain = plain_text(CODES.sub(lambda code: f" {_joined(code[0])} ", text))[:TEXT_MAX]
    words = list(dict.fromkeys(re.findall(r"\w+", plain)))[:WORDS_MAX]
    if not words:
        return None
    telling = [word for word in words if word not in NOISE] or words
    last = telling[-1] if len(telling[-1]) >= PREFIX_MIN and plain.endswith(telling[-1]) else ""
    vocabulary = {
        word for field in taxonomy for name in [field.name, *field.synonyms] for word in plain_text(name).split()
    }
    known, fuzzy = _sort(telling, last, vocabulary)
    sense = " ".join(word for word in text.split() if plain_text(word) not in NOISE) or text
    return Words(" ".join(telling), tuple(known), tuple(fuzzy), last, _labs_called(plain), sense[:TEXT_MAX])


def with_codes(text: str) -> str:
    """Return a text with each name such as C++ or ICD-10 followed by the one word that is looked for: cpp, icd10."""
    return CODES.sub(lambda code: f"{code[0]} {_joined(code[0])}", text)


def _joined(code: str) -> str:
    return SPELLINGS.get(code.lower(), code.lower().replace("-", ""))


def plain_text(text: str) -> str:
    """Return lower case without accents and NUL, as `search_text` is stored."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("\x00", " "))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _sort(words: list[str], last: str, vocabulary: set[str]) -> tuple[list[str], list[str]]:
    values: dict[str, Any] = {
        "config": SEARCH_CONFIG,
        "state": ProjectState.OPEN,
        "visibility": Visibility.PUBLIC,
        "words": words,
        "typed": [word == last for word in words],
    }
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, values)
        rows = cursor.fetchall()
    telling = [(word, occurs) for word, tells, occurs in rows if tells]
    known = [word for word, occurs in telling if occurs or word in vocabulary or len(word) < FUZZY_MIN]
    return known, [word for word, _occurs in telling if word not in known]


def _labs_called(plain: str) -> tuple[int, ...]:
    if len(plain) < LAB_NAME_MIN:
        return ()
    named = Lab.objects.filter(is_anonymous=False, name__unaccent__icontains=plain)
    return tuple(named.order_by("pk").values_list("pk", flat=True)[:LAB_LIMIT])


def matching(words: Words) -> Q:
    """Return the condition on a Project that these words make."""
    found = Q()
    if words.known:
        found = Q(search=_query(words))
    for word in words.fuzzy:
        similar = Q(search_text__trigram_word_similar=word)
        found = (found & similar if words.every else found | similar) if found else similar
    if not words.count:  # Only words that say nothing, such as "the": everything fits.
        return Q()
    return found | Q(lab__in=words.lab_ids) if words.lab_ids else found


def nearest(words: Words | None, *, now: datetime) -> Near:
    """Return the gigs that take applications and mean nearly what was typed. At most one query, the nearest first."""
    vector = meaning_of(words.sense) if words is not None and words.count else None
    if vector is None:
        return Near()
    open_ones = Meaning.objects.filter(vector__isnull=False, project__in=Project.objects.taking_applications(now))
    rows = open_ones.annotate(distance=CosineDistance("vector", list(vector))).order_by("distance")
    found = [(pk, 1 - distance) for pk, distance in rows.values_list("project_id", "distance")[:NEAR]]
    least = max(LEAST_LIKENESS, SHARE_OF_BEST * max((likeness for _pk, likeness in found), default=0))
    return Near({pk: Decimal(f"{likeness:.4f}") for pk, likeness in found if likeness >= least})


def score(words: Words, near: Near) -> Combinable:
    """
    Return how well a listing fits, with four decimals, so that a page can go on exactly where the last one ended.

    A weighted sum and no fusion of ranks, because a listing keeps its score while others come and go. The words' part lies
    between 0 and 1 like the meaning's.
    """
    fit = score_of_words(words)
    whole: Combinable = Value(WORDS_WEIGH) * fit / (fit + 1.0)
    if near.likeness:
        whole += Value(MEANING_WEIGHS) * _likeness(near)
    return Cast(whole, DecimalField(max_digits=12, decimal_places=4))


def _likeness(near: Near) -> Func:
    """Return the likeness of a listing as an expression; 0 for those that are not near."""
    number = DecimalField(max_digits=5, decimal_places=4)
    ids = Value(list(near.likeness), output_field=ArrayField(BigIntegerField()))
    values = Value(list(near.likeness.values()), output_field=ArrayField(number))
    template = "coalesce(((%(expressions)s])::float8, 0)"
    place = Func(ids, F("pk"), template="array_position(%(expressions)s)", output_field=BigIntegerField())
    return Func(values, place, template=template, arg_joiner=")[", output_field=number)


def score_of_words(words: Words) -> Combinable:
    """
    Return how well a listing fits by its words alone.

    Full text with weights, then likeness to the title; a word that may be a typo counts by how like it is, so less than
    the word itself.
    """
    whole: Combinable = TrigramSimilarity("title", words.text)
    if words.known:
        whole += SearchRank(F("search"), _query(words), weights=[0.05, 0.2, 0.5, 1.0], cover_density=True) * 2
    if words.fuzzy:
        whole += TrigramWordSimilarity(" ".join(words.fuzzy), "search_text")
    return whole


def _query(words: Words) -> SearchQuery:
    # Words are letters, digits and underscores only, so quoting them is enough.
    parts = [f"'{word}':*" if word == words.typed else f"'{word}'" for word in words.known]
    return SearchQuery((" & " if words.every else " | ").join(parts), search_type="raw", config=SEARCH_CONFIG)
