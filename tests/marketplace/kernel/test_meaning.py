"""What the model says: alike texts are near each other in any of its languages, and one that is off says nothing."""

from __future__ import annotations

from django.test import override_settings

from marketplace.kernel.meaning import DIMENSIONS, fingerprint, meaning_of, meaning_of_listing


def likeness(one: str, other: str) -> float:
    a, b = meaning_of(one), meaning_of(other)
    assert a is not None
    assert b is not None
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_texts_that_mean_alike_are_near_in_any_language() -> None:
    assert likeness("tooth doctor", "dentist") > 0.6
    assert likeness("Zahnarzt", "dentist") > 0.6
    assert likeness("tooth doctor", "commercial lease") < 0.2


def test_a_listing_lies_near_the_names_of_its_field_and_has_length_one() -> None:
    vector = meaning_of_listing("Echo loops, graded", ["Cardiology", "heart doctor"])
    asked = meaning_of("heart specialist")

    assert asked is not None
    assert len(vector) == len(asked) == DIMENSIONS
    assert abs(sum(x * x for x in vector) - 1) < 1e-5
    assert sum(x * y for x, y in zip(vector, asked, strict=True)) > 0.6
    assert sum(x * y for x, y in zip(meaning_of_listing("Echo loops, graded", []), asked, strict=True)) < 0.5


def test_switched_off_it_says_nothing_even_of_what_it_said_before() -> None:
    assert meaning_of("dentist") is not None

    with override_settings(SEARCH_BY_MEANING=False):
        assert meaning_of("dentist") is None


def test_a_fingerprint_tells_texts_apart() -> None:
    assert fingerprint("a") == fingerprint("a") != fingerprint("b")
