"""The taxonomy of fields: seeded, found by the words people use, edited by staff."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experts.profiles.actions import add_field, edit_field, load_taxonomy, remove_field
from experts.profiles.actions.taxonomy import DATA
from experts.profiles.models import Field
from experts.profiles.queries import field_groups, find_fields, match_fields
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, NotAllowed, Refused
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
FIELDS = [
    Field(code=entry["code"], name=entry["name"], synonyms=entry["synonyms"], tree_order=f"{number:03d}")
    for number, entry in enumerate(
        child for top in json.loads(DATA.read_text(encoding="utf-8")) for child in [top, *top["children"]]
    )
]


def names_in(text: str) -> list[str]:
    return [field.name for field in match_fields(text, Field.objects.in_reading_order())]


def test_every_installation_has_the_fields_of_the_data_file():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    codes = [entry["code"] for top in data for entry in [top, *top["children"]]]
    assert len(codes) == len(set(codes)) == 185
    assert set(Field.objects.values_list("code", flat=True)) == set(codes)
    assert {top["code"] for top in data} >= {
        "medicine", "law", "finance", "software", "sciences", "writing", "humanities", "education", "trades", "games",
        "wine-food", "languages",
    }  # fmt: skip


def test_loading_again_adds_nothing_and_leaves_edited_fields_alone():
    field = field_of("cardiology")
    edit_field(field_id=field.pk, name="Heart medicine", parent_id=field.parent_id, synonyms=["heart"], position=5,
               by=make_vetter(), now=NOW)  # fmt: skip
    assert load_taxonomy(by=System("tests"), now=NOW) == 0
    field.refresh_from_db()
    assert (field.name, field.synonyms) == ("Heart medicine", ["heart"])


def test_loading_brings_back_a_field_that_was_removed():
    remove_field(field_id=field_of("poker").pk, by=make_vetter(), now=NOW)
    assert load_taxonomy(by=System("tests"), now=NOW) == 1
    assert field_of("poker").parent.code == "games"


def test_fields_are_read_parents_first_each_level_by_position():
    rows = list(Field.objects.in_reading_order())
    assert [row.code for row in rows[:3]] == ["medicine", "cardiology", "emergency-medicine"]
    for row in rows:
        assert row.parent is None or row.tree_order.startswith(f"{row.parent.tree_order}/")
    groups = field_groups()
    assert sum(1 + len(below) for _top, below in groups) == 185
    assert all(field.parent_id == top.pk for top, below in groups for field in below)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Cardiology", ["Cardiology"]),
        ("heart doctor", ["Cardiology"]),
        ("  CARDIOLOGIST ", ["Cardiology"]),
        ("español", ["Spanish"]),
        ("espanol", ["Spanish"]),
        ("chess", ["Chess"]),
        ("grandmaster", ["Chess"]),
        ("scriptwriter", ["Screenwriting"]),
        ("translator", ["Languages", "Translation"]),
        ("cardio", ["Cardiology"]),
        ("flying saucers", []),
        ("", []),
        ("cardiolgy", []),  # a guess, and guesses are asked back
    ],
)
def test_a_field_is_found_by_the_words_people_use(text, names):
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("cardiolgy", "Cardiology"), ("nuerology", "Neurology"), ("psychatry", "Psychiatry"), ("sreenwriting", "Screenwriting"),
        ("somelier", "Wine"), ("heart docter", "Cardiology"), ("portugese", "Portuguese"), ("pyhsics", "Physics"),
        ("anaesthesiolgy", "Anaesthesiology"), ("elektrician", "Electrical work"),
    ],
)  # fmt: skip
def test_a_slip_of_the_hand_finds_what_was_meant_first_and_says_that_it_guesses(typed, name):
    found = find_fields(typed, Field.objects.in_reading_order())
    assert found[0].field.name == name
    assert all(one.is_guess for one in found)


@given(st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_nothing_breaks_and_no_field_is_found_twice(text):
    found = find_fields(text, FIELDS)
    assert len({one.field.code for one in found}) == len(found) <= 8


def test_the_word_that_told_is_given_back():
    found = find_fields("heart", Field.objects.in_reading_order())
    assert (found[0].field.code, found[0].word, found[0].is_synonym) == ("cardiology", "heart doctor", True)


def test_staff_add_a_field_and_it_stands_last_among_its_siblings():
    medicine = field_of("medicine")
    field = add_field(
        name="Sleep medicine", parent_id=medicine.pk, synonyms=["sleep", " sleep ", ""], by=make_vetter(), now=NOW
    )
    assert (field.code, field.synonyms) == ("sleep-medicine", ["sleep"])
    assert list(Field.objects.filter(parent=medicine).in_reading_order())[-1] == field


def test_moving_a_field_moves_its_specialties_along():
    law = field_of("law")
    edit_field(
        field_id=law.pk, name="Law", parent_id=None, synonyms=law.synonyms, position=1, by=make_vetter(), now=NOW
    )
    codes = [row.code for row in Field.objects.in_reading_order()]
    assert codes[0] == "law"
    assert codes[1] == "contract-law"
    assert codes.index("medicine") > codes.index("real-estate-law")


def test_the_taxonomy_never_grows_a_third_level():
    vetter, law, cardiology = make_vetter(), field_of("law"), field_of("cardiology")
    with pytest.raises(Invalid, match="two levels"):
        add_field(name="Echo", parent_id=cardiology.pk, by=vetter, now=NOW)
    with pytest.raises(Invalid, match="specialties of its own"):
        edit_field(
            field_id=law.pk, name="Law", parent_id=field_of("finance").pk, synonyms=[], position=1, by=vetter, now=NOW
        )


def test_a_code_is_given_once():
    with pytest.raises(Invalid, match="already"):
        add_field(name="Cardiology", by=make_vetter(), now=NOW)


def test_a_field_in_use_stays():
    make_expert(fields=["poker"])
    with pytest.raises(Refused, match="in use"):
        remove_field(field_id=field_of("poker").pk, by=make_vetter(), now=NOW)
    with pytest.raises(Refused, match="in use"):
        remove_field(field_id=field_of("law").pk, by=make_vetter(), now=NOW)


def test_only_staff_edit_the_taxonomy():
    with pytest.raises(NotAllowed):
        add_field(name="Alchemy", by=make_person(), now=NOW)
    with pytest.raises(NotAllowed):
        remove_field(field_id=field_of("poker").pk, by=make_person(), now=NOW)
