"""Two managers write on one listing: the later one sees both, and neither loses a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marketplace.kernel import clock
from marketplace.kernel.errors import Conflict
from projects.labs.enums import LabRole
from projects.listings.actions import projects as actions
from projects.listings.actions.shape import Listing, listing_of
from projects.listings.forms.merging import fingerprints, merge
from projects.listings.models import Project
from tests.factories.projects_labs import NOW, browse, join, make_lab, owner_of
from tests.factories.projects_listings import make_draft, make_gig
from tests.projects.listings.test_dashboard import fields_of

pytestmark = pytest.mark.django_db
BASE = Listing(
    title="Doctors", summary="As it was", sections={"role": "Old role", "who_you_are": "Old you"}, places_wanted=4
)


def test_what_only_one_side_changed_is_that_side_s() -> None:
    mine = replace(BASE, summary="Mine", sections={"role": "My role", "who_you_are": "Old you"})
    theirs = replace(BASE, places_wanted=9, sections={"role": "Old role", "who_you_are": "Their you"})

    merged = merge(mine=mine, theirs=theirs, began=fingerprints(BASE))

    assert merged.clashes == frozenset()
    assert (merged.listing.summary, merged.listing.places_wanted) == ("Mine", 9)
    assert (merged.listing.sections["role"], merged.listing.sections["who_you_are"]) == ("My role", "Their you")


def test_what_both_changed_is_a_clash_and_holds_mine() -> None:
    merged = merge(mine=replace(BASE, summary="Mine"), theirs=replace(BASE, summary="Theirs"), began=fingerprints(BASE))

    assert (merged.clashes, merged.listing.summary) == (frozenset({"summary"}), "Mine")


@pytest.mark.parametrize("began", ["", "[]", "{", '{"summary": 3}'])
def test_without_a_memory_of_the_beginning_every_difference_is_a_clash_and_mine_stays(began: str) -> None:
    merged = merge(mine=replace(BASE, summary="Mine"), theirs=replace(BASE, places_wanted=9), began=began)

    assert merged.clashes == {"summary", "places_wanted"}
    assert (merged.listing.summary, merged.listing.places_wanted) == ("Mine", 4)


def test_a_stale_revision_is_refused_and_nothing_is_overwritten() -> None:
    project = make_draft()
    owner, first = owner_of(project.lab), replace(listing_of(project), summary="First " * 9)
    actions.edit_project(project_id=project.pk, listing=first, by=owner, now=NOW, revision=1)

    with pytest.raises(Conflict) as stale:
        late = replace(listing_of(project), summary="Late " * 9)
        actions.edit_project(project_id=project.pk, listing=late, by=owner, now=NOW, revision=1)

    assert stale.value.facts == {"revision": 2}
    assert Project.objects.get().summary.startswith("First")


def test_the_later_one_sees_both_sides_and_saves_them_together() -> None:
    lab = make_lab(now=clock.now())
    gig = make_gig(lab, now=clock.now())
    one, two = browse(owner_of(lab)), browse(join(lab, LabRole.MANAGER, "Maya Marsh"))
    here = f"/lab/{lab.slug}/projects/{gig.public_id}/edit/"
    ours, theirs = fields_of(one, here), fields_of(two, here)

    assert (
        two.post(
            here, theirs | {"summary": "Their summary, which is long enough for the board.", "places_wanted": "9"}
        ).status_code
        == 302
    )
    answer = one.post(
        here, ours | {"summary": "Our summary, which is long enough for the board too.", "questions": "Why?"}
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Maya Marsh saved this listing while you wrote." in page
    assert "What saving would change" in page
    assert "What came in from the other side" in page
    assert Project.objects.get().summary.startswith("Their summary")
    form = answer.context["form"]
    assert (form["summary"].value()[:3], form["places_wanted"].value(), form["questions"].value()) == ("Our", 9, "Why?")

    again = {**ours, "summary": form["summary"].value(), "places_wanted": "9", "questions": "Why?"}
    again |= {name: answer.context["carried"][name].value() for name in ("revision", "began")}
    assert one.post(here, again).status_code == 302
    saved = Project.objects.get()
    assert (saved.summary[:3], saved.places_wanted, saved.questions, saved.revision) == ("Our", 9, ["Why?"], 3)


def test_two_who_wrote_the_same_are_told_that_it_is_saved() -> None:
    lab = make_lab(now=clock.now())
    draft = make_draft(lab)
    client, here = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/{draft.public_id}/edit/"
    sent = fields_of(client, here) | {"places_wanted": "7"}
    client.post(here, sent)

    answer = client.post(here, sent)

    assert answer.status_code == 409
    assert "There is nothing left to save." in answer.content.decode()
