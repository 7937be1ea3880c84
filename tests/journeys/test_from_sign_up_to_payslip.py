"""The whole thread, as people live it: a lab hires an expert, the expert works, and the money arrives to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from marketplace.accounts.models import User
from marketplace.kernel.clock import period_label
from payments.gateway import client as stripe
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor, total_minor, trial_balance
from payments.payouts.models import PayItem
from projects.hiring.models import Contract
from projects.hours.models import Timesheet
from projects.listings.models import Project
from projects.work.models import Submission
from tests.journeys import the_expert, the_lab, the_staff
from tests.journeys.album import Album, Ear
from tests.journeys.days import Days
from tests.journeys.people import make_staff, sign_in, sign_up
from tests.support.processes import LiveStack

VETTED = "Licence and training agree with your profile."
SENT_BACK = "Please say which guideline names the 39 degrees, and mark the sentence that holds it."

# 10 minutes by the timer and 2 h 27 min by hand at $210.00: 35.00 + 514.50. The fee of 10 % comes on top.
DEPOSIT, PAY, FEE, CHARGE = 2_000_000, 54_950, 5_495, 60_445
STRIPE_FEE = 58_030  # 2.9 % and 30 cents of the deposit, which the platform bears.


@dataclass
class Cast:
    """Everybody in the journey, each at a machine of their own."""

    owner: Page
    expert: Page
    reviewer: Page
    vetting: Page
    preparer: Page
    approver: Page


@pytest.mark.full
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_from_sign_up_to_payslip(someone: Callable[[str], Page], ear: Ear, live_stack: LiveStack) -> None:
    album, days = Album("from-sign-up-to-payslip"), Days(someone("developer"))
    monday = days.begin_on_a_monday().date()
    cast = Cast(**{who: someone(who) for who in Cast.__annotations__})

    a_lab_funds_and_publishes_a_gig(cast, album)
    a_visitor_becomes_a_vetted_expert(cast, album)
    the_two_agree(cast, album)
    the_work_is_done_reviewed_and_corrected(cast, album)
    the_week_is_logged_closed_and_approved(cast, album, days, monday)
    finance_pays(cast, album, days, monday)
    everybody_can_read_what_happened(cast, album, live_stack, monday)
    assert ear.heard == []


def a_lab_funds_and_publishes_a_gig(cast: Cast, album: Album) -> None:
    the_lab.the_owner_signs_up_on_the_way_to_a_lab(cast.owner)
    the_lab.the_owner_founds_the_lab_and_sets_up_the_second_factor(cast.owner)
    the_lab.the_owner_posts_the_gig(cast.owner)
    album.photograph(cast.owner, "checklist")
    the_lab.the_owner_pays_in(cast.owner, typed="20,000", shown="$20,000.00")
    album.photograph(cast.owner, "deposit")
    the_lab.the_owner_publishes(cast.owner)
    album.photograph(cast.owner, "project")
    assert total_minor(AccountCode.PROJECT_FUNDS) == DEPOSIT
    assert total_minor(AccountCode.STRIPE_CLEARING) == DEPOSIT - STRIPE_FEE


def a_visitor_becomes_a_vetted_expert(cast: Cast, album: Album) -> None:
    the_expert.a_visitor_finds_the_gig_by_typing_and_by_filters(cast.expert)
    album.photograph(cast.expert, "gig")
    the_expert.the_visitor_reads_it_and_signs_up(cast.expert)
    the_expert.the_expert_fills_the_profile(cast.expert)
    album.photograph(cast.expert, "profile")
    the_expert.the_expert_sends_a_resume(cast.expert)
    the_expert.the_expert_adds_an_npi_and_a_licence(cast.expert)
    album.photograph(cast.expert, "credentials")
    the_expert.the_expert_asks_to_be_vetted(cast.expert)
    secret = make_staff("VETTING", name="Tomasz Berg", email="tomasz@preceptor.example")
    sign_in(cast.vetting, email="tomasz@preceptor.example", secret=secret)
    the_staff.vetting_claims_the_case_and_reads_the_evidence(cast.vetting)
    the_staff.vetting_says_that_the_licence_was_seen(cast.vetting)
    album.photograph(cast.vetting, "case")
    the_staff.vetting_approves(cast.vetting, reason=VETTED)
    the_expert.the_expert_is_told_the_decision(cast.expert, reason=VETTED)


def the_two_agree(cast: Cast, album: Album) -> None:
    the_expert.the_expert_applies(cast.expert)
    the_lab.the_owner_shortlists_and_makes_an_offer(cast.owner, rate="210", hours="30")
    album.photograph(cast.owner, "candidate")
    the_expert.the_expert_signs_the_terms(cast.expert, rate="$210.00")
    album.photograph(cast.expert, "offer")
    the_expert.the_expert_sets_up_the_payout_account(cast.expert)
    album.photograph(cast.expert, "payout-account")
    the_expert.the_expert_accepts(cast.expert)
    terms = Contract.objects.get().current_version
    assert (terms.rate_minor, terms.weekly_cap_minutes, terms.fee_bps) == (210_00, 30 * 60, 1000)


def the_work_is_done_reviewed_and_corrected(cast: Cast, album: Album) -> None:
    the_lab.the_owner_uploads_a_batch_and_starts_it(cast.owner)
    album.photograph(cast.owner, "batch")
    the_expert.the_expert_reviews_an_unsafe_answer(cast.expert)
    album.photograph(cast.expert, "workbench")
    the_expert.the_expert_reviews_a_sound_answer(cast.expert)
    cast.reviewer.goto("/accounts/signup/")
    sign_up(cast.reviewer, name="Sam Lind", email="sam@larkfield.example")
    the_lab.the_owner_invites_a_reviewer(cast.owner, email="sam@larkfield.example")
    the_lab.the_reviewer_joins_the_lab(cast.reviewer, email="sam@larkfield.example")
    the_lab.the_reviewer_opens(cast.reviewer, "R-001")
    album.photograph(cast.reviewer, "review")
    the_lab.the_reviewer_accepts(cast.reviewer)
    the_lab.the_reviewer_opens(cast.reviewer, "R-002")
    the_lab.the_reviewer_sends_back(cast.reviewer, reason=SENT_BACK)
    the_expert.the_expert_corrects_what_came_back(cast.expert, reason=SENT_BACK)
    the_lab.the_reviewer_opens(cast.reviewer, "R-002")
    the_lab.the_reviewer_accepts(cast.reviewer)
    assert Submission.objects.count() == 3


def the_week_is_logged_closed_and_approved(cast: Cast, album: Album, days: Days, monday: date) -> None:
    contract = Contract.objects.get().public_id
    the_expert.the_expert_starts_the_timer(cast.expert)
    days.go_on(timedelta(minutes=10))
    the_expert.the_expert_stops_the_timer(cast.expert, shown="0:10")
    assert balance_minor(AccountCode.CONTRACT_RESERVE, contract) >= 30 * 210_00 * 11 // 10
    days.go_on(timedelta(days=1))
    tuesday = (monday + timedelta(days=1)).isoformat()
    the_expert.the_expert_adds_time_by_hand(cast.expert, day=tuesday, start="05:00", end="07:27")
    album.photograph(cast.expert, "hours")
    days.go_to(days.now.replace(hour=13) + timedelta(days=6))
    days.let_sweepers_work_until(Timesheet.objects.filter(state="SUBMITTED").exists, what="the week to close")
    the_lab.the_owner_approves_the_week(cast.owner, time="2 h 37 min", pay="$549.50", fee="$54.95", charge="$604.45")
    album.photograph(cast.owner, "hours-approved")
    expert = User.objects.get(email="amara@osei.example").public_id
    project = Project.objects.get().public_id
    assert balance_minor(AccountCode.CONTRACT_RESERVE, contract) == 0
    assert balance_minor(AccountCode.EXPERT_PAYABLE, expert) == PAY
    assert balance_minor(AccountCode.PROJECT_FUNDS, project) == DEPOSIT - CHARGE
    assert total_minor(AccountCode.PLATFORM_FEE) == FEE


def finance_pays(cast: Cast, album: Album, days: Days, monday: date) -> None:
    week = period_label(monday)
    days.go_on(timedelta(days=3))  # Thursday: the lab's review is over.
    preparer = make_staff("FINANCE_PREPARER", name="Mateus Silva", email="mateus@preceptor.example")
    sign_in(cast.preparer, email="mateus@preceptor.example", secret=preparer)
    album.photograph(cast.preparer, "cockpit")
    the_staff.the_preparer_drafts_and_computes_the_run(cast.preparer, week=week, net="$549.50")
    approver = make_staff("FINANCE_APPROVER", name="Priya Vance", email="priya@preceptor.example")
    sign_in(cast.approver, email="priya@preceptor.example", secret=approver)
    the_staff.the_approver_approves_and_starts_sending(cast.approver, week=week)
    album.photograph(cast.approver, "run")
    line = the_staff.the_register_ties(cast.approver, net="549.50")
    item = PayItem.objects.get()
    [transfer] = stripe.list_transfers(item.run.transfer_group)
    assert (transfer.amount_minor, transfer.currency, transfer.destination) == (PAY, "USD", line["stripe_account"])
    assert (line["net"], line["transfer"], line["state"]) == ("549.50", transfer.id, "SENT")
    closing = the_staff.the_trial_balance_ties(cast.approver)
    album.photograph(cast.approver, "trial-balance")
    assert closing["1010"] == "18,870.20"
    assert total_minor(AccountCode.STRIPE_CLEARING) == DEPOSIT - STRIPE_FEE - PAY == 1_887_020


def everybody_can_read_what_happened(cast: Cast, album: Album, stack: LiveStack, monday: date) -> None:
    transfer = PayItem.objects.get().stripe_transfer_id
    the_expert.the_expert_reads_the_payslip(cast.expert, week=period_label(monday), paid="$549.50", transfer=transfer)
    album.photograph(cast.expert, "payslip")
    lines = the_lab.the_owner_exports_accepted_work(cast.owner)
    album.photograph(cast.owner, "export")
    facts = [(line["external_id"], line["revision"], line["verdict"], line["expert"]) for line in lines]
    assert facts == [("R-001", 1, "not_acceptable", "E-1"), ("R-002", 2, "acceptable_with_fixes", "E-1")]
    the_lab.the_owner_reads_the_statement(cast.owner, row=["$20,000.00", "$549.50", "$54.95", "$0.00", "$19,395.55"])
    album.photograph(cast.owner, "statement")
    rows = trial_balance("USD")
    assert sum(row.debit_minor for row in rows) == sum(row.credit_minor for row in rows)
    assert [row.code for row in rows if row.code.startswith("2") and row.credit_minor < row.debit_minor] == []
    assert {row.code: row.credit_minor - row.debit_minor for row in rows} == {
        "1010": -1_887_020, "2000": 0, "2100": DEPOSIT - CHARGE, "2110": 0, "2200": 0, "2210": 0, "2300": 0,
        "4000": FEE, "5000": -STRIPE_FEE, "5210": 0,
    }  # fmt: skip
    stack.manage("check_invariants")
