"""Offers: making, signing, accepting, declining, withdrawing, expiring; places are never overfilled."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, InternalError, transaction
from django.db.models import F

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import ExpertLanguage
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from projects.hiring.actions import applications, offers
from projects.hiring.actions.offers import expire_overdue_offers
from projects.hiring.enums import ApplicationState, ContractState, OfferState
from projects.hiring.errors import NoPlaceLeft
from projects.hiring.models import Contract, ContractVersion, Offer, TermsSignature
from projects.labs.enums import LabRole
from projects.listings.actions import projects as listings
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
)
from tests.factories.projects_labs import join, make_person

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def told(user, kind) -> list[str]:
    return list(Notification.objects.filter(user=user, kind=kind).order_by("pk").values_list("title", flat=True))


# -------------------------------------------------------------------------------------------------------------- make


def test_an_offer_names_pay_cap_terms_and_a_day_to_answer_by():
    application = make_applicant(make_gig())
    offer = make_offer(application)
    assert (offer.rate_minor, offer.currency, offer.weekly_cap_minutes, offer.fee_bps) == (RATE, "USD", 1200, 1000)
    assert (offer.terms, offer.sent_at, offer.expires_at) == (application.project.terms, NOW, NOW + WEEK)
    application.refresh_from_db()
    assert application.state == ApplicationState.OFFERED
    notice = Notification.objects.get(user=application.expert.user, kind="applications")
    assert notice.body == (
        "$210.00 an hour, up to 20 hours a week, from 18 November. You have 7 days to answer, then the offer expires."
    )


def test_the_fee_of_the_lab_is_copied_so_that_a_later_change_leaves_the_offer_alone():
    lab = make_lab(fee_bps=800)
    offer = make_offer(make_applicant(make_gig(lab)))
    type(lab).objects.filter(pk=lab.pk).update(fee_bps=2000)
    contract = accept(sign(offer))
    assert contract.current_version.fee_bps == 800


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"rate_minor": 179_99}, r"The listing promises at least \$180.00 an hour"),
        ({"cap_hours": 21}, "The listing allows 1 to 20 hours a week"),
        ({"cap_hours": 0}, "The listing allows 1 to 20 hours a week"),
        ({"starts_on": (NOW - timedelta(days=2)).date()}, "The first day lies in the past"),
    ],
)
def test_an_offer_keeps_what_the_listing_promised(terms, words):
    application = make_applicant(make_gig(rate_min_minor=180_00, weekly_hours_cap=20))
    with pytest.raises(Refused, match=words):
        make_offer(application, **terms)
    assert not Offer.objects.exists()


def test_yesterday_in_utc_may_still_be_today_where_the_manager_is():
    """At 09:30 UTC it is still the 17th in the furthest west."""
    assert make_offer(make_applicant(make_gig()), starts_on=(NOW - timedelta(days=1)).date())


def test_an_offer_may_be_above_the_range_and_at_its_edges():
    gig = make_gig(rate_min_minor=180_00, weekly_hours_cap=20)
    assert make_offer(make_applicant(gig, make_expert("A")), rate_minor=180_00, cap_hours=20).rate_minor == 180_00
    assert make_offer(make_applicant(gig, make_expert("B")), rate_minor=400_00, cap_hours=1).rate_minor == 400_00


def test_nobody_is_offered_a_place_that_is_not_there():
    gig = make_gig(places_wanted=1)
    waiting = make_applicant(gig, make_expert("Somebody Else"))
    accept(sign(make_offer(make_applicant(gig))))
    with pytest.raises(WrongState, match="All places of this project are filled. Add places"):
        make_offer(waiting)


def test_nobody_is_offered_work_on_a_closed_project():
    application = make_applicant(make_gig())
    project = application.project
    listings.close_project(project_id=project.pk, reason="The work is done.", by=owner_of(project.lab), now=NOW)
    with pytest.raises(WrongState):
        make_offer(application)


def test_a_candidate_has_one_open_offer():
    application = make_applicant(make_gig())
    make_offer(application)
    with pytest.raises(WrongState, match="This application is offered now, so it cannot become offered"):
        make_offer(application)


def test_only_owners_and_managers_make_offers_and_never_to_themselves():
    application = make_applicant(make_gig())
    lab = application.project.lab
    facts = {"rate_minor": RATE, "weekly_cap_hours": 10, "starts_on": NOW.date(), "message": "", "now": NOW}
    for person in (join(lab, LabRole.REVIEWER), make_person(), application.expert.user):
        with pytest.raises(NotAllowed):
            offers.make_offer(application_id=application.public_id, by=person, **facts)
    lab.memberships.create(user=application.expert.user, role=LabRole.OWNER, joined_at=NOW)
    with pytest.raises(NotAllowed, match="You cannot decide about yourself"):
        offers.make_offer(application_id=application.public_id, by=application.expert.user, **facts)


# -------------------------------------------------------------------------------------------------------------- sign


def test_a_signature_keeps_name_moment_address_and_the_hash_of_the_very_text():
    offer = make_offer(make_applicant(make_gig()))
    sign(offer, now=NOW + timedelta(hours=1))
    signature = TermsSignature.objects.get()
    assert (signature.user, signature.typed_name) == (offer.application.expert.user, "Imani Okafor")
    assert (signature.signed_at, signature.address) == (NOW + timedelta(hours=1), "192.0.2.7")
    assert signature.text_sha256 == hashlib.sha256(offer.terms.text.encode()).hexdigest()
    assert AuditEvent.objects.get(what="hiring.sign_terms").after == {"terms_sha256": signature.text_sha256}


def test_signing_twice_keeps_the_first_signature():
    offer = make_offer(make_applicant(make_gig()))
    sign(offer)
    sign(offer, now=NOW + timedelta(days=1))
    assert TermsSignature.objects.get().signed_at == NOW


def test_the_typed_name_is_compared_as_people_compare_names():
    offer = make_offer(make_applicant(make_gig(), make_expert("Zoë  Okafor")))
    user = offer.application.expert.user
    decomposed = "zoe\u0308 OKAFOR"
    made = offers.sign_terms(offer_id=offer.public_id, by=user, typed_name=decomposed, address="", now=NOW)
    assert made.typed_name == decomposed


@pytest.mark.parametrize("typed", ["I. Okafor", "", "Imani"])
def test_another_name_is_no_signature(typed):
    offer = make_offer(make_applicant(make_gig()))
    with pytest.raises(Refused, match="Type your name as it stands in your account: Imani Okafor"):
        offers.sign_terms(
            offer_id=offer.public_id, by=offer.application.expert.user, typed_name=typed, address="", now=NOW
        )


def test_who_has_no_name_adds_it_first():
    expert = make_expert("")
    offer = make_offer(make_applicant(make_gig(), expert))
    with pytest.raises(Refused, match="Add your full name to your account first"):
        offers.sign_terms(offer_id=offer.public_id, by=expert.user, typed_name="Anybody", address="", now=NOW)


def test_an_offer_that_is_over_is_not_signed():
    offer = make_offer(make_applicant(make_gig()))
    with pytest.raises(WrongState, match="This offer is no longer open"):
        sign(offer, now=offer.expires_at)


def test_only_the_person_it_was_made_to_signs_accepts_and_declines():
    offer = make_offer(make_applicant(make_gig()))
    for person in (make_person("Imani Okafor"), owner_of(offer.application.project.lab)):
        for act in (
            lambda: offers.sign_terms(offer_id=offer.public_id, by=person, typed_name="x", address="", now=NOW),
            lambda: offers.accept_offer(offer_id=offer.public_id, by=person, defer_payout_account=True, now=NOW),
            lambda: offers.decline_offer(offer_id=offer.public_id, by=person, now=NOW),
        ):
            with pytest.raises(NotAllowed, match="Only the person who got this offer may answer it"):
                act()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_signature_or_a_version(change):
    make_contract()
    for model in (TermsSignature, ContractVersion):
        with pytest.raises((IntegrityError, InternalError), match="never changes"), transaction.atomic():
            if change == "update":
                model.objects.update(id=F("id"))
            else:
                model.objects.all()._raw_delete(using="default")


# ------------------------------------------------------------------------------------------------------------ accept


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


# -------------------------------------------------------------------------------------- decline, withdraw, expire


def test_a_declined_offer_leaves_the_candidate_on_the_shortlist_with_a_new_clock():
    offer = make_offer(make_applicant(make_gig()))
    offers.decline_offer(offer_id=offer.public_id, by=offer.application.expert.user, now=NOW + timedelta(days=2))
    application = offer.application
    application.refresh_from_db()
    assert (application.state, application.due_at) == (ApplicationState.SHORTLISTED, NOW + timedelta(days=9))
    assert told(owner_of(application.project.lab), "candidates")[-1] == (
        "An offer was declined: Physician Talent Network"
    )
    assert make_offer(application, rate_minor=240_00, now=NOW + timedelta(days=3)).state == OfferState.SENT


def test_a_lab_withdraws_its_offer_and_tells_the_candidate():
    offer = make_offer(make_applicant(make_gig()))
    lab = offer.application.project.lab
    with pytest.raises(NotAllowed):
        offers.withdraw_offer(offer_id=offer.public_id, by=join(lab, LabRole.REVIEWER), now=NOW)
    done = offers.withdraw_offer(offer_id=offer.public_id, by=owner_of(lab), now=NOW)
    assert done.state == OfferState.WITHDRAWN
    assert told(offer.application.expert.user, "applications")[-1] == (
        "The lab withdrew its offer: Physician Talent Network"
    )
    with pytest.raises(WrongState, match="This offer is withdrawn now, so it cannot become withdrawn"):
        offers.withdraw_offer(offer_id=offer.public_id, by=owner_of(lab), now=NOW)


def test_an_unanswered_offer_expires_after_seven_days():
    offer = make_offer(make_applicant(make_gig()))
    assert expire_overdue_offers(now=NOW + WEEK - timedelta(seconds=1)) == 0
    assert expire_overdue_offers(now=NOW + WEEK) == 1
    assert expire_overdue_offers(now=NOW + WEEK) == 0
    offer.refresh_from_db()
    assert (offer.state, offer.answered_at) == (OfferState.EXPIRED, NOW + WEEK)
    assert offer.application.state == ApplicationState.SHORTLISTED
    assert told(offer.application.expert.user, "applications")[-1] == (
        "Your offer has expired: Physician Talent Network"
    )


def test_expiry_leaves_answered_offers_alone():
    accept(sign(make_offer(make_applicant(make_gig()))))
    assert expire_overdue_offers(now=NOW + timedelta(days=400)) == 0
