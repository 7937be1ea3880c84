"""The pages of suggestions: what is said in each state, decisions with and without htmx, and whose they are."""

from __future__ import annotations

import pytest
from django.urls import reverse

from experts.credentials.models import Document
from experts.resumes import actions
from experts.resumes.enums import ReadingOutcome
from experts.resumes.models import Suggestion
from marketplace.kernel.jobs import JobState
from tests.factories.experts_profiles import NOW, make_blank_expert, make_expert, make_person, make_vetter
from tests.factories.experts_resumes import read_here, send_resume

pytestmark = pytest.mark.django_db
LIST, HINT = "/me/resume/", "/me/resume/hint/"


@pytest.fixture
def expert(client):
    expert = make_blank_expert(make_person("Tomasz Wieczorek"))
    client.force_login(expert.user)
    return expert


def one(kind: str, **value) -> Suggestion:
    return Suggestion.objects.filter(kind=kind, **{f"value__{name}": said for name, said in value.items()}).get()


def test_a_person_without_a_profile_is_led_to_it(client):
    client.force_login(make_person())
    assert client.get(LIST)["Location"] == "/me/profile/"
    assert client.get(HINT).status_code == 404


def test_the_page_says_what_it_waits_for(client, expert):
    assert "What happens with it" in client.get(LIST).text
    document = send_resume(expert)
    Document.objects.filter(pk=document.pk).update(state="QUARANTINED")
    assert "First we look for scripts" in client.get(LIST).text
    Document.objects.filter(pk=document.pk).update(state="CLEAN")
    page = client.get(LIST).text
    assert "Being read" in page
    assert 'hx-select="#suggestions"' in page
    reading = actions.begin_reading(document_id=document.public_id, now=NOW)
    for state, job, words in (
        (ReadingOutcome.NO_TEXT, JobState.DONE, "Your résumé is a scan"), (ReadingOutcome.WAITING, JobState.PARKED, "could not read"),
        (ReadingOutcome.FAILED, JobState.DONE, "could not read"), (ReadingOutcome.READ, JobState.DONE, "Nothing to suggest"),
    ):  # fmt: skip
        type(reading).objects.filter(pk=reading.pk).update(state=state, job_state=job)
        page = client.get(LIST).text
        assert words in page
        assert "load delay:2s" not in page


def test_pages_that_no_program_can_read_are_told(client, expert):
    read_here(expert, unreadable_pages=1, pages=3)
    assert "1 of 3 pages hold no text that a program can read" in client.get(LIST).text


def test_each_suggestion_shows_its_line(client, expert):
    read_here(expert)
    page = client.get(LIST).text
    assert "Page 1, line 4:" in page
    assert "“Senior associate, Larch &amp; Finch LLP  March 2018 – Present”" in page
    assert "It says “fluent”; choose the level that means." in page
    assert "Sep 2013 to Feb 2018" in page
    assert "It names no months there; add them." in page
    assert "Accept all 2" in page


def test_accepting_with_and_without_a_script(client, expert):
    read_here(expert)
    headline, years = one("HEADLINE"), one("YEARS")
    answer = client.post(reverse("resumes:accept", args=[headline.public_id]))
    assert answer["Location"] == LIST
    assert "In your profile" in client.get(LIST).text
    answer = client.post(reverse("resumes:accept", args=[years.public_id]), headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="suggestions"')
    assert "It is in your profile." in answer.text
    expert.refresh_from_db()
    assert (expert.headline[:15], expert.years_experience) == ("Contract lawyer", 12)


def test_what_is_open_leads_to_its_form(client, expert):
    read_here(expert)
    german = one("LANGUAGE", code="de")
    change = reverse("resumes:change", args=[german.public_id])
    assert client.post(reverse("resumes:accept", args=[german.public_id]))["Location"] == change
    assert "Add what your résumé leaves open" in client.get(change).text
    assert client.post(change, {}).status_code == 422
    assert client.post(change, {"level": "C1"})["Location"] == LIST
    assert expert.languages.get(code="de").level == "C1"
    assert client.get(change)["Location"] == LIST


def test_a_course_of_study_is_completed_with_its_months(client, expert):
    read_here(expert)
    change = reverse("resumes:change", args=[one("EDUCATION").public_id])
    page = client.get(change).text
    assert 'value="2011"' in page
    assert 'value="University of Warsaw"' in page
    data = {
        "school": "University of Warsaw",
        "degree": "LL.M.",
        "subject": "",
        "begin_year": "2011",
        "end_year": "2013",
    }
    answer = client.post(change, data)
    assert (answer.status_code, answer.text.count("Choose the month.")) == (
        422,
        4,
    )  # next to each box, and above the form
    for wrong, words in (
        ({"begin_month": "10", "end_month": "6", "end_year": "2010"}, "It ends before it begins."),
        ({"begin_month": "10", "end_month": "6", "begin_year": "1800"}, "A year from 1930 on."),
        ({"begin_month": "10", "end_month": "6", "degree": ""}, "Name the degree, the subject, or both."),
    ):
        answer = client.post(change, data | wrong)
        assert (answer.status_code, words in answer.text) == (422, True)
    assert client.post(change, data | {"begin_month": "10", "end_month": "6"}).status_code == 302
    assert f"{expert.education.get().from_month:%Y-%m}" == "2011-10"


def test_leaving_out_and_bringing_back(client, expert):
    read_here(expert)
    row = one("HEADLINE")
    assert client.post(reverse("resumes:dismiss", args=[row.public_id]))["Location"] == LIST
    assert "Bring back" in client.get(LIST).text
    client.post(reverse("resumes:restore", args=[row.public_id]))
    assert "Bring back" not in client.get(LIST).text


def test_a_section_at_once(client, expert):
    read_here(expert)
    assert client.post(reverse("resumes:accept_section", args=["languages"]))["Location"] == LIST
    assert sorted(expert.languages.values_list("code", flat=True)) == ["en", "pl"]
    assert client.post(reverse("resumes:accept_section", args=["money"])).status_code == 404


def test_the_profile_tells_how_much_waits(client, expert):
    assert "Have a résumé?" in client.get(HINT, {"section": "about"}).text
    assert client.get(HINT).text.strip() == ""
    read_here(expert)
    waiting = Suggestion.objects.count()
    assert f"{waiting} suggestions" in client.get(HINT).text
    assert "3 suggestions" in client.get(HINT, {"section": "languages"}).text
    assert f'hx-get="{HINT}?section=about"' in client.get("/me/profile/steps/about/").text


@pytest.mark.parametrize("who", ["another expert", "a vetter"])
def test_what_belongs_to_somebody_else_is_not_found(client, expert, who):
    read_here(expert)
    row = one("HEADLINE")
    client.force_login(make_expert().user if who == "another expert" else make_vetter())
    assert client.get(reverse("resumes:change", args=[row.public_id])).status_code == 404
    for name in ("change", "accept", "dismiss", "restore"):
        assert client.post(reverse(f"resumes:{name}", args=[row.public_id])).status_code == 404
    row.refresh_from_db()
    assert row.state == "PROPOSED"
