"""The whole relevance set: the board's blend is better than words alone and than meaning alone."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest

from tests.factories.projects_labs import NOW
from tests.support.judged import FOLDER, WAYS, Gig, JudgedBoard, Query, fits, measured, ndcg, queries

GIG = Gig("T", "S", "kidney stones", ("urology", "surgery"), "medicine", ("RANKING",), ("en", "es"), 90_00)


def test_the_set_has_120_searches_of_every_sort_and_each_rule_can_be_judged() -> None:
    sorts = Counter(query.sort for query in queries())

    assert sum(sorts.values()) >= 120
    assert set(sorts) == {
        "synonym", "meaning", "typo", "code", "language", "foreign", "topic", "kind", "field", "negative",
    }  # fmt: skip
    assert all(query.grades or query.sort == "negative" for query in queries())
    assert all(isinstance(fits(rule, GIG), bool) for query in queries() for _grade, rule in query.grades)
    assert (FOLDER / "README.md").exists()


@pytest.mark.parametrize(
    ("rule", "is_true"),
    [
        ("field:urology", True),
        ("field:surgery", False),
        ("also:surgery", True),
        ("in:medicine", True),
        ("topic:stones & language:es", True),
        ("topic:stones & language:fr", False),
        ("kind:RANKING", True),
    ],
)
def test_rules_judge_what_is_true_of_a_gig(rule: str, is_true: bool) -> None:
    assert fits(rule, GIG) is is_true


def test_the_first_rule_that_fits_gives_the_grade_and_none_gives_nought() -> None:
    assert Query("q", "topic", ((3, "field:chess"), (2, "also:surgery"), (1, "in:medicine"))).grade(GIG) == 2
    assert Query("q", "topic", ((3, "field:chess"),)).grade(GIG) == 0


def test_ndcg_is_one_for_the_best_order_and_less_for_any_other() -> None:
    assert ndcg([3, 2, 0], [0, 2, 3]) == 1.0
    assert ndcg([2, 3], [3, 2]) == pytest.approx((3 + 7 / 1.584962500721156) / (7 + 3 / 1.584962500721156))
    assert ndcg([0, 0], [3]) == ndcg([1], []) == 0.0


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.timeout(240)
def test_the_blend_is_better_than_words_alone_and_than_meaning_alone() -> None:
    board = JudgedBoard.posted(300, now=NOW)  # `./dev bench relevance` posts 2,000, which takes minutes.

    results = {name: measured(board, way) for name, way in WAYS.items()}

    overall = {name: mean(values.values()) for name, (values, _noise) in results.items()}
    assert overall["both"] > max(overall["words"], overall["meaning"])
    assert overall["both"] > 0.75
    assert sum(bool(wrong) for wrong in results["both"][1].values()) <= 1
