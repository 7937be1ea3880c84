"""Accepting an offer: what must be done first, the contract that comes of it, and places that are never overfilled."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import ExpertLanguage
from marketplace.kernel.errors import Refused, WrongState
from projects.hiring.actions import applications, offers
from projects.hiring.enums import ApplicationState, ContractState, OfferState
from projects.hiring.errors import NoPlaceLeft
from projects.hiring.models import Contract, Offer
from projects.listings.actions.shape import Wanted
from projects.listings.models import Project
from tests.factories.projects_hiring import (
    NOW,
    RATE,
    accept,
    at_once,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
    ready_account,
    sign,
    told,
)

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_accepting_makes_a_contract_and_fills_a_place():
    gig = make_gig(places_wanted=2)
    offer = sign(make_offer(make_applicant(gig)))
    contract = accept(offer, now=NOW + timedelta(hours=2))
    moment = NOW + timedelta(hours=2)
    assert (contract.state, contract.alias, contract.currency, contract.started_at) == (
        ContractState.ACTIVE, "E-1", "USD", moment,
    )  # fmt: skip
    version = contract.current_version
    assert (version.number, version.rate_minor, version.weekly_cap_minutes, version.fee_bps, version.accepted_at) == (
        1, RATE, 1200, 1000, moment,
    )  # fmt: skip
    gig.refresh_from_db()
    offer.refresh_from_db()
    assert (gig.places_filled, offer.state, offer.answered_at) == (1, OfferState.ACCEPTED, moment)
    assert (offer.application.state, offer.application.decided_at) == (ApplicationState.HIRED, moment)
    assert told(owner_of(gig.lab), "candidates")[-1] == "Imani Okafor accepted your offer"
    assert make_contract(gig, make_expert("Somebody Else")).alias == "E-2"


def test_accepting_names_everything_that_is_missing():
    lab = make_lab()
    licence = Wanted(CredentialKind.MEDICAL_LICENCE, LadderStep.DOCUMENT_SEEN, None, True)
    nice = Wanted(CredentialKind.BOARD_CERTIFICATION, LadderStep.DOCUMENT_SEEN, None, False)
    expert = make_expert(country="DE")
    EmailAddress.objects.filter(user=expert.user).update(verified=False)
    ExpertLanguage.objects.filter(expert=expert).delete()
    offer = make_offer(make_applicant(make_gig(lab, requirements=(licence, nice)), expert))
    with pytest.raises(Refused) as refusal:
        offers.accept_offer(offer_id=offer.public_id, by=expert.user, defer_payout_account=False, now=NOW)
    assert refusal.value.sentence == (
        "Still to do before you can accept: verify your e-mail address; Medical licence, document seen; "
        "Based in United States, Canada, United Kingdom or Ireland; Speaks English; sign the terms; "
        "set up your payout account."
    )
    assert not Contract.objects.exists()


def test_the_payout_account_may_wait_when_the_expert_says_so():
    offer = sign(make_offer(make_applicant(make_gig())))
    user = offer.application.expert.user
    with pytest.raises(Refused, match="Still to do before you can accept: set up your payout account."):
        offers.accept_offer(offer_id=offer.public_id, by=user, defer_payout_account=False, now=NOW)
    assert offers.accept_offer(offer_id=offer.public_id, by=user, defer_payout_account=True, now=NOW)


def test_with_a_ready_account_nothing_is_deferred():
    offer = sign(make_offer(make_applicant(make_gig())))
    ready_account(offer.application.expert)
    user = offer.application.expert.user
    assert offers.accept_offer(offer_id=offer.public_id, by=user, defer_payout_account=False, now=NOW)


def test_an_offer_is_accepted_until_it_expires():
    offer = sign(make_offer(make_applicant(make_gig())))
    with pytest.raises(WrongState, match="This offer has expired"):
        accept(offer, now=NOW + WEEK)
    assert accept(offer, now=NOW + WEEK - timedelta(seconds=1))


def test_an_offer_is_accepted_once():
    offer = sign(make_offer(make_applicant(make_gig())))
    accept(offer)
    with pytest.raises(WrongState, match="This offer is accepted now, so it cannot become accepted"):
        accept(offer)


def test_a_closed_project_hires_nobody():
    offer = sign(make_offer(make_applicant(make_gig())))
    Project.objects.update(state="CLOSED")
    with pytest.raises(WrongState, match="The lab has closed this project"):
        accept(offer)


def test_the_lab_is_told_when_somebody_wanted_a_place_that_was_gone():
    gig = make_gig(places_wanted=1)
    first, second = (sign(make_offer(make_applicant(gig, make_expert(name)))) for name in ("First", "Second"))
    accept(first)
    with pytest.raises(NoPlaceLeft, match="The last place was filled a moment ago. The lab was told"):
        accept(second)
    second.refresh_from_db()
    assert second.state == OfferState.SENT
    assert told(owner_of(gig.lab), "candidates")[-1] == (
        "Somebody wanted to accept, but all places are filled: Physician Talent Network"
    )


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_two_experts_accepting_for_the_last_place_one_is_hired():
    gig = make_gig(places_wanted=1)
    made = [sign(make_offer(make_applicant(gig, make_expert(name)))) for name in ("First", "Second")]
    results = at_once(*(lambda offer=offer: accept(offer) for offer in made))
    assert sorted(type(result).__name__ for result in results) == ["Contract", "NoPlaceLeft"]
    gig.refresh_from_db()
    assert (gig.places_filled, Contract.objects.count()) == (1, 1)
    assert sorted(Offer.objects.values_list("state", flat=True)) == ["ACCEPTED", "SENT"]
    assert sorted(offer.application.state for offer in Offer.objects.select_related("application")) == [
        "HIRED",
        "OFFERED",
    ]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_project_both_would_be_hired():
    """The control: the same question about the places, with nothing locked between question and answer."""
    gig = make_gig(places_wanted=1)
    both_have_looked = Barrier(2)

    def careless():
        with transaction.atomic():
            row = Project.objects.get(pk=gig.pk)
            both_have_looked.wait(timeout=10)
            if row.places_left < 1:
                return "refused"
            Project.objects.filter(pk=row.pk).update(places_filled=row.places_filled + 1)
            return "hired"

    assert at_once(careless, careless) == ["hired", "hired"]


@pytest.mark.django_db(transaction=True)
def test_one_offer_accepted_in_two_windows_hires_once():
    offer = sign(make_offer(make_applicant(make_gig(places_wanted=2))))
    results = at_once(lambda: accept(offer), lambda: accept(offer))
    assert sorted(type(result).__name__ for result in results) == ["Contract", "WrongState"]
    assert Project.objects.get().places_filled == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_while_the_lab_withdraws_ends_in_one_of_the_two():
    offer = sign(make_offer(make_applicant(make_gig())))
    owner = owner_of(offer.application.project.lab)
    results = at_once(lambda: accept(offer), lambda: offers.withdraw_offer(offer_id=offer.public_id, by=owner, now=NOW))
    assert sum(isinstance(result, WrongState) for result in results) == 1
    offer.refresh_from_db()
    assert Contract.objects.count() == (1 if offer.state == OfferState.ACCEPTED else 0)


@pytest.mark.django_db(transaction=True)
def test_accepting_while_withdrawing_the_application_ends_in_one_of_the_two():
    offer = sign(make_offer(make_applicant(make_gig())))
    application = offer.application
    user = application.expert.user
    results = at_once(
        lambda: accept(offer),
        lambda: applications.withdraw_application(application_id=application.public_id, by=user, now=NOW),
    )
    assert sum(isinstance(result, WrongState) for result in results) == 1
    application.refresh_from_db()
    hired = application.state == ApplicationState.HIRED
    assert (Contract.objects.count(), Project.objects.get().places_filled) == ((1, 1) if hired else (0, 0))
