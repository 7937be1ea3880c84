"""The statistics against published values, against slower ways to the same number, and at their edges."""

from __future__ import annotations

from fractions import Fraction
from statistics import correlation

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from experts.assessments import figures

SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
"""Two dermatologists on 88 patients: SAS/STAT User's Guide, The FREQ Procedure, example "Cohen's Kappa Coefficient"."""

marks = st.integers(0, 3)
pairs_of_marks = st.lists(st.tuples(marks, marks), min_size=1, max_size=40)
share = st.floats(0, 1, allow_nan=False).map(lambda value: round(value, 4))


def pairs_in(table):
    return [(row, column) for row, line in enumerate(table) for column, n in enumerate(line) for _ in range(n)]


def test_weighted_kappa_is_the_published_one():
    assert round(figures.weighted_kappa(pairs_in(SKIN), top=3, linear=True), 4) == 0.5082
    # Cohen's (unweighted) kappa is the same with two categories; the textbook's grants example gives 0.4.
    assert figures.weighted_kappa(pairs_in([[20, 5], [10, 15]]), top=1) == pytest.approx(0.4)
    assert round(figures.exact_agreement(pairs_in(SKIN)), 4) == round(45 / 88, 4)


@given(pairs_of_marks)
def test_weighted_kappa_is_what_every_pair_of_people_says(pairs):
    """The slow way: the distance seen, over the mean distance of every mark of one to every mark of the other."""
    seen = Fraction(sum((one - other) ** 2 for one, other in pairs), len(pairs))
    every = [(one - other) ** 2 for one, _ in pairs for _, other in pairs]
    chance = Fraction(sum(every), len(every))
    found = figures.weighted_kappa(pairs, top=3)
    assert found is None if chance == 0 else found == pytest.approx(float(1 - seen / chance))


@given(pairs_of_marks)
def test_kappa_does_not_care_who_is_first_and_agreement_is_one(pairs):
    turned = [(other, one) for one, other in pairs]
    assert figures.weighted_kappa(pairs, top=3) == pytest.approx(figures.weighted_kappa(turned, top=3))
    same = [(one, one) for one, _ in pairs]
    assert figures.weighted_kappa(same, top=3) in (1, None)
    assert figures.exact_agreement(same) == 1


def test_kappa_is_none_where_nothing_differs():
    assert figures.weighted_kappa([], top=3) is None
    assert figures.weighted_kappa([(2, 2)] * 20, top=3) is None


@given(st.lists(st.tuples(share, share), min_size=3, max_size=60))
def test_discrimination_is_the_correlation_of_the_standard_library(people):
    item, rest = zip(*people, strict=True)
    assume(max(item) - min(item) > 0.001 and max(rest) - min(rest) > 0.001)
    assert figures.discrimination(item, rest) == pytest.approx(correlation(item, rest), abs=1e-6)


def test_discrimination_of_right_and_wrong_is_the_point_biserial():
    """By the formula (M1 - M0) / s * sqrt(p q), with the standard deviation of the population."""
    item, rest = [1, 1, 1, 0, 0], [0.9, 0.8, 0.7, 0.5, 0.1]
    mean = sum(rest) / 5
    spread = (sum((value - mean) ** 2 for value in rest) / 5) ** 0.5
    expected = (0.8 - 0.3) / spread * (0.6 * 0.4) ** 0.5
    assert figures.discrimination(item, rest) == pytest.approx(expected)


def test_discrimination_is_none_where_it_is_not_defined():
    assert figures.discrimination([1], [1]) is None
    assert figures.discrimination([1, 1], [0.2, 0.4]) is None
    assert figures.discrimination([0, 1], [0.5, 0.5]) is None
    with pytest.raises(ValueError, match="score on the rest"):
        figures.discrimination([1, 0], [1])


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=3), st.randoms())
def test_the_score_that_stands_lies_between_and_does_not_care_who_was_first(scores, chance):
    found = figures.settled(scores)
    assert min(scores) <= found <= max(scores)
    chance.shuffle(scores)
    assert figures.settled(scores) == found


def test_the_third_person_draws_the_score_to_the_nearer_of_the_two():
    assert figures.settled([2000, 9000]) == 5500
    assert figures.settled([2000, 9000, 8000]) == 8000
    assert figures.settled([3333, 6666]) == 5000  # half up


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 10)), min_size=1, max_size=30))
def test_the_mean_by_points_is_the_exact_one_rounded(scores):
    exact = Fraction(sum(score * points for score, points in scores), sum(points for _score, points in scores))
    assert abs(figures.weighted_mean(scores) - exact) <= Fraction(1, 2)
    assert figures.weighted_mean([]) == 0
