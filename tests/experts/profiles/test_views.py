"""The profile page: saved without JavaScript, in part with htmx, and shown to its owner only."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from experts.profiles.models import Expert, ExpertField, Field
from tests.factories.experts_profiles import field_of, make_blank_expert, make_expert, make_free, make_person

pytestmark = pytest.mark.django_db
PAGE = "/me/profile/"


def post(client, section, data, **headers):
    return client.post(reverse("profiles:save", args=[section]), data, headers=headers)


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_a_person_without_a_profile_is_invited_and_starts_one(client):
    client.force_login(make_person())
    assert "Start your profile" in client.get(PAGE).text
    assert client.post(reverse("profiles:start"))["Location"] == "/me/profile/steps/"
    assert "0 of 6 sections" in client.get(PAGE).text


def test_an_unfinished_section_is_saved_and_shows_what_is_missing(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    answer = post(client, "about", {"headline": "Cardiologist", "about": "", "country": "", "years_experience": ""})
    assert answer["Location"] == "/me/profile/#about"
    page = client.get(PAGE).text
    assert 'value="Cardiologist"' in page
    assert "Missing: about you, country, years of experience" in page


def test_htmx_gets_the_section_and_the_progress_back(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    answer = post(client, "about", {"headline": "Cardiologist", "about": "x", "country": "US", "years_experience": "3"},
                  **{"HX-Request": "true"})  # fmt: skip
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="about"' in answer.text
    assert "Saved" in answer.text
    assert 'id="profile-progress" hx-swap-oob="true"' in answer.text
    assert "1 of 6 sections" in answer.text


def test_a_synonym_adds_the_field_it_means(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    assert post(client, "fields", {"add": "heart doctor", "add_years": "12"}).status_code == 302
    assert [(row.field.code, row.years) for row in expert.field_entries.all()] == [("cardiology", 12)]


def test_words_that_fit_several_fields_are_asked_back(client):
    client.force_login(make_blank_expert().user)
    answer = post(client, "fields", {"add": "translator"})
    assert answer.status_code == 422
    assert "Several fields fit. Choose one." in answer.text
    picks = re.findall(r'name="pick" value="(\d+)"', answer.text)
    assert [Field.objects.get(pk=pk).name for pk in picks] == ["Languages", "Translation"]
    post(client, "fields", {"pick": picks[1], "add_years": "4"})
    assert [(row.field.code, row.years) for row in ExpertField.objects.all()] == [("translation", 4)]


def test_a_slip_of_the_hand_is_asked_back_and_never_taken_for_certain(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    answer = post(client, "fields", {"add": "cardiolgy"})
    assert answer.status_code == 422
    assert "Did you mean one of these?" in answer.text
    assert f'name="pick" value="{field_of("cardiology").pk}"' in answer.text
    assert not expert.field_entries.exists()


def test_a_field_is_removed_by_its_button(client):
    expert = make_expert(fields=["cardiology", "neurology"])
    client.force_login(expert.user)
    cardiology, neurology = field_of("cardiology").pk, field_of("neurology").pk
    post(client, "fields", {f"years_{cardiology}": "10", f"years_{neurology}": "4", "drop": str(cardiology)})
    assert [(row.field_id, row.years) for row in expert.field_entries.all()] == [(neurology, 4)]


def test_a_field_of_the_whole_list_is_claimed_and_its_years_are_asked(client):
    expert = make_expert(fields=["cardiology"])
    client.force_login(expert.user)
    answer = client.post(reverse("profiles:claim"), {"field": field_of("chess").pk})
    assert answer["Location"] == "/me/profile/#fields"
    assert sorted(row.field.code for row in expert.field_entries.all()) == ["cardiology", "chess"]
    assert client.get(reverse("profiles:all_fields")).text.count("In your profile") == 2
    assert 'name="steps"' in client.get(reverse("profiles:all_fields"), {"steps": "1"}).text
    answer = client.post(reverse("profiles:claim"), {"field": field_of("law").pk, "steps": "1"})
    assert answer["Location"] == "/me/profile/steps/fields/"


def test_languages_are_added_changed_and_removed(client):
    expert = make_expert()
    client.force_login(expert.user)
    post(client, "languages", {"level_en": "C2", "add": "pt", "add_level": "NATIVE"})
    assert sorted(expert.languages.values_list("code", "level")) == [("en", "C2"), ("pt", "NATIVE")]
    post(client, "languages", {"level_en": "C2", "level_pt": "NATIVE", "drop": "en"})
    assert list(expert.languages.values_list("code", flat=True)) == ["pt"]


@pytest.mark.parametrize(
    ("section", "data", "words"),
    [
        ("terms", {"rate_desired": "abc"}, "is not an amount"),
        ("terms", {"rate_desired": "100", "rate_minimum": "200"}, "cannot be above"),
        ("terms", {"rate_desired": "10000000000"}, "below 10,000"),
        ("terms", {"weekly_hours": "81"}, "less than or equal to 80"),
        ("about", {"years_experience": "-1"}, "greater than or equal to 0"),
        ("about", {"headline": "x" * 121}, "at most 120"),
        ("about", {"headline": "a\x00b"}, "Null characters"),
        ("terms", {"free": "8-1"}, "not one of the available choices"),
        ("terms", {"zone": "Mars/Olympus"}, "not one of the available choices"),
        ("fields", {"add": "flying saucers"}, "No field is called that"),
        ("languages", {"add": "xx"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_stands_next_to_its_field(client, section, data, words):
    expert = make_blank_expert()
    client.force_login(expert.user)
    answer = post(client, section, data)
    assert answer.status_code == 422
    assert words in answer.text
    assert Expert.objects.get(pk=expert.pk).updated_at == expert.updated_at


def test_rates_are_kept_in_minor_units(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    post(
        client, "terms", {"weekly_hours": "20", "rate_desired": "$210.50", "rate_minimum": "1,80", "open_to_work": "on"}
    )
    expert.refresh_from_db()
    assert (expert.rate_desired_minor, expert.rate_minimum_minor, expert.open_to_work) == (21050, 18000, True)


def test_a_section_that_does_not_exist_is_not_found(client):
    client.force_login(make_blank_expert().user)
    assert post(client, "secrets", {}).status_code == 404


def test_a_person_without_a_profile_saves_nothing(client):
    client.force_login(make_person())
    assert post(client, "about", {"headline": "x"}).status_code == 404
    assert not Expert.objects.exists()


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_page_asks_the_database_the_same_however_many_fields(client, django_assert_num_queries, how_many):
    expert = make_expert(fields=["cardiology", "neurology", "chess"][:how_many])
    client.force_login(expert.user)
    client.get(PAGE)
    with django_assert_num_queries(13):
        client.get(PAGE)


def test_the_grid_is_kept_by_the_wall_clock_and_presets_save_nothing(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    terms = {"weekly_hours": "20", "has_grid": "True", "free": ["1-18", "1-19", "6-9"], "zone": "America/New_York"}
    answer = post(client, "terms", terms | {"preset": "weekend", "rate_desired": "200"})
    assert answer.status_code == 200
    assert 'value="200"' in answer.text
    assert "data-week-total>20<" in answer.text  # two evening hours and two days of nine
    assert not expert.free_hours.exists()
    assert post(client, "terms", terms).status_code == 302
    assert list(expert.free_hours.order_by("weekday").values_list("weekday", "from_hour", "to_hour")) == [
        (1, 18, 20), (6, 9, 10),
    ]  # fmt: skip
    expert.user.refresh_from_db()
    assert expert.user.time_zone == "America/New_York"


def test_a_form_without_the_grid_leaves_it_alone(client):
    expert = make_blank_expert()
    make_free(expert, (1, 18, 22))
    client.force_login(expert.user)
    post(client, "terms", {"weekly_hours": "20"})
    assert expert.free_hours.count() == 1
    post(client, "terms", {"weekly_hours": "20", "has_grid": "True"})
    assert expert.free_hours.count() == 0


def test_the_switch_answers_with_itself(client):
    expert = make_expert()
    client.force_login(expert.user)
    answer = client.post(reverse("profiles:open"), {}, headers={"HX-Request": "true"})
    assert "Your profile says that you want no new gigs now." in answer.text
    assert "<html" not in answer.text
    expert.refresh_from_db()
    assert expert.open_to_work is False
    assert client.post(reverse("profiles:open"), {"is_open": "on"})["Location"] == "/me/"
    expert.refresh_from_db()
    assert expert.open_to_work is True


def test_what_is_typed_finds_fields_as_options(client):
    client.force_login(make_expert(fields=["cardiology"]).user)
    found = client.get(reverse("profiles:find_fields"), {"add": "heart"}).text
    assert "in your profile" in found
    assert 'aria-disabled="true"' in found
    assert "did you mean this?" in client.get(reverse("profiles:find_fields"), {"add": "nuerology"}).text
    assert "No field is called that." in client.get(reverse("profiles:find_fields"), {"add": "qqqqq"}).text
    assert client.get(reverse("profiles:find_fields"), {"add": ""}).text.strip() == ""
