"""Amendments: what a lab may propose and when, and that nothing changes before the expert agrees."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from projects.hiring.actions import amendments
from projects.hiring.actions.amendments import lapse_overdue_amendments, start_versions
from projects.hiring.enums import AmendmentState
from projects.hiring.models import ContractVersion
from projects.hiring.queries import first_monday, last_version, version_of_week
from projects.labs.enums import LabRole
from tests.factories.projects_contracts import (
    CUT_MONDAY,
    NEXT_MONDAY,
    agree,
    give_notice,
    leave,
    propose,
)
from tests.factories.projects_hiring import NOW, RATE, make_contract, make_gig, owner_of, told
from tests.factories.projects_labs import join, make_person

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def test_a_raise_begins_with_the_next_week_and_not_before_it_is_accepted():
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    assert (amendment.is_cut, amendment.effective_from) == (False, NEXT_MONDAY)
    assert amendment.answer_by == NEXT_MONDAY - HOUR
    assert version_of_week(contract, NEXT_MONDAY.date()).rate_minor == RATE
    assert told(contract.expert.user, "contracts") == ["Physician Talent Network: the lab proposes new terms"]
    agree(amendment)
    contract.refresh_from_db()
    version = last_version(contract)
    assert (version.number, version.rate_minor, version.fee_bps, version.effective_from, version.accepted_at) == (
        2, 240_00, 1000, NEXT_MONDAY, NOW,
    )  # fmt: skip
    assert contract.current_version.number == 1
    weeks = [(NEXT_MONDAY + days * timedelta(days=1)).date() for days in (-7, 0, 7)]
    assert [version_of_week(contract, week).rate_minor for week in weeks] == [RATE, 240_00, 240_00]
    assert told(owner_of(contract.lab), "candidates")[-1] == "E-1 accepted the new terms: Physician Talent Network"


def test_a_sweep_shows_the_version_once_it_is_in_force_and_tells_both_sides():
    contract = make_contract()
    agree(propose(contract, rate_minor=240_00))
    assert start_versions(now=NEXT_MONDAY - timedelta(seconds=1)) == 0
    assert [start_versions(now=NEXT_MONDAY) for _round in range(2)] == [1, 0]
    contract.refresh_from_db()
    assert contract.current_version.number == 2
    assert told(contract.expert.user, "contracts")[-1] == (
        "Physician Talent Network: version 2 of the contract is in force"
    )
    assert told(owner_of(contract.lab), "candidates")[-1].startswith("E-1, Physician Talent Network: version 2")


@pytest.mark.parametrize(
    ("terms", "is_cut"),
    [
        ({"rate_minor": RATE - 1}, True), ({"cap_hours": 19}, True), ({"ends_on": date(2027, 3, 1)}, True),
        ({"rate_minor": RATE + 1, "cap_hours": 19}, True), ({"rate_minor": RATE + 1}, False), ({"cap_hours": 21}, False),
    ],
)  # fmt: skip
def test_less_of_anything_needs_fourteen_days(terms, is_cut):
    contract = make_contract()
    if is_cut:
        with pytest.raises(Refused, match="needs 14 days' notice. The first possible Monday is 7 December"):
            propose(contract, begins=CUT_MONDAY - WEEK, **terms)
    amendment = propose(contract, begins=CUT_MONDAY if is_cut else NEXT_MONDAY, **terms)
    assert amendment.is_cut is is_cut
    assert amendment.answer_by == (NOW + timedelta(days=14) if is_cut else NEXT_MONDAY - HOUR)


def test_the_first_monday_is_counted_to_the_second():
    sunday = NEXT_MONDAY - HOUR
    assert first_monday(is_cut=False, now=sunday - timedelta(seconds=1)) == NEXT_MONDAY
    assert first_monday(is_cut=False, now=sunday) == NEXT_MONDAY + WEEK
    assert first_monday(is_cut=False, now=NEXT_MONDAY) == NEXT_MONDAY + WEEK
    assert first_monday(is_cut=True, now=NEXT_MONDAY) == NEXT_MONDAY + 2 * WEEK
    assert first_monday(is_cut=True, now=NEXT_MONDAY + timedelta(seconds=1)) == NEXT_MONDAY + 3 * WEEK


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({}, "Nothing would change"),
        ({"rate_minor": 179_99, "begins": CUT_MONDAY}, "The listing promises at least \\$180.00 an hour"),
        ({"cap_hours": 41}, "The listing allows 1 to 40 hours a week"),
        ({"cap_hours": 21, "begins": NEXT_MONDAY + timedelta(days=1)}, "New terms begin on a Monday"),
        ({"cap_hours": 21, "begins": NEXT_MONDAY - WEEK}, "A week that has begun stays as it is"),
        ({"ends_on": date(2026, 12, 1), "begins": CUT_MONDAY}, "The last day lies before the new terms begin"),
    ],
)
def test_what_cannot_be_proposed_is_refused_in_words(terms, sentence):
    contract = make_contract(make_gig(rate_min_minor=180_00))
    with pytest.raises(Refused, match=sentence):
        propose(contract, **terms)
    assert not contract.amendments.exists()


def test_only_those_who_manage_the_lab_propose_and_only_the_expert_answers():
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    for person in (join(contract.lab, LabRole.REVIEWER), make_person(), contract.expert.user):
        with pytest.raises(NotAllowed):
            amendments.withdraw_amendment(amendment_id=amendment.public_id, by=person, now=NOW)
    for person in (owner_of(contract.lab), make_person()):
        for act in (amendments.accept_amendment, amendments.decline_amendment):
            with pytest.raises(NotAllowed, match="Only the expert of this contract"):
                act(amendment_id=amendment.public_id, by=person, now=NOW)


def test_one_proposal_waits_at_a_time_and_can_be_withdrawn():
    contract = make_contract()
    first = propose(contract, rate_minor=240_00)
    with pytest.raises(WrongState, match="An amendment waits for the expert's answer"):
        propose(contract, rate_minor=250_00)
    amendments.withdraw_amendment(amendment_id=first.public_id, by=owner_of(contract.lab), now=NOW)
    with pytest.raises(WrongState, match="This amendment is withdrawn now"):
        agree(first)
    assert propose(contract, rate_minor=250_00).state == AmendmentState.PROPOSED


def test_declining_keeps_what_was_agreed():
    contract = make_contract()
    amendment = propose(contract, rate_minor=200_00, begins=CUT_MONDAY)
    amendments.decline_amendment(amendment_id=amendment.public_id, by=contract.expert.user, now=NOW)
    assert last_version(contract).number == 1
    with pytest.raises(WrongState, match="This amendment is declined now"):
        agree(amendment)
    assert told(owner_of(contract.lab), "candidates")[-1] == "E-1 declined the new terms: Physician Talent Network"


def test_an_answer_that_comes_too_late_changes_nothing_and_the_proposal_lapses():
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    late = amendment.answer_by
    with pytest.raises(WrongState, match="The time to answer is over"):
        agree(amendment, now=late)
    assert lapse_overdue_amendments(now=late - timedelta(seconds=1)) == 0
    assert [lapse_overdue_amendments(now=late) for _round in range(2)] == [1, 0]
    amendment.refresh_from_db()
    assert (amendment.state, amendment.answered_at, last_version(contract).number) == (AmendmentState.LAPSED, late, 1)
    assert told(contract.expert.user, "contracts")[-1] == "Physician Talent Network: the new terms have lapsed"
    assert told(owner_of(contract.lab), "candidates")[-1] == ("E-1 did not answer in time: Physician Talent Network")


def test_a_later_proposal_begins_after_what_was_agreed_before():
    contract = make_contract()
    agree(propose(contract, rate_minor=200_00, begins=CUT_MONDAY))
    with pytest.raises(Refused, match="Terms that were agreed begin on 7 December. Choose a later Monday"):
        propose(contract, rate_minor=220_00, begins=CUT_MONDAY)
    assert propose(contract, rate_minor=220_00, begins=CUT_MONDAY + WEEK)


def test_the_last_day_is_moved_at_once_and_the_rate_on_its_monday():
    contract = make_contract()
    agree(propose(contract, ends_on=date(2027, 1, 31), begins=CUT_MONDAY))
    contract.refresh_from_db()
    assert contract.last_day == date(2027, 1, 31)
    agree(propose(contract, ends_on=date(2027, 2, 28), begins=CUT_MONDAY + WEEK))
    contract.refresh_from_db()
    assert contract.last_day == date(2027, 2, 28)


@pytest.mark.parametrize("end", ["left", "notice"])
def test_what_waits_is_withdrawn_when_the_contract_ends(end):
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    if end == "left":
        leave(contract)
    else:
        give_notice(contract, last_day=date(2026, 12, 4))
    amendment.refresh_from_db()
    assert amendment.state == AmendmentState.WITHDRAWN
    with pytest.raises(WrongState, match="has ended|Notice was given"):
        propose(contract, rate_minor=240_00)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"effective_from": NOW - HOUR}, "contract_version_is_never_retroactive"),
        ({"effective_from": NEXT_MONDAY + HOUR}, "later_contract_version_begins_on_a_monday"),
    ],
)
def test_the_database_refuses_a_version_that_reaches_into_a_week(changes, name):
    contract = make_contract()
    facts = {"rate_minor": 1_00, "weekly_cap_minutes": 60, "fee_bps": 0, "accepted_at": NOW, "created_at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ContractVersion.objects.create(contract=contract, number=2, **(facts | changes))
