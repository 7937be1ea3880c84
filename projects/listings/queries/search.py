"""What a visitor typed, understood: which words are known, which are likely typos, and how well a listing fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity, TrigramWordSimilarity
from django.db import connection
from django.db.models import DecimalField, F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from experts.profiles.models import Field
from projects.labs.models import Lab
from projects.listings.enums import SEARCH_CONFIG, ProjectState, Visibility

WORDS_MAX: Final = 8
TEXT_MAX: Final = 300
NOISE: Final = frozenset({"gig", "gigs", "job", "jobs", "remote", "online", "freelance", "hiring"})
"""Every gig is one of these; they would only hide what else was typed."""

PREFIX_MIN: Final = 3
FUZZY_MIN: Final = 4
LAB_NAME_MIN: Final = 3
LAB_LIMIT: Final = 50

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
    every: bool = True
    """Whether a listing must have every word, or any."""

    @property
    def count(self) -> int:
        return len(self.known) + len(self.fuzzy)

    def any_of(self) -> Words:
        """Return the same words, one of which is enough."""
        return Words(self.text, self.known, self.fuzzy, self.typed, self.lab_ids, every=False)


def understand(text: str, *, taxonomy: Iterable[Field]) -> Words | None:
    """
    Return what was typed as words to look for, or None if nothing was. At most two queries.

    A word of the taxonomy is no typo, even when no gig has it now. Labs that stay anonymous are never found by their name.
    """
    plain = plain_text(text)[:TEXT_MAX]
    words = list(dict.fromkeys(re.findall(r"\w+", plain)))[:WORDS_MAX]
    if not words:
        return None
    telling = [word for word in words if word not in NOISE] or words
    last = telling[-1] if len(telling[-1]) >= PREFIX_MIN and plain.endswith(telling[-1]) else ""
    vocabulary = {
        word for field in taxonomy for name in [field.name, *field.synonyms] for word in plain_text(name).split()
    }
    known, fuzzy = _sort(telling, last, vocabulary)
    return Words(" ".join(telling), tuple(known), tuple(fuzzy), last, _labs_called(plain))


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


def score(words: Words) -> Combinable:
    """
    Return how well a listing fits, with four decimals, so that a page can go on exactly where the last one ended.

    Full text with weights, then likeness to the title; a word that may be a typo counts by how like it is, so less than
    the word itself.
    """
    whole: Combinable = TrigramSimilarity("title", words.text)
    if words.known:
        whole += SearchRank(F("search"), _query(words), weights=[0.05, 0.2, 0.5, 1.0], cover_density=True) * 2
    if words.fuzzy:
        whole += TrigramWordSimilarity(" ".join(words.fuzzy), "search_text")
    return Cast(whole, DecimalField(max_digits=12, decimal_places=4))


def _query(words: Words) -> SearchQuery:
    # Words are letters, digits and underscores only, so quoting them is enough.
    parts = [f"'{word}':*" if word == words.typed else f"'{word}'" for word in words.known]
    return SearchQuery((" & " if words.every else " | ").join(parts), search_type="raw", config=SEARCH_CONFIG)
