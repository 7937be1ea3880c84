"""
Two who decide at once: one thing happens. Each race has a control that shows it is real: the same question without its lock
gets the same answer twice.
"""

from __future__ import annotations

from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.kernel.errors import Refused, WrongState
from projects.hiring.actions import offers
from projects.hiring.enums import AmendmentState, ContractState, OfferState
from projects.hiring.models import Amendment, Contract, Offer
from projects.hiring.queries import last_version
from projects.listings.actions import projects as listings
from projects.listings.models import Project
from tests.factories.projects_contracts import agree, leave, propose
from tests.factories.projects_hiring import (
    NOW,
    accept,
    at_once,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_offer,
    owner_of,
    sign,
)
from tests.factories.projects_listings import listing
from tests.support.races import Beside, waits_for_a_lock

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


def one_offer(**gig):
    return sign(make_offer(make_applicant(make_gig(**gig))))


# ------------------------------------------------------------------------------------------------- one offer, accepted


def test_without_the_lock_on_the_offer_two_windows_would_both_accept():
    """The control of the race in test_accepting.py: the same question about the state, with nothing locked."""
    offer = one_offer(places_wanted=2)
    both_have_looked = Barrier(2)

    def careless():
        with transaction.atomic():
            is_open = Offer.objects.get(pk=offer.pk).state == OfferState.SENT
            both_have_looked.wait(timeout=10)
            Offer.objects.filter(pk=offer.pk).update(state=OfferState.ACCEPTED, answered_at=timezone.now())
            return is_open

    assert at_once(careless, careless) == [True, True]


def test_an_acceptance_that_waited_for_a_withdrawal_is_refused():
    offer = one_offer()
    with transaction.atomic():
        offers._locked(offer.public_id)
        accepting = Beside(lambda: accept(offer))
        assert waits_for_a_lock(accepting)
        Offer.objects.filter(pk=offer.pk).update(state=OfferState.WITHDRAWN, answered_at=NOW)
    with pytest.raises(WrongState, match="This offer is withdrawn now"):
        accepting.done()
    assert not Contract.objects.exists()


def test_without_the_lock_an_acceptance_would_not_see_the_withdrawal():
    """The control: the offer looks open while the withdrawal is not committed, so both would go through."""
    offer = one_offer()
    with transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(state=OfferState.WITHDRAWN, answered_at=NOW)
        looked = Beside(lambda: Offer.objects.get(pk=offer.pk).state)
        assert looked.done() == OfferState.SENT
    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN


# -------------------------------------------------------------------------------------------- places, taken and lowered


def fewer_places(gig, places):
    before = listing(places_wanted=places, weekly_hours_cap=40, rate_min_minor=1_00)
    return listings.edit_project(project_id=gig.pk, listing=before, by=owner_of(gig.lab), now=NOW)


def test_a_lab_that_lowers_the_places_while_somebody_accepts_the_last_one_does_not_overfill():
    gig = make_gig(places_wanted=2)
    made = [sign(make_offer(make_applicant(gig, make_expert(name)))) for name in ("First", "Second")]
    accept(made[0])
    results = at_once(lambda: accept(made[1]), lambda: fewer_places(gig, 1))
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], Refused)
    gig.refresh_from_db()
    assert (gig.places_wanted, gig.places_filled) in {(2, 2), (1, 1)}
    assert Contract.objects.filter(project=gig).count() == gig.places_filled


def test_without_the_lock_on_the_project_the_last_place_would_be_given_and_taken_away():
    """The control: both look before either writes. Only the database's own constraint is left, and it says nothing kind."""
    gig = make_gig(places_wanted=1)
    both_have_looked = Barrier(2)

    def hire():
        with transaction.atomic():
            has_place = Project.objects.get(pk=gig.pk).places_left > 0
            both_have_looked.wait(timeout=10)
            Project.objects.filter(pk=gig.pk).update(places_filled=1)
            return has_place

    def lower():
        with transaction.atomic():
            is_empty = Project.objects.get(pk=gig.pk).places_filled == 0
            both_have_looked.wait(timeout=10)
            Project.objects.filter(pk=gig.pk).update(places_wanted=0)
            return is_empty

    results = at_once(hire, lower)
    assert [type(result).__name__ for result in results].count("IntegrityError") == 1
    assert True in results
    assert any(isinstance(result, IntegrityError) for result in results)


# -------------------------------------------------------------------------------------- an amendment, while it all ends


def test_an_amendment_accepted_while_the_contract_ends_is_a_version_or_nothing():
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    results = at_once(lambda: agree(amendment), lambda: leave(Contract.objects.get(pk=contract.pk)))
    amendment.refresh_from_db()
    contract.refresh_from_db()
    assert contract.state == ContractState.ENDED
    refused = [result for result in results if isinstance(result, WrongState)]
    accepted = amendment.state == AmendmentState.ACCEPTED
    assert len(refused) == (0 if accepted else 1)
    assert last_version(contract).number == (2 if accepted else 1)


def test_an_answer_that_waited_for_the_end_of_the_contract_is_refused():
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    with transaction.atomic():
        Contract.objects.select_for_update(of=("self",), no_key=True).get(pk=contract.pk)
        answering = Beside(lambda: agree(amendment))
        assert waits_for_a_lock(answering)
        Contract.objects.filter(pk=contract.pk).update(state=ContractState.ENDED, ended_at=NOW)
    with pytest.raises(WrongState, match="This contract has ended, so its terms stay as they were"):
        answering.done()
    assert last_version(contract).number == 1


def test_without_the_lock_on_the_contract_a_version_would_be_agreed_after_its_end():
    """The control: the state that was read before the end was committed says that the contract runs."""
    contract = make_contract()
    both_have_looked = Barrier(2)

    def careless_answer():
        with transaction.atomic():
            runs = Contract.objects.get(pk=contract.pk).state == ContractState.ACTIVE
            both_have_looked.wait(timeout=10)
            return runs

    def careless_end():
        with transaction.atomic():
            runs = Contract.objects.get(pk=contract.pk).state == ContractState.ACTIVE
            both_have_looked.wait(timeout=10)
            Contract.objects.filter(pk=contract.pk).update(state=ContractState.ENDED, ended_at=NOW)
            return runs

    assert at_once(careless_answer, careless_end) == [True, True]


def test_two_windows_accepting_one_amendment_make_one_version():
    contract = make_contract()
    amendment = propose(contract, rate_minor=240_00)
    results = at_once(lambda: agree(amendment), lambda: agree(amendment))
    assert sorted(type(result).__name__ for result in results) == ["Amendment", "WrongState"]
    assert (last_version(contract).number, Amendment.objects.get().state) == (2, AmendmentState.ACCEPTED)
