"""What each kind of question gives for an answer: full, part and none, whatever is sent."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.assessments.enums import FULL_BPS, QuestionKind
from experts.assessments.kinds import kind_of, registered
from experts.assessments.kinds.numeric import number_in
from experts.assessments.kinds.text import credit_of_marks
from tests.factories.experts_assessments import LINES, RIGHT

CLOSED = sorted(set(QuestionKind.values) - {"TEXT"})
words = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=12)
sent = st.dictionaries(
    st.sampled_from(["chosen", "value", "text", "place_a", "place_b", "place_c", "strange"]),
    st.lists(st.one_of(words, st.sampled_from(["a", "b", "c", "d", "1", "2", "3", "7.4", "-1", "1e9"])), max_size=5),
)


def credit(kind, answer):
    rules = kind_of(kind)
    return rules.credit(rules.read(LINES[kind]), answer)


@pytest.mark.parametrize("kind", CLOSED)
def test_the_right_answer_earns_everything_and_none_earns_nothing(kind):
    assert (credit(kind, RIGHT[kind]), credit(kind, {})) == (FULL_BPS, 0)


@pytest.mark.parametrize("kind", sorted(QuestionKind.values))
@given(raw=sent)
def test_whatever_is_sent_becomes_an_answer_with_a_credit_between_none_and_all(kind, raw):
    rules = kind_of(kind)
    content = rules.read(LINES[kind])
    answer = rules.clean(content, raw)
    assert 0 <= rules.credit(content, answer) <= FULL_BPS
    assert rules.clean(content, {}) == {}
    assert all(isinstance(line, str) for line in rules.said(content, answer))


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [(["a"], 5000), (["a", "c"], 0), (["a", "b", "c"], 5000), (["c"], 0), (["a", "b", "c", "d"], 0), (["b"], 5000)],
)
def test_of_several_right_ones_each_adds_its_share_and_each_wrong_one_takes_one(chosen, expected):
    assert credit("MULTIPLE", {"chosen": chosen}) == expected


@given(st.sets(st.sampled_from("abcd")))
def test_ticking_everything_is_never_worth_more_than_the_right_ones(chosen):
    assert credit("MULTIPLE", {"chosen": sorted(chosen)}) <= credit("MULTIPLE", RIGHT["MULTIPLE"])
    wrong = set(chosen) & {"c", "d"}
    assert credit("MULTIPLE", {"chosen": sorted(chosen)}) <= credit("MULTIPLE", {"chosen": sorted(set(chosen) - wrong)})


@pytest.mark.parametrize(
    ("places", "expected"),
    [({"a": 1, "b": 3, "c": 2}, 3333), ({"a": 3, "b": 2, "c": 1}, 0), ({"a": 1, "b": 2}, 3333), ({"a": 1, "b": 1, "c": 2}, 6666)],
)  # fmt: skip
def test_an_order_is_worth_its_pairs(places, expected):
    assert credit("ORDERED", {"places": places}) == expected


@given(st.permutations(["a", "b", "c"]))
def test_only_the_right_order_is_worth_everything(order):
    places = {key: place for place, key in enumerate(order, 1)}
    assert (credit("ORDERED", {"places": places}) == FULL_BPS) is (list(order) == ["a", "b", "c"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7.4", 10_000), ("7,4", 10_000), (" 7.50 ", 10_000), ("7.51", 5000), ("7.6", 5000), ("7.61", 0), ("-7.4", 0),
     ("about seven", 0), ("NaN", 0), ("1e1", 0), ("7.4 7.4", 0)],
)  # fmt: skip
def test_a_number_within_the_tolerance_is_right_and_within_twice_of_it_half(value, expected):
    assert credit("NUMERIC", {"value": value}) == expected


def test_numbers_are_read_as_people_write_them():
    assert [str(number_in(text)) for text in ("1 000", "\u22125", "+3", "0,5", "", "1,000.5")] == [
        "1000", "-5", "3", "0.5", "None", "None",
    ]  # fmt: skip


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_marks_become_a_share_that_grows_with_each_of_them(marks):
    criteria = [{"key": str(place), "text": "x"} for place in range(len(marks))]
    given_marks = {str(place): mark for place, mark in enumerate(marks)}
    found = credit_of_marks(criteria, given_marks)
    assert found == sum(marks) * FULL_BPS // (3 * len(marks))
    if marks[0] < 3:
        assert credit_of_marks(criteria, given_marks | {"0": marks[0] + 1}) > found


@pytest.mark.parametrize("kind", sorted(registered))
def test_what_an_author_writes_can_be_edited_again(kind):
    rules = kind_of(kind)
    content = rules.read(LINES[kind])
    assert rules.read(rules.lines(content)) == content
    order = rules.shuffled(content, random.Random(1))
    assert sorted(order) == sorted(option.key for option in rules.options(content))
    assert rules.rule
    assert rules.hint


@pytest.mark.parametrize(
    ("kind", "lines", "says"),
    [
        ("SINGLE", "one\ntwo", "a star before the one"), ("SINGLE", "* one\n* two", "a star before the one"),
        ("SINGLE", "* one", "2 to 10"), ("SINGLE", "* one\none", "say the same"),
        ("MULTIPLE", "* one\n* two", "at least one without"), ("ORDERED", "one\ntwo", "3 to 10"),
        ("NUMERIC", "seven", "the number"), ("NUMERIC", "7\n-1", "the number"), ("NUMERIC", "", "the number"),
        ("TEXT", "", "1 to 6"), ("TEXT", "\n".join("abcdefg"), "1 to 6"), ("SINGLE", "* " + "x" * 301 + "\ny", "300"),
    ],
)  # fmt: skip
def test_an_author_is_told_what_is_missing(kind, lines, says):
    with pytest.raises(ValueError, match=says):
        kind_of(kind).read(lines)
