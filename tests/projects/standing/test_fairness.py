"""How a lab treats experts: each figure from rows, none from too few of them, and none that gives an anonymous lab away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payments.payouts.enums import HoldReason, ItemState
from payments.payouts.models import PayItem, PayRun
from projects.hiring.actions.applications import decline_application, lapse_overdue_applications, withdraw_application
from projects.hiring.enums import DeclineCode
from projects.labs.models import Lab
from projects.listings.actions import projects as listings
from projects.listings.actions.shape import listing_of
from projects.listings.models import Project
from projects.standing.queries.fairness import NEEDED, Figure, fairness_of
from tests.factories.payments_payouts import make_preparer
from tests.factories.projects_hiring import NOW, make_applicant, make_expert, make_gig, make_lab, make_offer, owner_of
from tests.factories.projects_labs import browse, comparable
from tests.factories.projects_standing import LATER, MONDAY, at, make_running, work_week

pytestmark = pytest.mark.django_db


def figure(lab: Lab, code: str, now=NOW + timedelta(days=40)) -> Figure:
    return next(one for one in fairness_of(Lab.objects.get(pk=lab.pk), now=now) if one.code == code)


def apply(gig: Project, number: int):
    return make_applicant(gig, make_expert(f"Expert {number}"))


def decline(application, days: float) -> None:
    decline_application(
        application_id=application.public_id,
        by=owner_of(application.project.lab),
        code=DeclineCode.EXPERIENCE,
        reason="The work asks for another specialty than yours.",
        now=NOW + timedelta(days=days),
    )


def test_the_days_to_decide_are_a_median_and_silence_counts_in_full() -> None:
    gig = make_gig()
    for number, days in enumerate((1, 2, 3)):
        decline(apply(gig, number), days)
    make_offer(apply(gig, 3), now=NOW + timedelta(days=4))
    apply(gig, 4)
    withdrawn = apply(gig, 5)
    withdraw_application(application_id=withdrawn.public_id, by=withdrawn.expert.user, now=NOW + timedelta(hours=1))
    assert figure(gig.lab, "days_to_decide").value is None  # four were decided, the fifth is on the lab's desk

    lapse_overdue_applications(now=NOW + timedelta(days=11))

    found = figure(gig.lab, "days_to_decide")
    assert (found.value, found.facts, found.words) == (3.0, 5, "3 days")
    silent = figure(gig.lab, "no_decision")
    assert (silent.value, silent.words) == (0.2, "20 %")


def test_too_few_cases_are_no_figure_and_no_zero() -> None:
    gig = make_gig()
    for number in range(NEEDED - 1):
        decline(apply(gig, number), 1)

    found = figure(gig.lab, "days_to_decide")

    assert (found.value, found.facts, found.words) == (None, 4, "too few to say: 4 of the 5 it takes")
    assert figure(make_lab("Empty"), "no_decision").value is None


def test_what_is_over_a_year_old_and_what_another_lab_did_does_not_count() -> None:
    gig, other = make_gig(), make_gig(make_lab("Other"))
    for number in range(NEEDED):
        decline(apply(gig, number), 1)
        decline(apply(other, 10 + number), 9)

    assert figure(gig.lab, "days_to_decide").value == 1.0
    assert figure(gig.lab, "days_to_decide", now=NOW + timedelta(days=367)).facts == 0


def test_rates_that_changed_are_counted_and_none_is_a_fact_once_something_is_listed() -> None:
    gig = make_gig(rate_min_minor=180_00)
    assert figure(make_lab("Empty"), "rates_raised").words == "nothing published yet"
    assert figure(gig.lab, "rates_raised").words == "0 in 1 listing"

    for high in (260_00, 270_00):
        changed = replace(listing_of(Project.objects.get(pk=gig.pk)), rate_max_minor=high)
        listings.edit_project(project_id=gig.pk, listing=changed, by=owner_of(gig.lab), now=NOW + timedelta(days=1))
    listings.pause_project(project_id=gig.pk, reason="New data is coming.", by=owner_of(gig.lab), now=NOW)
    changed = replace(listing_of(Project.objects.get(pk=gig.pk)), rate_max_minor=190_00)
    listings.edit_project(project_id=gig.pk, listing=changed, by=owner_of(gig.lab), now=NOW + timedelta(days=2))

    assert [figure(gig.lab, f"rates_{way}").value for way in ("raised", "lowered")] == [2.0, 1.0]


def test_days_paused_are_counted_of_the_days_listed() -> None:
    gig = make_gig()
    owner = owner_of(gig.lab)
    assert figure(gig.lab, "days_paused", now=NOW + timedelta(days=3)).value is None
    listings.pause_project(project_id=gig.pk, reason="New data is coming.", by=owner, now=NOW + timedelta(days=10))
    listings.reopen_project(project_id=gig.pk, by=owner, now=NOW + timedelta(days=13))
    listings.pause_project(project_id=gig.pk, reason="And once more.", by=owner, now=NOW + timedelta(days=20))
    listings.close_project(project_id=gig.pk, reason="All work is done.", by=owner, now=NOW + timedelta(days=21))

    found = figure(gig.lab, "days_paused", now=NOW + timedelta(days=100))

    assert (found.value, found.words) == (4.0, "4 of 21 days")


# ---------------------------------------------------------------------------------------------------------------- pay


def pay(contract, week: int, *, state=ItemState.SENT, held: str = "", days: int = 11, computed: int = 9) -> None:
    """A pay run for one week of the test, and the item of the contract's expert in it."""
    monday = MONDAY + timedelta(days=7 * week)
    run, _new = PayRun.objects.get_or_create(
        period=monday.date(),
        currency="USD",
        defaults={
            "public_id": uuid4(), "cutoff_at": monday + timedelta(days=9), "created_at": monday, "created_by": make_preparer(),
            "computed_at": monday + timedelta(days=computed),
        },
    )  # fmt: skip
    sent = {"sent_at": monday + timedelta(days=days, hours=9), "stripe_transfer_id": f"tr_{uuid4()}"}
    PayItem.objects.create(
        public_id=uuid4(), run=run, payee=contract.expert.user, state=state, gross_minor=100, net_minor=100,
        currency="USD", held_reason=held, **(sent if state == ItemState.SENT else {}),
    )  # fmt: skip


