"""The way through the profile: begun, left, gone on with where it stopped, and finished; without JavaScript."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from experts.profiles.models import Conflict, Expert, WorkEntry
from tests.factories.experts_profiles import (
    field_of,
    make_blank_expert,
    make_conflict,
    make_expert,
    make_person,
    make_work,
)

pytestmark = pytest.mark.django_db
STEPS = "/me/profile/steps/"
ABOUT = {"headline": "Cardiologist", "about": "Trained in Lagos.", "country": "US", "years_experience": "12"}
JOB = {
    "title": "Attending", "organisation": "Clinic", "from_month": "1", "from_year": "2015", "to_month": "", "to_year": "",
    "goes_on": "on", "summary": "",
}  # fmt: skip


def step(client, code, data=None, **more):
    return client.post(f"{STEPS}{code}/", (data or {}) | more)


def test_each_step_leads_to_the_next_and_the_way_is_gone_on_with_where_it_stopped(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    assert client.get(STEPS)["Location"] == f"{STEPS}about/"
    assert step(client, "about", ABOUT)["Location"] == f"{STEPS}fields/"
    assert client.get(STEPS)["Location"] == f"{STEPS}fields/"
    assert (
        step(client, "fields", {"add": "heart doctor", "add_years": "12"}, then="stay")["Location"] == f"{STEPS}fields/"
    )
    assert step(client, "fields", then="leave")["Location"] == "/me/"
    page = client.get("/me/").text
    assert "2 of 6 steps done. Next: Languages." in page
    assert f'href="{STEPS}"' in page
    assert client.get(STEPS)["Location"] == f"{STEPS}languages/"
    step(client, "languages", {"add": "en", "add_level": "NATIVE"})
    assert step(client, "history", then="skip")["Location"] == f"{STEPS}terms/"
    step(client, "terms", {"weekly_hours": "10", "rate_desired": "200", "open_to_work": "on"})
    assert step(client, "conflicts", then="skip")["Location"] == f"{STEPS}review/"
    assert client.get(STEPS)["Location"] == f"{STEPS}review/"
    review = client.get(f"{STEPS}review/").text
    assert "Go on to résumé and credentials" in review
    assert "left out" in review
    assert "Round off your profile" not in client.get("/me/").text
    assert "Complete your profile" not in client.get("/me/").text


def test_a_step_that_is_needed_can_be_passed_but_stays_open(client):
    client.force_login(make_blank_expert().user)
    assert step(client, "about", {"headline": "Cardiologist"})["Location"] == f"{STEPS}fields/"
    assert client.get(STEPS)["Location"] == f"{STEPS}about/"
    review = client.get(f"{STEPS}review/").text
    assert "Still missing:" in review
    assert "Go on with About you" in review


def test_what_is_wrong_keeps_the_person_on_the_step(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    answer = step(client, "about", ABOUT | {"years_experience": "-1"})
    assert answer.status_code == 422
    assert "greater than or equal to 0" in answer.text
    assert Expert.objects.get().headline == ""


def test_a_preset_stays_on_the_step_and_saves_nothing(client):
    expert = make_blank_expert()
    client.force_login(expert.user)
    answer = step(client, "terms", {"has_grid": "True", "preset": "evenings"})
    assert answer.status_code == 200
    assert '<b class="tabular-nums" data-week-total>20</b>' in answer.text
    assert not expert.free_hours.exists()


def test_a_field_is_removed_on_its_step(client):
    expert = make_expert(fields=["cardiology", "chess"])
    client.force_login(expert.user)
    step(client, "fields", {"drop": str(field_of("chess").pk)}, then="stay")
    assert [row.field.code for row in expert.field_entries.all()] == ["cardiology"]


def test_no_other_step_exists_and_nobody_without_a_profile_is_led_through(client):
    client.force_login(make_person("New Person"))
    assert client.get(STEPS)["Location"] == "/me/profile/"
    assert client.get(f"{STEPS}about/").status_code == 404
    client.force_login(make_expert().user)
    assert client.get(f"{STEPS}secrets/").status_code == 404
    assert step(client, "about", {}, then="skip").status_code == 302  # a wish nobody offered: the form is saved
    assert Expert.objects.latest("pk").skipped_sections == []


# ------------------------------------------------------------------------------------------------------------ entries


def test_an_entry_is_added_and_leads_back_to_where_it_was_asked_for(client):
    expert = make_expert()
    client.force_login(expert.user)
    add = reverse("profiles:entry_add", args=["work"])
    assert client.post(f"{add}?steps=1", JOB)["Location"] == f"{STEPS}history/"
    assert client.post(add, JOB | {"title": "Resident", "goes_on": "", "to_month": "6", "to_year": "2016"})[
        "Location"
    ] == ("/me/profile/#history")
    assert sorted(expert.work.values_list("title", "to_month")) == [("Attending", None), ("Resident", date(2016, 6, 1))]
    assert "Jan 2015 until today" in client.get(f"{STEPS}history/").text.replace("\n", "")


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("work", JOB | {"title": ""}, "This field is required."),
        ("work", JOB | {"from_month": ""}, "Choose the month."),
        ("work", JOB | {"goes_on": "", "to_month": "3"}, "Write the year."),
        ("work", JOB | {"goes_on": "", "to_month": "3", "to_year": "2014"}, "It ends before it begins."),
        ("work", JOB | {"from_year": "1850"}, "A year from 1930 to"),
        (
            "education",
            {"school": "X", "from_month": "1", "from_year": "2015", "goes_on": "on"},
            "Name the degree, the subject",
        ),
        ("conflict", {"organisation": "TRELLIS health"}, "in your list already"),
        ("conflict", {"organisation": "Other", "from_month": "3"}, "Write the year."),
    ],
)
def test_what_is_wrong_with_an_entry_stands_next_to_its_box(client, kind, data, words):
    expert = make_expert()
    make_conflict(expert, "Trellis Health")
    client.force_login(expert.user)
    answer = client.post(reverse("profiles:entry_add", args=[kind]), data)
    assert answer.status_code == 422
    assert words in answer.text
    assert (WorkEntry.objects.count(), Conflict.objects.count()) == (0, 1)


def test_an_entry_is_changed_and_removed_by_its_owner_only(client):
    expert = make_expert()
    row = make_work(expert)
    page, gone = (reverse(f"profiles:{name}", args=["work", row.public_id]) for name in ("entry", "entry_remove"))
    client.force_login(make_expert(make_person("Eve Else")).user)
    assert client.get(page).status_code == client.post(page, JOB).status_code == client.post(gone).status_code == 404
    client.force_login(expert.user)
    assert 'value="Brightwater Clinic"' in client.get(page).text
    assert client.post(page, JOB).status_code == 302
    row.refresh_from_db()
    assert row.organisation == "Clinic"
    assert client.get(reverse("profiles:entry_add", args=["secrets"])).status_code == 404
    assert client.post(f"{gone}?steps=1")["Location"] == f"{STEPS}history/"
    assert not expert.work.exists()
