"""Offers: making, signing, declining, withdrawing, expiring."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.models import F

from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from projects.hiring.actions import offers
from projects.hiring.actions.offers import expire_overdue_offers
from projects.hiring.enums import ApplicationState, OfferState
from projects.hiring.models import ContractVersion, Offer, TermsSignature
from projects.labs.enums import LabRole
from projects.listings.actions import projects as listings
from tests.factories.projects_hiring import (
    NOW,
    RATE,
    accept,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
    sign,
    told,
)
from tests.factories.projects_labs import join, make_person

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


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
