"""People on a gig hear what became of it: paused, with gigs like it, open again, closed, or changed where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.kernel.jobs import JobState
from marketplace.notices.models import Notification
from projects.hiring.actions.applications import withdraw_application
from projects.listings.actions import projects as actions
from projects.listings.actions.events import deliver_event
from projects.listings.actions.shape import listing_of
from projects.listings.models import ListingEvent, Project
from tests.factories.projects_hiring import (
    NOW,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    owner_of,
    told,
)
from tests.factories.projects_listings import field_of
from tests.factories.projects_listings import make_gig as make_listing

pytestmark = pytest.mark.django_db
REASON = "The tasks are being rewritten."


def deliver(now=NOW) -> None:
    for pk in ListingEvent.objects.due(now).values_list("pk", flat=True):
        assert deliver_event(event_id=pk, now=now)


def pause(gig, now=NOW, **facts) -> None:
    actions.pause_project(project_id=gig.pk, reason=REASON, by=owner_of(gig.lab), now=now, **facts)


def last(user) -> Notification:
    found = Notification.objects.filter(user=user).order_by("-pk").first()
    assert found is not None
    return found


def test_a_pause_tells_those_who_work_and_those_who_wait_and_offers_gigs_like_it() -> None:
    gig = make_gig()
    other = make_gig(make_lab("Other"), title="Cardiologists for evenings")
    make_listing(make_lab("Third"), "law", title="Lawyers only")
    worker = make_contract(gig).expert.user
    waiting = make_applicant(gig, make_expert("Wanda Waits")).expert.user
    gone = make_applicant(gig, make_expert("Gone Girl"))
    withdraw_application(application_id=gone.public_id, by=gone.expert.user, now=NOW)
    gone_before = Notification.objects.filter(user=gone.expert.user).count()

    pause(gig, expected_back_on=(NOW + timedelta(days=9)).date())
    deliver()

    for user in (worker, waiting):
        notice = last(user)
        assert notice.title == f"{gig.title} is paused"
        assert REASON in notice.body
        assert "back on 27 November" in notice.body
        assert f"/gigs/{other.public_id}/" in notice.body
        assert "Lawyers only" not in notice.body
    assert ("set aside this week" in last(worker).body, "set aside" in last(waiting).body) == (True, False)
    assert (last(worker).kind, last(waiting).kind) == ("contracts", "applications")
    assert Notification.objects.filter(user=gone.expert.user).count() == gone_before


def test_a_gig_that_somebody_applied_to_is_not_offered_to_them() -> None:
    gig, other = make_gig(), make_gig(make_lab("Other"), title="Cardiologists for evenings")
    expert = make_expert("Wanda Waits")
    make_applicant(gig, expert)
    make_applicant(other, expert)

    pause(gig)
    deliver()

    assert "Cardiologists for evenings" not in last(expert.user).body


def test_told_twice_it_is_told_once() -> None:
    gig = make_gig()
    user = make_applicant(gig).expert.user
    before = len(told(user, "applications"))

    pause(gig)
    deliver()
    ListingEvent.objects.update(job_state=JobState.QUEUED, not_before=NOW)
    deliver()

    assert len(told(user, "applications")) == before + 1


def test_two_pauses_are_told_twice_and_opening_again_too() -> None:
    gig = make_gig()
    user = make_applicant(gig).expert.user
    before = len(told(user, "applications"))

    for day in (0, 2):
        pause(gig, now=NOW + timedelta(days=day))
        actions.reopen_project(project_id=gig.pk, by=owner_of(gig.lab), now=NOW + timedelta(days=day + 1))
    deliver(NOW + timedelta(days=5))

    words = [title.removeprefix(gig.title) for title in told(user, "applications")[before:]]
    assert words == [" is paused", " is open again"] * 2


def test_closing_says_that_hours_are_paid() -> None:
    gig = make_gig()
    user = make_contract(gig).expert.user

    actions.close_project(project_id=gig.pk, reason="All work is done.", by=owner_of(gig.lab), now=NOW)
    deliver()

    assert last(user).title == f"{gig.title} is closed"
    assert "reviewed and paid as always" in last(user).body


def test_publishing_tells_nobody_and_a_draft_that_is_closed_neither() -> None:
    make_gig()

    assert not ListingEvent.objects.exists()


@pytest.mark.parametrize(
    ("parts", "is_told"),
    [
        ({"rate_max_minor": 300_00}, True),
        ({"requirements": "vetting"}, True),
        ({"countries": ("US", "CA", "GB")}, True),
        ({"summary": "Doctors of any specialty write clinical scenarios for us, whenever it suits them."}, False),
        ({"places_wanted": 44}, False),
    ],
    ids=str,
)
def test_applicants_hear_of_pay_and_requirements_and_of_nothing_else(parts: dict, is_told: bool) -> None:
    from projects.listings.actions.shape import Wanted

    gig = make_gig()
    user, worker = make_applicant(gig).expert.user, make_contract(gig, make_expert("Wim Works")).expert.user
    if "requirements" in parts:
        parts = {"requirements": (Wanted(field_id=field_of("law").pk),)}
    before = Notification.objects.count()

    changed = replace(listing_of(Project.objects.get(pk=gig.pk)), **parts)
    actions.edit_project(project_id=gig.pk, listing=changed, by=owner_of(gig.lab), now=NOW)
    deliver()

    assert Notification.objects.count() == before + (2 if is_told else 0)
    if is_told:
        notice = last(user)
        assert notice.title == f"{gig.title}: the lab changed pay or requirements"
        assert " → " in notice.body
        assert notice.path == f"/gigs/{gig.public_id}/changes/"
        assert "Your contract keeps the rate" in last(worker).body
