"""What may not count for a rank does not count; and a ranking that looked at it would be found out."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from projects.hiring import figures
from projects.hiring.figures import Asked, Facts, Record, Weights, Wish, parts_of, ranked
from projects.hiring.queries.matching import facts_from

WEIGHTS = Weights(40, 10, 15, 10, 10, 10, 10, 5, newcomer_percent=50)
ASKED = Asked(
    wishes=(
        Wish("Medical licence, document seen", True, kind="MEDICAL_LICENCE", step="DOCUMENT_SEEN"),
        Wish("Vetted in Medicine", True, field_id=1),
        Wish("NPI number", False, kind="NPI", step="DECLARED"),
    ),
    field_ids=frozenset({1, 2}),
    languages={"en": "English", "es": "Spanish"},
    countries=frozenset({"US", "IE"}),
    hours=10,
)
STEPS = ("DECLARED", "FORMAT_VALID", "DOCUMENT_SEEN", "REGISTRY_MATCHED", "CONFIRMED")

WORDS = st.text("aZ é漢", max_size=4)

known = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["US", "IE", "FR", ""]),
        "weekly_hours": st.one_of(st.none(), st.integers(0, 80)),
        "steps": st.dictionaries(st.sampled_from(["MEDICAL_LICENCE", "NPI"]), st.sampled_from(STEPS)),
        "vetted": st.sets(st.integers(1, 3)),
        "languages": st.sets(st.sampled_from(["en", "es", "de"])),
        "record": st.builds(
            lambda reviewed, taken, good, prompt: Record(min(good, reviewed), reviewed, min(prompt, taken), taken),
            st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40),
        ),
    }
)  # fmt: skip
person = st.fixed_dictionaries(
    {
        "full_name": WORDS,
        "email": WORDS.map(lambda name: f"{name}@example.org"),
        "time_zone": st.sampled_from(["UTC", "America/New_York", "Europe/Dublin"]),
        "headline": WORDS,
        "about": WORDS,
        "years_experience": st.one_of(st.none(), st.integers(0, 60)),
        "rate_desired_minor": st.integers(1, 90_000),
    }
)
OF_USER = ("full_name", "email", "time_zone")


def profile(facts: dict, words: dict, pk: int) -> Expert:
    """A profile with these facts, told by a person with these words; nothing of it is in a database."""
    user = User(pk=pk, **{name: words[name] for name in OF_USER})
    rest = {name: value for name, value in words.items() if name not in OF_USER}
    return Expert(
        pk=pk,
        public_id=new_public_id(),
        user=user,
        country=facts["country"],
        weekly_hours=facts["weekly_hours"],
        **rest,
    )


def ranks_of(
    pool: list[tuple[int, dict, dict]], order: Callable[[list], None], first_pk: int, rank: Callable = ranked
) -> dict[int, int]:
    """The rank of each by a number that only this test knows."""
    rows = []
    for number, facts, words in pool:
        expert = profile(facts, words, first_pk + number)
        own = {name: facts[name] for name in ("steps", "vetted", "languages", "record")}
        rows.append((number, str(expert.public_id), facts_from(expert, **own), expert))
    order(rows)
    if rank is ranked:
        return {row.key: row.rank for row in ranked([row[:3] for row in rows], ASKED, WEIGHTS, seed="a project")}
    return rank(rows)


def hold_the_same(pool: list[tuple[dict, dict, dict]], seed: int, rank: Callable = ranked) -> None:
    """The same facts under other names, ids, ages and words, in another order, have the same ranks."""
    one = [(number, facts, words) for number, (facts, words, _other) in enumerate(pool)]
    two = [(number, facts, other) for number, (facts, _words, other) in enumerate(pool)]
    first = ranks_of(one, lambda _rows: None, 1, rank)
    second = ranks_of(two, random.Random(seed).shuffle, 5_000_000 - seed, rank)
    assert first == second


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pool=st.lists(st.tuples(known, person, person), min_size=2, max_size=8), seed=st.integers(0, 1000))
def test_name_age_words_ids_and_the_order_of_rows_never_change_a_rank(pool, seed):
    hold_the_same(pool, seed)


def by_years(rows: list) -> dict[int, int]:
    """A ranking that looks at the years of practice beside the facts, and so at the age."""
    points = {
        row[0]: sum(part.hundredths for part in parts_of(row[2], ASKED, WEIGHTS)) + (row[3].years_experience or 0)
        for row in rows
    }
    return {number: 1 + sum(other > own for other in points.values()) for number, own in points.items()}


def test_a_ranking_that_looked_at_the_age_would_be_found_out():
    facts = {"country": "US", "weekly_hours": 20, "steps": {}, "vetted": set(), "languages": set(), "record": Record()}
    words = {
        "full_name": "A", "email": "a@example.org", "time_zone": "UTC", "headline": "", "about": "",
        "years_experience": 2, "rate_desired_minor": 1,
    }  # fmt: skip
    old, young = words | {"years_experience": 40}, words
    pool = [(facts, young, old), (facts, old, young)]
    hold_the_same(pool, 1)
    with pytest.raises(AssertionError):
        hold_the_same(pool, 1, rank=by_years)


def test_the_ranking_can_know_nothing_else():
    assert [field.name for field in dataclasses.fields(Facts)] == [
        "steps", "vetted_field_ids", "language_codes", "country", "weekly_hours", "record",
    ]  # fmt: skip


@given(facts=known, country=st.sampled_from(["US", "IE"]))
def test_which_of_the_allowed_countries_it_is_does_not_count(facts, country):
    own = {name: facts[name] for name in ("steps", "vetted", "languages", "record")}
    here, there = (
        facts_from(Expert(country=code, weekly_hours=facts["weekly_hours"]), **own) for code in ("US", country)
    )
    assert parts_of(here, ASKED, WEIGHTS) == parts_of(there, ASKED, WEIGHTS)


@given(facts=known)
def test_points_are_the_sum_of_parts_that_each_say_why(facts):
    own = {name: facts[name] for name in ("steps", "vetted", "languages", "record")}
    parts = parts_of(
        facts_from(Expert(country=facts["country"], weekly_hours=facts["weekly_hours"]), **own), ASKED, WEIGHTS
    )
    assert sum(part.most for part in parts) == 110
    for part in parts:
        assert 0 <= part.hundredths <= part.most * 100
        assert part.details
        assert all(detail.words for detail in part.details)
        if part.is_full:
            assert "no" not in {detail.ok for detail in part.details}


def test_each_part_gives_the_points_that_its_weight_says():
    facts = Facts(
        steps={"MEDICAL_LICENCE": "CONFIRMED"}, vetted_field_ids=frozenset({2}), language_codes=frozenset({"en"}),
        country="IE", weekly_hours=7, record=Record(accepted=9, reviewed=10, on_time=4, taken=4),
    )  # fmt: skip
    found = {part.code: part.points for part in parts_of(facts, ASKED, WEIGHTS)}
    assert found == {
        "required": "20", "nice": "0", "vetted": "15", "languages": "5", "hours": "7", "country": "10", "accepted": "9",
        "on_time": "2.5",  # four tasks are no record yet, so the newcomer's half
    }  # fmt: skip


def test_equal_points_are_an_equal_rank_and_the_lot_is_another_one_for_each_project():
    pool = [(number, f"ref {number}", Facts()) for number in range(6)] + [(9, "ref 9", Facts(weekly_hours=40))]
    one, two = (ranked(pool, ASKED, WEIGHTS, seed=seed) for seed in ("one project", "another"))
    assert [row.rank for row in one] == [1, 2, 2, 2, 2, 2, 2]
    assert one[0].key == two[0].key == 9
    assert [row.key for row in one] != [row.key for row in two]
    assert [row.key for row in ranked(reversed(pool), ASKED, WEIGHTS, seed="one project")] == [row.key for row in one]


def test_what_a_project_does_not_ask_for_gives_nobody_points():
    codes = [part.code for part in parts_of(Facts(), Asked(), WEIGHTS)]
    assert codes == ["hours", "accepted", "on_time"]
    assert figures.points_in_words(750) == "7.5"
    assert figures.points_in_words(4000) == "40"
    assert figures.points_in_words(666) == "6.66"
