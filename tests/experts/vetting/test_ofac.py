"""How alike two names are: the published values of both measures, and OFAC's two techniques on whole lists."""

from __future__ import annotations

import jellyfish
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.registries.queries import ListedName
from experts.vetting.checks.ofac import PARTS, WHOLE, index_of, is_readable, likenesses, name_part, whole_name

LIST = (
    ListedName(1, "KORVAREN, Oleksandr Petrovich"),
    ListedName(1, "KORVAREN, Alexander", "aka"),
    ListedName(2, "MBEKI-ADEYEMI, Tunde"),
    ListedName(3, "GARCÍA LÓPEZ, María Elena"),
)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        # Winkler, “String Comparator Metrics” (1990), and the U.S. Census Bureau's table of 1999
        ("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.84), ("DIXON", "DICKSONX", 0.813), ("JONES", "JOHNSON", 0.832),
        ("SHACKLEFORD", "SHACKELFORD", 0.982), ("DUNNINGHAM", "CUNNIGHAM", 0.896), ("NICHLESON", "NICHULSON", 0.956),
        ("MASSEY", "MASSIE", 0.933), ("ABROMS", "ABRAMS", 0.922), ("JERALDINE", "GERALDINE", 0.926),
        ("MICHELLE", "MICHAEL", 0.921), ("TANYA", "TONYA", 0.88), ("SEAN", "SUSAN", 0.805), ("JON", "JOHN", 0.933),
    ],
)  # fmt: skip
def test_jaro_winkler_has_the_published_values(one, other, likeness):
    assert jellyfish.jaro_winkler_similarity(one, other) == pytest.approx(likeness, abs=0.0015)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        # National Archives, “Soundex System” (2007)
        ("Washington", "W252"), ("Lee", "L000"), ("Gutierrez", "G362"), ("Pfister", "P236"), ("Jackson", "J250"),
        ("Tymczak", "T522"), ("Ashcraft", "A261"), ("Robert", "R163"), ("Rupert", "R163"), ("Rubin", "R150"),
    ],
)  # fmt: skip
def test_soundex_has_the_published_codes(name, code):
    assert jellyfish.soundex(name) == code


def test_what_begins_otherwise_or_is_too_little_alike_is_no_candidate():
    assert whole_name("imani okafor", "bmani okafor") == 0
    assert whole_name("ali", "alexandropoulos") == 0
    assert whole_name("farid cho", "farid zorani") == 0  # the first name alone makes nobody alike
    assert name_part("catherine", "katherine") == 0


def test_a_part_that_also_sounds_alike_counts_more():
    assert name_part("smith", "smith") == pytest.approx(1)
    alike, unlike = name_part("smith", "smyth"), name_part("smith", "smits")
    assert alike == pytest.approx(0.8 * jellyfish.jaro_winkler_similarity("smith", "smyth") + 0.2)
    assert unlike == pytest.approx(0.8 * jellyfish.jaro_winkler_similarity("smith", "smits"))


def found(name, threshold=85):
    return likenesses(name, index_of(LIST), threshold=threshold)


@pytest.mark.parametrize(
    ("name", "ent_num", "technique", "least"),
    [
        ("Alexander Korvaren", 1, WHOLE, 100),  # the alias, in our order of names
        ("KORVAREN Alexander", 1, PARTS, 100),  # the last name first
        ("Oleksandr Korvaren", 1, PARTS, 100),  # without the father's name
        ("Alexandr Korvarin", 1, PARTS, 90),  # misspelt
        ("Tunde Mbeki Adeyemi", 2, WHOLE, 100),
        ("Maria Garcia", 3, PARTS, 100),  # accents do not matter, nor do names that are left out
        ("Elena García López", 3, PARTS, 100),
    ],
)
def test_the_name_of_a_listed_person_is_found_however_it_is_written(name, ent_num, technique, least):
    best, hits = found(name)
    assert [(hit.ent_num, hit.technique) for hit in hits] == [(ent_num, technique)]
    assert best == hits[0].score >= least


@pytest.mark.parametrize(
    "name",
    [
        "Imani Okafor",
        "Ingrid Brandvold",
        "Mario Rossi",
        "Alexander Smith",
        "Tatiana Korvaren",
        "Tunde Bello",
        "Alexander Kim",
    ],
)
def test_other_names_are_not(name):
    best, hits = found(name)
    assert hits == []
    assert best < 85


def test_a_word_of_an_entry_serves_once():
    index = index_of([ListedName(1, "LOPEZ, Ana"), ListedName(2, "LOPEZ LOPEZ, Ana")])
    _best, hits = likenesses("Lopez Lopez", index, threshold=50)
    assert [(hit.ent_num, hit.score) for hit in hits] == [(2, 100), (1, 50)]


def test_an_entry_with_several_names_gives_one_hit_by_its_best_name():
    _best, hits = found("Alexander Korvaren", threshold=50)
    assert [hit.ent_num for hit in hits].count(1) == 1
    assert hits[0].name == "KORVAREN, Alexander"


@pytest.mark.parametrize(
    ("name", "readable"),
    [("Imani Okafor", True), ("Cher", False), ("Ольга Петрова", False), ("", False), ("Dr. Okafor", False)],
)
def test_one_word_or_other_letters_are_left_to_a_person(name, readable):
    assert is_readable(name) is readable


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=12), st.text(max_size=20))
def test_no_name_makes_the_comparison_stumble_and_scores_stay_in_bounds(first, last):
    name = f"{first} {last}"
    index = index_of([*LIST, ListedName(9, name)])
    best, hits = likenesses(name, index, threshold=0)
    assert 0 <= best <= 100
    assert all(0 <= hit.score <= 100 for hit in hits)


@given(st.sampled_from(LIST), st.integers(0, 5))
def test_every_listed_name_finds_itself(listed, turn):
    words = listed.name.replace(",", "").split()
    shuffled = words[turn % len(words) :] + words[: turn % len(words)]
    best, _hits = found(" ".join(shuffled))
    assert best == 100