@pytest.fixture
def weeks():
    """One contract with six approved weeks of an hour each."""
    contract = make_running()
    for week in range(6):
        work_week(contract, week=week)
    return contract


def test_weeks_paid_on_time_are_those_sent_by_their_friday(weeks) -> None:
    pay(weeks, 0)
    pay(weeks, 1)
    pay(weeks, 2, days=12)  # on Saturday
    pay(weeks, 3, state=ItemState.HELD, held=HoldReason.MANUAL)
    pay(weeks, 4, state=ItemState.HELD, held=HoldReason.NO_PAYOUT_ACCOUNT)  # says nothing about the lab
    # the sixth week has no item at all

    found = figure(weeks.lab, "paid_on_time", now=MONDAY + timedelta(days=60))

    assert (found.facts, found.value) == (5, 0.4)


def test_a_week_whose_friday_has_not_come_does_not_count_yet(weeks) -> None:
    assert figure(weeks.lab, "paid_on_time", now=MONDAY + timedelta(days=35 + 11)).facts == 5
    assert figure(weeks.lab, "paid_on_time", now=MONDAY + timedelta(days=35 + 12)).facts == 6


def test_hours_that_were_approved_after_the_run_was_computed_are_late(weeks) -> None:
    for week in range(6):
        pay(weeks, week, computed=-1)

    assert figure(weeks.lab, "paid_on_time", now=MONDAY + timedelta(days=60)).value == 0.0


# -------------------------------------------------------------------------------------------------------------- pages


def test_the_page_and_its_json_say_the_same_and_how_each_is_computed() -> None:
    gig = make_gig()
    for number in range(NEEDED):
        decline(apply(gig, number), 2)
    slug = gig.lab.slug

    page = Client().get(f"/labs/{slug}/fairness/").content.decode()
    told = Client().get(f"/labs/{slug}/fairness.json").json()

    figures = {one["code"]: one for one in told["figures"]}
    assert (told["lab"], told["facts_needed"]) == ("Larkfield Labs", NEEDED)
    assert (figures["days_to_decide"]["value"], figures["days_to_decide"]["facts"]) == (2.0, 5)
    assert figures["overturned"]["value"] is None
    for one in figures.values():
        assert one["how"]
        assert one["label"] in page
    assert "2 days" in page
    assert Client().get(f"/gigs/{gig.public_id}/fairness/")["Location"] == f"/labs/{slug}/fairness/"


def test_an_anonymous_lab_is_reached_by_its_gig_only_and_its_figures_are_blunt() -> None:
    gig = make_gig()
    for number in range(7):
        decline(apply(gig, number), 2.4)
    Lab.objects.filter(pk=gig.lab.pk).update(is_anonymous=True)
    hidden, none = (Client().get(f"/labs/{slug}/fairness/") for slug in (gig.lab.slug, "no-such-lab"))
    assert (hidden.status_code, none.status_code) == (404, 404)
    assert comparable(hidden, gig.lab.slug) == comparable(none, "no-such-lab")
    assert Client().get(f"/labs/{gig.lab.slug}/fairness.json").status_code == 404

    page = Client().get(f"/gigs/{gig.public_id}/fairness/").content.decode()
    told = Client().get(f"/gigs/{gig.public_id}/fairness.json").json()

    assert "AI research organisation" in page
    for text in (page, str(told)):
        assert gig.lab.name not in text
        assert gig.lab.slug not in text
    figures = {one["code"]: one for one in told["figures"]}
    assert {one["facts"] for one in figures.values()} == {None}
    assert (figures["days_to_decide"]["value"], figures["days_to_decide"]["words"]) == (2.0, "about 2 days")
    assert figures["rates_raised"]["words"] == "none"
    assert figures["paid_on_time"]["words"] == "too few to say"
    assert "from 7 cases" not in page


def test_drafts_give_no_way_to_a_lab() -> None:
    gig = make_gig()
    Project.objects.filter(pk=gig.pk).update(visibility="INVITED")

    for path in ("fairness/", "fairness.json"):
        assert Client().get(f"/gigs/{gig.public_id}/{path}").status_code == 404
        assert browse(owner_of(gig.lab)).get(f"/gigs/{gig.public_id}/{path}").status_code in {200, 302}


def test_figures_ask_the_same_five_questions_however_much_there_is() -> None:
    gig = make_gig()
    counts = []
    for number in range(2):
        decline(apply(gig, number), 1)
        with CaptureQueriesContext(connection) as asked:
            fairness_of(gig.lab, now=NOW + timedelta(days=40))
        counts.append(len(asked))

    assert counts == [5, 5]


def test_times_of_the_factories_are_what_these_tests_take_them_for() -> None:
    assert (LATER, at(0, 0)) == (MONDAY + timedelta(days=14, hours=12), MONDAY)
