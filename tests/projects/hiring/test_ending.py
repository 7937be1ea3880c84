"""Ending with notice, by the last day that was agreed, and what is left until then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.kernel.errors import Refused, WrongState
from projects.hiring.actions import contracts, offers
from projects.hiring.actions.contracts import end_contracts_that_are_over
from projects.hiring.enums import CODES_OF_EXPERTS, ContractState, EndCode, Side
from projects.hiring.models import Contract
from tests.factories.projects_contracts import LEAVING, give_notice, leave
from tests.factories.projects_hiring import (
    NOW,
    RATE,
    accept,
    make_applicant,
    make_contract,
    make_gig,
    owner_of,
    sign,
    told,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
FOURTEEN = date(2026, 12, 2)  # its end is fourteen days and 14.5 hours after NOW
ENDS = datetime(2026, 12, 3, tzinfo=UTC)


def until(day: date) -> Contract:
    """A contract with a last day."""
    application = make_applicant(make_gig())
    offer = offers.make_offer(
        application_id=application.public_id, by=owner_of(application.project.lab), rate_minor=RATE,
        weekly_cap_hours=20, starts_on=NOW.date(), ends_on=day, message="", now=NOW,
    )  # fmt: skip
    return accept(sign(offer))


def test_a_lab_gives_fourteen_days_and_the_contract_runs_until_then():
    contract = make_contract()
    with pytest.raises(Refused, match="A lab gives 14 days' notice, so the last day is 2 December or later"):
        give_notice(contract, last_day=FOURTEEN - timedelta(days=1))
    give_notice(contract, last_day=FOURTEEN)
    contract.refresh_from_db()
    assert (contract.state, contract.ends_at, contract.ended_by, contract.notice_given_at) == (
        ContractState.ACTIVE, ENDS, Side.LAB, NOW,
    )  # fmt: skip
    assert told(contract.expert.user, "contracts") == [
        "Physician Talent Network: the lab gives notice, your last day is 2 December"
    ]
    contract.project.refresh_from_db()
    assert contract.project.places_filled == 1
    assert end_contracts_that_are_over(now=ENDS - SECOND) == 0
    assert [end_contracts_that_are_over(now=ENDS + SECOND) for _round in range(2)] == [1, 0]
    contract.refresh_from_db()
    contract.project.refresh_from_db()
    assert (contract.state, contract.ended_at, contract.project.places_filled) == (ContractState.ENDED, ENDS, 0)
    assert told(contract.expert.user, "contracts")[-1] == "Physician Talent Network: the contract has ended"
    assert told(owner_of(contract.lab), "candidates")[-1] == ("The contract of E-1 has ended: Physician Talent Network")


def test_a_lab_ends_at_once_only_for_a_serious_breach_and_says_what_happened():
    contract = make_contract()
    owner, long = owner_of(contract.lab), "The tasks were copied into a public repository on Monday."
    for code, reason, sentence in (
        (EndCode.BUDGET, long, "A lab gives 14 days' notice"),
        (EndCode.BREACH, "Tasks were copied.", "Say what happened, in at least 40 characters"),
        (EndCode.TIME, long, "Choose one of the reasons"),
    ):
        with pytest.raises(Refused, match=sentence):
            contracts.end_contract(contract_id=contract.public_id, by=owner, code=code, reason=reason, now=NOW)
    done = contracts.end_contract(contract_id=contract.public_id, by=owner, code=EndCode.BREACH, reason=long, now=NOW)
    assert (done.state, done.ended_at, done.end_code) == (ContractState.ENDED, NOW, EndCode.BREACH)


def test_an_expert_leaves_on_any_day():
    contract = make_contract()
    leave(contract, last_day=NOW.date())
    assert (contract.state, contract.last_day, contract.ended_by) == (ContractState.ACTIVE, NOW.date(), Side.EXPERT)
    assert told(owner_of(contract.lab), "candidates")[-1] == (
        "E-1 gives notice until 18 November: Physician Talent Network"
    )
    with pytest.raises(WrongState, match="This contract ends on 18 November anyway"):
        leave(contract, last_day=FOURTEEN)
    leave(contract, now=NOW + timedelta(hours=1))
    assert (contract.state, contract.ended_at) == (ContractState.ENDED, NOW + timedelta(hours=1))


def test_experts_have_reasons_of_their_own():
    contract = make_contract()
    assert EndCode.BREACH not in CODES_OF_EXPERTS
    with pytest.raises(Refused, match="Choose one of the reasons"):
        contracts.end_contract(
            contract_id=contract.public_id, by=contract.expert.user, code=EndCode.BREACH, reason=LEAVING, now=NOW
        )


def test_hours_can_be_logged_until_the_monday_after_the_last_day():
    contract = make_contract()
    assert contract.hours_until is None
    for day, until_ in ((date(2026, 12, 2), 7), (date(2026, 12, 6), 7), (date(2026, 12, 7), 14)):
        contract.ends_at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
        assert contract.hours_until == datetime(2026, 12, until_, 12, tzinfo=UTC)


def test_an_offer_has_a_last_day_and_the_contract_ends_by_itself():
    contract = until(date(2026, 12, 6))
    assert contract.current_version.ends_on == date(2026, 12, 6)
    assert contract.ends_at == datetime(2026, 12, 7, tzinfo=UTC)
    assert end_contracts_that_are_over(now=datetime(2026, 12, 7, 0, 3, tzinfo=UTC)) == 1
    contract.refresh_from_db()
    assert (contract.state, contract.ended_at, contract.end_code, contract.end_reason) == (
        ContractState.ENDED, datetime(2026, 12, 7, tzinfo=UTC), EndCode.AGREED,
        "The last day that was agreed: 6 December 2026.",
    )  # fmt: skip
    assert told(owner_of(contract.lab), "candidates")[-1].startswith("The contract of E-1 has ended")


def test_notice_later_than_the_agreed_last_day_is_none():
    contract = until(date(2026, 11, 27))
    with pytest.raises(WrongState, match="This contract ends on 27 November anyway"):
        give_notice(contract, last_day=FOURTEEN)


def test_a_last_day_before_the_first_one_is_refused_and_an_offer_whose_last_day_is_over_cannot_be_accepted():
    application = make_applicant(make_gig())
    with pytest.raises(Refused, match="The last day lies before the first day"):
        offers.make_offer(
            application_id=application.public_id, by=owner_of(application.project.lab), rate_minor=RATE,
            weekly_cap_hours=20, starts_on=NOW.date(), ends_on=NOW.date() - timedelta(days=1), message="", now=NOW,
        )  # fmt: skip
    offer = offers.make_offer(
        application_id=application.public_id, by=owner_of(application.project.lab), rate_minor=RATE,
        weekly_cap_hours=20, starts_on=NOW.date(), ends_on=NOW.date(), message="", now=NOW,
    )  # fmt: skip
    with pytest.raises(WrongState, match="The last day of this offer is over"):
        accept(sign(offer), now=NOW + timedelta(days=1))
