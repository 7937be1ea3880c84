"""What a listing names beside its text: rates by country, what is assessed, who may read it, and where it begins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from experts.assessments.queries import unpaid_minutes_of_field
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, Refused
from projects.listings import policies
from projects.listings.actions import projects as actions
from projects.listings.actions.shape import Band, listing_of, require_sound
from projects.listings.enums import Visibility
from projects.listings.models import Project, RateBand
from projects.listings.starters import STARTERS, starter_listing
from tests.factories.experts_assessments import make_guide, make_paper
from tests.factories.projects_hiring import make_expert, start
from tests.factories.projects_labs import NOW, browse, make_lab, make_person, owner_of
from tests.factories.projects_listings import field_of, listing, make_draft, make_gig
from tests.projects.listings.test_dashboard import fields_of

pytestmark = pytest.mark.django_db


# -------------------------------------------------------------------------------------------------------------- bands


def test_bands_are_kept_and_come_back_as_rows_of_countries() -> None:
    lab = make_lab(now=clock.now())
    client, new = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/new/"
    sent = fields_of(client, new) | {
        "title": "Doctors wanted", "rate_min": "100", "rate_max": "250",
        "bands-0-countries": "India, Philippines", "bands-0-low": "100", "bands-0-high": "140",
        "bands-1-countries": "US", "bands-1-low": "200",
    }  # fmt: skip

    assert client.post(new, sent).status_code == 302

    project = Project.objects.get()
    assert listing_of(project).bands == (
        Band("IN", 100_00, 140_00), Band("PH", 100_00, 140_00), Band("US", 200_00, 200_00),
    )  # fmt: skip
    page = client.get(f"/lab/{lab.slug}/projects/{project.public_id}/edit/")
    assert [row["countries"].value() for row in page.context["bands"]][:2] == [
        "India, Philippines",
        "United States",
    ] or [row.initial.get("countries") for row in page.context["bands"]][:2] == [("IN", "PH"), ("US",)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"bands-0-low": "90", "bands-0-high": "140"}, "Between the lowest and the highest listed rate"),
        ({"bands-0-low": "200", "bands-0-high": "140"}, "Between the lowest and the highest listed rate"),
        ({"bands-0-low": "100", "bands-0-high": "260"}, "Between the lowest and the highest listed rate"),
        ({}, "Give a rate, or take the countries away."),
        ({"bands-0-low": "ten"}, "ten"),
        ({"bands-0-low": "100", "bands-0-countries": "France"}, "The listing takes nobody from one of these."),
        ({"bands-0-low": "100", "bands-1-countries": "IN", "bands-1-low": "120"}, "stands in a row above already"),
    ],
)
def test_a_band_that_cannot_be_is_said_beside_its_field(row: dict[str, str], words: str) -> None:
    lab = make_lab(now=clock.now())
    client, new = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/new/"
    sent = fields_of(client, new) | {
        "title": "Doctors wanted",
        "rate_min": "100",
        "rate_max": "250",
        "countries": "IN, US",
    }

    answer = client.post(new, sent | {"bands-0-countries": "India"} | row)

    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    "bands",
    [(Band("IN", 100_00, 100_00),), (Band("US", 200_00, 190_00),), (Band("US", 200_00, 210_00),) * 2, (Band("XX", 200_00, 200_00),),
     (Band("FR", 200_00, 210_00),)],
)  # fmt: skip
def test_a_program_cannot_store_such_bands_either(bands: tuple[Band, ...]) -> None:
    with pytest.raises(Invalid) as wrong:
        require_sound(listing(bands=bands))
    assert wrong.value.facts["field"] == "bands"


@pytest.mark.parametrize(("low", "high"), [(0, 10), (-5, 10), (20, 10)])
def test_the_database_refuses_a_band_upside_down_and_a_country_twice(low: int, high: int) -> None:
    project = make_draft()

    with pytest.raises(IntegrityError, match="rate_band_is_positive_and_ordered"), transaction.atomic():
        RateBand.objects.create(project=project, country="GB", rate_min_minor=low, rate_max_minor=high)
    RateBand.objects.create(project=project, country="GB", rate_min_minor=1, rate_max_minor=2)
    with pytest.raises(IntegrityError, match="project_names_a_country_in_one_band"), transaction.atomic():
        RateBand.objects.create(project=project, country="GB", rate_min_minor=1, rate_max_minor=2)


def test_an_editor_that_was_opened_before_there_were_bands_keeps_them() -> None:
    lab = make_lab(now=clock.now())
    draft = make_draft(lab, bands=(Band("US", 200_00, 210_00),))
    client, here = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/{draft.public_id}/edit/"
    sent = {name: value for name, value in fields_of(client, here).items() if not name.startswith("bands-")}

    assert client.post(here, sent | {"places_wanted": "3"}).status_code == 302
    assert listing_of(Project.objects.get()).bands == (Band("US", 200_00, 210_00),)


def test_bands_stand_on_the_gig_and_in_the_preview() -> None:
    lab = make_lab(now=clock.now())
    gig = make_gig(lab, bands=(Band("GB", 190_00, 200_00),), now=clock.now())
    client = browse(owner_of(lab))
    sent = fields_of(client, f"/lab/{lab.slug}/projects/{gig.public_id}/edit/")

    page = Client().get(f"/gigs/{gig.public_id}/").content.decode()
    preview = client.post(f"/lab/{lab.slug}/projects/preview/?project={gig.public_id}", sent).content.decode()

    for shown in (page, preview):
        assert "United Kingdom" in shown
        assert "Funded for" in shown


# --------------------------------------------------------------------------------------------------------- assessment


def test_the_minutes_of_what_is_assessed_count_beside_the_questions() -> None:
    paper = make_paper(field="medicine", minutes=20)
    assert unpaid_minutes_of_field(field_of("medicine")) == paper.live.minutes
    draft = make_draft(assessed_field_id=field_of("medicine").pk)  # with one question of five minutes

    assert policies.unpaid_minutes(draft) == paper.live.minutes + 5
    unpaid = next(check for check in policies.listing_checks(draft) if check.code == "unpaid")
    assert "5 minutes for 1 question" in unpaid.note
    assert f"{paper.live.minutes} for what is asked of Medicine" in unpaid.note


def test_more_than_thirty_unpaid_minutes_in_all_are_not_published() -> None:
    make_paper(field="medicine", minutes=20)
    make_guide(field="medicine", minutes=10)
    draft = make_draft(assessed_field_id=field_of("medicine").pk)

    assert [check.done for check in policies.listing_checks(draft) if check.code == "unpaid"] == [
        policies.unpaid_minutes(draft) <= 30
    ]
    assert policies.unpaid_minutes(draft) > 30
    with pytest.raises(Refused, match="at most 30 unpaid minutes"):
        actions.publish_project(project_id=draft.pk, by=owner_of(draft.lab), now=NOW)


def test_a_field_without_anything_published_cannot_be_asked_about() -> None:
    draft = make_draft(assessed_field_id=field_of("law").pk)

    assert [check.done for check in policies.listing_checks(draft) if check.code == "assessment"] == [False]


def test_the_editor_offers_the_fields_that_have_something_and_keeps_what_was_chosen() -> None:
    make_paper(field="medicine")
    lab = make_lab(now=clock.now())
    draft = make_draft(lab, assessed_field_id=field_of("chess").pk)

    page = browse(owner_of(lab)).get(f"/lab/{lab.slug}/projects/{draft.public_id}/edit/")

    offered = set(page.context["form"].fields["assessed_field"].queryset.values_list("code", flat=True))
    assert {"medicine", "cardiology", "chess"} <= offered
    assert "law" not in offered


# --------------------------------------------------------------------------------------------------------- visibility


def test_a_listing_for_invited_people_is_closed_to_everybody_else() -> None:
    gig = make_gig(now=clock.now())
    known, stranger = make_expert("Known One"), make_expert("Strange One")
    start(gig, known, now=clock.now())
    changed = replace(listing_of(gig), visibility=Visibility.INVITED)
    actions.edit_project(project_id=gig.pk, listing=changed, by=owner_of(gig.lab), now=clock.now())
    here = f"/gigs/{gig.public_id}/"

    assert [client.get(here).status_code for client in (Client(), browse(stranger.user), browse(make_person()))] == [
        404
    ] * 3
    assert [browse(person).get(here).status_code for person in (known.user, owner_of(gig.lab))] == [200, 200]
    assert gig.title not in Client().get("/gigs/").content.decode()
    with pytest.raises(Refused, match="whom the lab invited"):
        start(gig, stranger, now=clock.now())


def test_who_applied_reads_a_gig_that_is_closed_and_others_do_not() -> None:
    gig = make_gig(now=clock.now())
    known = make_expert("Known One")
    start(gig, known, now=clock.now())
    actions.close_project(project_id=gig.pk, reason="All work is done.", by=owner_of(gig.lab), now=clock.now())

    assert browse(known.user).get(f"/gigs/{gig.public_id}/").status_code == 200
    assert Client().get(f"/gigs/{gig.public_id}/").status_code == 404


# ----------------------------------------------------------------------------------------------------------- starters


@pytest.mark.parametrize("code", STARTERS)
def test_each_template_is_a_sound_listing_that_only_lacks_money(code: str) -> None:
    lab = make_lab()

    made = starter_listing(code)
    project = actions.create_project(lab_id=lab.pk, listing=made, by=owner_of(lab), now=NOW)

    assert [check.code for check in policies.publish_checklist(project) if not check.done] == ["funds"]
    assert project.fields.count() >= 1
    assert {row.is_required for row in project.requirements.all()} <= {True, False}


def test_the_six_templates_are_offered_on_a_new_page() -> None:
    lab = make_lab(now=clock.now())
    page = browse(owner_of(lab)).get(f"/lab/{lab.slug}/projects/new/").content.decode()

    assert set(STARTERS) == {
        "physician-review",
        "legal-reasoning",
        "code-review",
        "creative-writing",
        "chess",
        "language",
    }
    assert all(f"?starter={code}" in page for code in STARTERS)
