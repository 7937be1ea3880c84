"""Contracts: pausing, going on, ending; who may, who hears of it, and what both sides can see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel.actors import System
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from projects.hiring.actions import contracts
from projects.hiring.enums import ContractState, EndCode
from projects.hiring.models import Application, Contract, Offer
from projects.hiring.queries import guarantee_of
from projects.labs.enums import LabRole, Scope
from projects.listings.models import Project
from tests.factories.projects_hiring import (
    NOW,
    at_once,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
)
from tests.factories.projects_labs import join, make_key, make_person

pytestmark = pytest.mark.django_db
REASON = "The data of this week was shown to somebody outside of the project."


def pause(contract, by, *, reason=REASON, now=NOW):
    return contracts.pause_contract(contract_id=contract.public_id, by=by, reason=reason, now=now)


def resume(contract, by, *, now=NOW):
    return contracts.resume_contract(contract_id=contract.public_id, by=by, now=now)


def end(contract, by, *, reason=REASON, now=NOW):
    """The expert leaves; a lab ends it at once for a serious breach."""
    code = EndCode.OTHER if by == contract.expert.user else EndCode.BREACH
    return contracts.end_contract(contract_id=contract.public_id, by=by, code=code, reason=reason, now=now)


def titles(user, kind) -> list[str]:
    return list(Notification.objects.filter(user=user, kind=kind).order_by("pk").values_list("title", flat=True))


def test_a_lab_pauses_and_goes_on_and_the_expert_reads_why():
    contract = make_contract()
    owner, expert = owner_of(contract.lab), contract.expert.user
    assert pause(contract, owner).state == ContractState.PAUSED
    assert resume(contract, owner).state == ContractState.ACTIVE
    assert titles(expert, "contracts") == [
        "Physician Talent Network is paused",
        "Physician Talent Network goes on",
    ]
    assert Notification.objects.filter(user=expert, kind="contracts").first().body == REASON


@pytest.mark.parametrize("act", [pause, resume])
def test_only_owners_and_managers_pause_and_never_their_own_contract(act):
    contract = make_contract()
    if act is resume:
        pause(contract, owner_of(contract.lab))
    for person in (join(contract.lab, LabRole.REVIEWER), make_person(), contract.expert.user, System("clock")):
        with pytest.raises(NotAllowed):
            act(contract, person)
    contract.lab.memberships.create(user=contract.expert.user, role=LabRole.MANAGER, joined_at=NOW)
    with pytest.raises(NotAllowed, match="You cannot decide about yourself"):
        act(contract, contract.expert.user)
    assert act(contract, join(contract.lab, LabRole.MANAGER))


@pytest.mark.parametrize("act", [pause, end])
def test_a_reason_is_needed(act):
    contract = make_contract()
    with pytest.raises(Refused, match="Say in a few words why"):
        act(contract, owner_of(contract.lab), reason="   because ")
    contract.refresh_from_db()
    assert contract.state == ContractState.ACTIVE


def test_states_move_by_their_table_only():
    contract = make_contract()
    owner = owner_of(contract.lab)
    with pytest.raises(WrongState, match="This contract is active now, so it cannot become active"):
        resume(contract, owner)
    pause(contract, owner)
    with pytest.raises(WrongState, match="This contract is paused now, so it cannot become paused"):
        pause(contract, owner)
    end(contract, owner)
    for act in (pause, resume, end):
        with pytest.raises(WrongState, match="This contract is ended now"):
            act(contract, owner)


@pytest.mark.parametrize("who", ["expert", "lab"])
def test_either_side_ends_a_contract_and_the_other_is_told(who):
    contract = make_contract()
    owner, expert = owner_of(contract.lab), contract.expert.user
    done = end(contract, expert if who == "expert" else owner, reason=f"  {REASON} ", now=NOW + timedelta(days=3))
    assert (done.state, done.ended_at, done.end_reason) == (ContractState.ENDED, NOW + timedelta(days=3), REASON)
    if who == "expert":
        assert titles(owner, "candidates")[-1] == "E-1 ended the contract: Physician Talent Network"
        assert titles(expert, "contracts") == []
    else:
        assert titles(expert, "contracts") == ["Physician Talent Network: the contract has ended"]


def test_ending_frees_the_place():
    gig = make_gig(places_wanted=1)
    contract = make_contract(gig)
    end(contract, contract.expert.user)
    gig.refresh_from_db()
    assert gig.places_filled == 0
    assert make_contract(gig, make_expert("Somebody Else")).alias == "E-2"


def test_strangers_and_reviewers_end_nothing():
    contract = make_contract()
    for person in (join(contract.lab, LabRole.REVIEWER), make_person(), owner_of(make_lab("Tidewater Research"))):
        with pytest.raises(NotAllowed, match="Only the expert or a manager of the lab"):
            end(contract, person)


@pytest.mark.django_db(transaction=True)
def test_both_sides_ending_at_once_free_one_place():
    contract = make_contract(make_gig(places_wanted=3))
    owner, expert = owner_of(contract.lab), contract.expert.user
    results = at_once(lambda: end(contract, owner), lambda: end(contract, expert))
    assert sorted(type(result).__name__ for result in results) == ["Contract", "WrongState"]
    assert Project.objects.get().places_filled == 0


# ---------------------------------------------------------------------------------------------------- who sees what


def test_each_sees_their_own_and_nobody_another():
    contract = make_contract()
    other = make_contract(make_gig(make_lab("Tidewater Research")), make_expert("Somebody Else"))
    key, _text = make_key(contract.lab, Scope.PROJECTS_READ)
    for model, own, foreign in (
        (Contract, contract, other),
        (Offer, contract.offer, other.offer),
        (Application, contract.offer.application, other.offer.application),
    ):
        for actor in (contract.expert.user, owner_of(contract.lab), join(contract.lab, LabRole.MEMBER), key):
            assert list(model.objects.visible_to(actor)) == [own]
        assert list(model.objects.visible_to(other.expert.user)) == [foreign]
        assert list(model.objects.visible_to(make_person())) == []
        assert list(model.objects.visible_to(System("clock"))) == []


def test_a_draft_is_the_experts_alone():
    from tests.factories.projects_hiring import start

    application = start(make_gig())
    assert list(Application.objects.visible_to(application.expert.user)) == [application]
    assert list(Application.objects.visible_to(owner_of(application.project.lab))) == []


def test_the_guarantee_of_an_offer_is_whole_hours_with_the_fee_on_top():
    """$20,000.00 at $210.00 and ten per cent are 86 hours of $231.00; at 20 hours a week four weeks."""
    guarantee = guarantee_of(make_offer(make_applicant(make_gig())))
    assert (guarantee.minor, guarantee.hours, guarantee.weeks) == (2_000_000, 86, 4)
    assert guarantee.until == NOW.date() + timedelta(days=30)  # 86 of 20 hours a week
