"""Every change of a published listing is a version that never changes; its differences are read in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from marketplace.kernel import clock
from projects.labs.enums import LabRole
from projects.listings.actions import projects as actions
from projects.listings.actions.parts import json_of
from projects.listings.actions.shape import Band, Listing, Wanted, listing_of
from projects.listings.models import ListingEvent, ListingVersion, Project, StatusChange
from projects.listings.queries.versions import changes_between
from tests.factories.projects_labs import NOW, browse, join, make_lab, make_person, owner_of, questions_of
from tests.factories.projects_listings import field_of, licence, listing, make_draft, make_gig, vetted_in

pytestmark = pytest.mark.django_db


def edit(project, now=NOW, **parts):
    changed = replace(listing_of(Project.objects.get(pk=project.pk)), **parts)
    return actions.edit_project(project_id=project.pk, listing=changed, by=owner_of(project.lab), now=now)


def test_a_draft_has_no_versions_and_publishing_writes_the_first() -> None:
    draft = make_draft()
    edit(draft, title="Physicians, once more")
    assert not ListingVersion.objects.exists()

    gig = make_gig()

    first = gig.versions.get()
    assert (first.number, first.by, first.rate_min_minor, first.rate_max_minor) == (
        1,
        owner_of(gig.lab),
        180_00,
        250_00,
    )
    assert first.content == json_of(listing_of(gig))


def test_each_change_is_one_more_and_saving_the_same_is_none() -> None:
    gig = make_gig()

    edit(gig, places_wanted=50)
    edit(gig)
    edit(gig, rate_max_minor=260_00)

    assert list(gig.versions.order_by("number").values_list("number", "rate_max_minor")) == [
        (1, 250_00), (2, 250_00), (3, 260_00),
    ]  # fmt: skip
    gig.refresh_from_db()
    assert gig.revision == 3
    events = ListingEvent.objects.filter(name="listing_changed").order_by("pk")
    assert [event.payload["number"] for event in events] == [2, 3]


@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("model", [ListingVersion, StatusChange])
def test_versions_and_history_never_change(model, statement: str) -> None:
    make_gig()

    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement.format(model._meta.db_table))


BEFORE = Listing(title="Doctors wanted", rate_min_minor=180_00, rate_max_minor=250_00, sections={"role": "You review."})


@pytest.mark.parametrize(
    ("parts", "code", "before", "after", "matters"),
    [
        ({"rate_max_minor": 260_00}, "pay", "$180.00 – $250.00", "$180.00 – $260.00", True),
        ({"bands": (Band("GB", 180_00, 200_00),)}, "bands", "the same everywhere", "United Kingdom: $180.00 – $200.00", True),
        ({"weekly_hours_min": 5}, "hours", "up to 40 h", "5–40 h", True),
        ({"countries": ("IE",)}, "countries", "any country", "Ireland", True),
        ({"languages": ("es",)}, "languages", "any", "Spanish", True),
        ({"places_wanted": 4}, "places_wanted", "1", "4", False),
        ({"questions": ("Why?", "How?")}, "questions", "none", "Why?\nHow?", False),
        ({"sections": {"role": "You grade."}}, "section_role", "You review.", "You grade.", False),
        ({"manual_time_allowed": False}, "manual_time_allowed", "allowed", "not allowed", False),
        ({"visibility": "LINK"}, "visibility", "Everyone can find it", "Only people with the link", False),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(parts, code, before, after, matters) -> None:
    change = changes_between(json_of(BEFORE), json_of(replace(BEFORE, **parts)))

    assert [(one.code, one.before.replace("\u00a0", " "), one.after, one.matters) for one in change] == [
        (code, before, after, matters)
    ]


def test_requirements_and_fields_are_named() -> None:
    asked = (licence(), vetted_in("law"), Wanted("NPI", "DECLARED", None, is_required=False))
    after = replace(
        BEFORE, requirements=asked, field_ids=(field_of("cardiology").pk,), assessed_field_id=field_of("law").pk
    )

    found = {one.code: one.after for one in changes_between(json_of(BEFORE), json_of(after))}

    assert found["requirements"] == "Medical licence, document seen\nVetted in Law\nNPI number, declared (good to have)"
    assert (found["field_ids"], found["assessed_field_id"]) == ("Cardiology", "of Law")


def test_a_version_that_knew_no_bands_yet_is_compared_all_the_same() -> None:
    old = json_of(BEFORE)
    del old["bands"], old["assessed_field_id"]

    assert changes_between(old, json_of(BEFORE)) == []


# -------------------------------------------------------------------------------------------------------------- pages


def test_experts_read_what_changed_without_names_and_the_lab_with_them() -> None:
    now = clock.now()
    gig = make_gig(make_lab(now=now), now=now - timedelta(days=9))
    edit(gig, now=now - timedelta(days=1), rate_max_minor=260_00, summary=f"{gig.summary} And more.")
    name = owner_of(gig.lab).get_full_name()

    detail = Client().get(f"/gigs/{gig.public_id}/").content.decode()
    public = Client().get(f"/gigs/{gig.public_id}/changes/").content.decode()
    own = (
        browse(join(gig.lab, LabRole.MEMBER))
        .get(f"/lab/{gig.lab.slug}/projects/{gig.public_id}/versions/")
        .content.decode()
    )

    assert "What changed" in detail
    assert "Rate, an hour" in detail
    for page in (public, own):
        assert "$260.00" in page
        assert "pay or requirements" in page
        assert "As it was first posted." in page
    assert name not in public
    assert name in own


def test_versions_of_a_draft_or_a_foreign_project_are_not_there() -> None:
    now = clock.now()
    draft, lab = make_draft(make_lab("Other", now=now)), make_lab(now=now)

    assert Client().get(f"/gigs/{draft.public_id}/changes/").status_code == 404
    assert browse(make_person()).get(f"/gigs/{draft.public_id}/changes/").status_code == 404
    client = browse(owner_of(lab))
    assert client.get(f"/lab/{lab.slug}/projects/{draft.public_id}/versions/").status_code == 404


def test_pages_of_versions_ask_as_often_at_two_as_at_six() -> None:
    now = clock.now()
    gig = make_gig(make_lab(now=now), now=now - timedelta(days=9), requirements=(vetted_in("medicine"),))
    client, here = browse(owner_of(gig.lab)), f"/lab/{gig.lab.slug}/projects/{gig.public_id}/versions/"
    edit(gig, rate_max_minor=251_00)
    at_two = [questions_of(client, here), questions_of(Client(), f"/gigs/{gig.public_id}/")]
    for step in range(4):
        edit(gig, rate_max_minor=(252 + step) * 100, requirements=(vetted_in("law" if step % 2 else "medicine"),))

    assert [questions_of(client, here), questions_of(Client(), f"/gigs/{gig.public_id}/")] == at_two


def test_a_listing_that_was_published_before_versions_keeps_what_it_said() -> None:
    gig = make_gig(make_lab(), requirements=())
    with connection.cursor() as cursor:  # as rows are that were there before the table
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE listings_listingversion DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM listings_listingversion")
        cursor.execute("ALTER TABLE listings_listingversion ENABLE TRIGGER USER")

    edit(gig, now=NOW + timedelta(days=3), rate_max_minor=270_00)

    rows = gig.versions.order_by("number").values_list("number", "rate_max_minor", "at")
    assert list(rows) == [(1, 250_00, gig.published_at), (2, 270_00, NOW + timedelta(days=3))]


def test_the_shape_that_is_kept_is_the_whole_listing() -> None:
    whole = json_of(listing("medicine"))

    assert set(whole) == set(Listing.__slots__)
