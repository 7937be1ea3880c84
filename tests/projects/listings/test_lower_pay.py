"""No quiet pay cuts: the same work listed lower within sixty days goes before staff, and experts see both rates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from marketplace.accounts.enums import StaffRoleKind
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from projects.labs.enums import LabRole
from projects.labs.models import Membership
from projects.listings.actions import projects as actions
from projects.listings.actions.reviews import confirm_listing, send_listing_back
from projects.listings.actions.shape import listing_of
from projects.listings.enums import ProjectState, ReviewState
from projects.listings.models import ListingReview, Project
from projects.listings.queries.lower import earlier_rate, paid_before, scope_of
from tests.factories.marketplace_accounts import make_staff
from tests.factories.projects_labs import NOW, browse, join, make_lab, make_person, owner_of, questions_of
from tests.factories.projects_listings import fund, make_draft, make_gig

pytestmark = pytest.mark.django_db
LOWER = {"rate_min_minor": 150_00, "rate_max_minor": 200_00}
LATER = NOW + timedelta(days=30)


def publish(draft: Project, now=LATER) -> Project:
    fund(draft, now=now)
    return actions.publish_project(project_id=draft.pk, by=owner_of(draft.lab), now=now)


def close(gig: Project, now=NOW) -> None:
    actions.close_project(project_id=gig.pk, reason="All work is done.", by=owner_of(gig.lab), now=now)


def edit(project: Project, now=LATER, **parts) -> Project:
    changed = replace(listing_of(Project.objects.get(pk=project.pk)), **parts)
    return actions.edit_project(project_id=project.pk, listing=changed, by=owner_of(project.lab), now=now)


def vetter():
    return make_staff(StaffRoleKind.VETTING)


@pytest.mark.parametrize(
    ("what", "parts", "days", "asks"),
    [
        ("the same work for less", LOWER, 30, True),
        ("less at the lower end only", {"rate_min_minor": 100_00}, 30, True),
        ("the same pay", {}, 30, False),
        ("more pay", {"rate_min_minor": 190_00, "rate_max_minor": 300_00}, 30, False),
        ("another title for the same text", LOWER | {"title": "Clinicians, evenings"}, 30, True),
        ("other work", LOWER | {"title": "Nurses write shift notes", "summary": "A nurse writes what happened on a ward at "
         "night, by the hour.", "sections": {"what_you_will_do": "- Notes\n- Handover", "role": "Night.", "who_you_are": "A "
         "nurse.", "pay_and_terms": "Weekly."}}, 30, False),
        ("another kind of task", LOWER | {"kinds": ("RED_TEAM",)}, 30, False),
        ("after sixty days", LOWER, 61, False),
        ("on the sixtieth day", LOWER, 60, True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_counts_as_the_same_work_for_less(what: str, parts: dict, days: int, asks: bool) -> None:
    lab = make_lab()
    close(make_gig(lab))

    relisted = publish(make_draft(lab, **parts), now=NOW + timedelta(days=days))

    assert (relisted.state == ProjectState.IN_REVIEW) is asks


def test_another_field_and_another_lab_are_other_work() -> None:
    lab = make_lab()
    make_gig(lab, "medicine")

    assert publish(make_draft(lab, "law", **LOWER)).state == ProjectState.OPEN
    assert publish(make_draft(make_lab("Other"), "medicine", **LOWER)).state == ProjectState.OPEN


def test_the_highest_of_the_rates_that_were_listed_counts_even_when_it_was_lowered_since() -> None:
    lab = make_lab()
    gig = make_gig(lab)
    edit(gig, now=NOW + timedelta(days=1), rate_max_minor=300_00)
    close(gig, now=NOW + timedelta(days=2))

    found = earlier_rate(scope_of(make_draft(lab, **LOWER)), now=LATER)

    assert (found.high_minor, found.low_minor, found.until) == (300_00, 180_00, NOW + timedelta(days=2))


def test_staff_confirm_it_and_its_page_says_what_was_paid_before() -> None:
    lab = make_lab()
    close(make_gig(lab))
    draft = make_draft(lab, **LOWER)
    waiting = publish(draft)
    review = waiting.reviews.get()
    assert (waiting.published_at, Client().get(f"/gigs/{draft.public_id}/").status_code) == (None, 404)

    confirmed = confirm_listing(review_id=review.public_id, by=vetter(), now=LATER)

    assert (confirmed.state, confirmed.published_at, confirmed.versions.count()) == (ProjectState.OPEN, LATER, 1)
    assert "is on the board" in Notification.objects.filter(user=owner_of(lab)).order_by("-pk")[0].title
    assert paid_before(confirmed, now=NOW + timedelta(days=60)).earlier_max_minor == 250_00
    assert paid_before(confirmed, now=NOW + timedelta(days=61)) is None


def test_the_banner_is_on_the_public_page() -> None:
    now = clock.now()
    lab = make_lab(now=now)
    close(make_gig(lab, now=now - timedelta(days=9)), now=now - timedelta(days=5))

    relisted = make_gig(lab, now=now, **LOWER)

    page = Client().get(f"/gigs/{relisted.public_id}/").content.decode()
    assert "It paid more before." in page
    assert re.search(r"\$180[^<]*250", page)


def test_staff_send_it_back_with_a_reason_that_the_lab_reads() -> None:
    lab = make_lab()
    make_gig(lab)
    draft = make_draft(lab, **LOWER)
    review = publish(draft).reviews.get()

    with pytest.raises(Invalid):
        send_listing_back(review_id=review.public_id, reason="No.", by=vetter(), now=LATER)
    send_listing_back(review_id=review.public_id, reason="It is the same work for less.", by=vetter(), now=LATER)

    draft.refresh_from_db()
    review.refresh_from_db()
    assert (draft.state, review.state) == (ProjectState.DRAFT, ReviewState.SENT_BACK)
    notice = Notification.objects.filter(user=owner_of(lab)).order_by("-pk")[0]
    assert (notice.title, notice.body) == (f"{draft.title} was sent back", "It is the same work for less.")
    for again in (confirm_listing, lambda **said: send_listing_back(reason="Once more, please.", **said)):
        with pytest.raises(WrongState):
            again(review_id=review.public_id, by=vetter(), now=LATER)


def test_neither_the_lab_nor_its_people_among_staff_nor_finance_decide() -> None:
    lab = make_lab()
    make_gig(lab)
    review = publish(make_draft(lab, **LOWER)).reviews.get()
    insider = vetter()
    Membership.objects.create(lab=lab, user=insider, role=LabRole.MEMBER, joined_at=NOW)

    for person in (owner_of(lab), insider, make_person(), make_staff(StaffRoleKind.FINANCE_APPROVER)):
        with pytest.raises(NotAllowed):
            confirm_listing(review_id=review.public_id, by=person, now=LATER)
    assert confirm_listing(review_id=review.public_id, by=make_staff(StaffRoleKind.SUPPORT), now=LATER).state == "OPEN"


def test_the_lab_takes_it_back_and_cannot_change_it_while_it_waits() -> None:
    lab = make_lab()
    make_gig(lab)
    draft = make_draft(lab, **LOWER)
    publish(draft)

    with pytest.raises(WrongState, match="Take it back first"):
        edit(draft, rate_max_minor=240_00)
    actions.take_back_from_review(project_id=draft.pk, by=owner_of(lab), now=LATER)
    edit(draft, rate_min_minor=180_00, rate_max_minor=250_00)

    assert actions.publish_project(project_id=draft.pk, by=owner_of(lab), now=LATER).state == ProjectState.OPEN
    assert ListingReview.objects.get().state == ReviewState.TAKEN_BACK


def test_an_open_listing_that_would_pay_less_leaves_the_board_until_staff_confirm() -> None:
    gig = make_gig()

    lowered = edit(gig, rate_max_minor=240_00)
    review = lowered.reviews.get()
    assert (lowered.state, review.earlier, lowered.versions.count()) == (ProjectState.IN_REVIEW, gig, 1)
    confirm_listing(review_id=review.public_id, by=vetter(), now=LATER)

    gig.refresh_from_db()
    assert (gig.state, gig.versions.count(), gig.published_at) == (ProjectState.OPEN, 2, NOW)
    assert edit(gig, places_wanted=44).state == ProjectState.OPEN  # what was confirmed is not asked again
    assert edit(gig, rate_max_minor=239_00).state == ProjectState.IN_REVIEW


def test_one_that_was_lowered_while_it_was_paused_is_asked_about_when_it_opens() -> None:
    gig = make_gig()
    owner = owner_of(gig.lab)
    actions.pause_project(project_id=gig.pk, reason="New data is coming.", by=owner, now=NOW)
    assert edit(gig, now=NOW, rate_max_minor=240_00).state == ProjectState.PAUSED

    assert actions.reopen_project(project_id=gig.pk, by=owner, now=LATER).state == ProjectState.IN_REVIEW
    send_listing_back(review_id=gig.reviews.get().public_id, reason="Pay what you paid.", by=vetter(), now=LATER)

    gig.refresh_from_db()
    assert gig.state == ProjectState.PAUSED


# -------------------------------------------------------------------------------------------------------------- pages


def test_the_queue_and_the_decision_on_the_pages() -> None:
    now = clock.now()
    lab = make_lab(now=now)
    make_gig(lab, now=now - timedelta(days=3))
    draft = make_draft(lab, **LOWER)
    fund(draft, now=now)
    owner = browse(owner_of(lab))
    here = f"/lab/{lab.slug}/projects/{draft.public_id}/"
    assert "The same work paid more lately." in owner.get(here).content.decode()
    assert "The same work paid more lately." in owner.get(f"{here}edit/").content.decode()
    owner.post(f"{here}publish/")
    assert "In review." in owner.get(here).content.decode()
    review = draft.reviews.get()

    staff, page = browse(vetter()), f"/vetting/listings/{review.public_id}/"
    assert draft.title in staff.get("/vetting/listings/").content.decode()
    shown = staff.get(page).content.decode()
    assert "$250" in shown
    assert "$200" in shown
    assert staff.post(page, {"decision": "send_back", "reason": ""}).status_code == 422
    staff.post(page, {"decision": "confirm"})

    draft.refresh_from_db()
    assert draft.state == ProjectState.OPEN
    assert "Confirmed" in staff.get("/vetting/listings/").content.decode()


def test_nobody_else_sees_the_queue() -> None:
    lab = make_lab(now=clock.now())
    make_gig(lab)
    review = publish(make_draft(lab, **LOWER)).reviews.get()

    for client in (browse(owner_of(lab)), browse(join(lab, LabRole.MEMBER)), browse(make_person())):
        assert client.get("/vetting/listings/").status_code == 404
        assert client.get(f"/vetting/listings/{review.public_id}/").status_code == 404


def test_the_queue_asks_as_often_at_one_as_at_three() -> None:
    staff = browse(vetter())
    publish(make_draft(make_gig(make_lab("One")).lab, **LOWER))
    at_one = questions_of(staff, "/vetting/listings/")
    for name in ("Two", "Three"):
        publish(make_draft(make_gig(make_lab(name)).lab, **LOWER))

    assert questions_of(staff, "/vetting/listings/") == at_one
