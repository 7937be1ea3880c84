"""The expert's pages of hiring: applying, the application, the offer, the contract."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from projects.hiring.actions import applications, contracts
from projects.hiring.enums import ApplicationState, DeclineCode
from projects.hiring.models import Application, Contract, Offer
from projects.hiring.queries import contracts_after, running_first
from projects.listings.actions import projects as listings
from tests.factories.projects_hiring import (
    NOW,
    fill,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
    ready_account,
    sign,
    start,
)
from tests.factories.projects_labs import browse, make_person
from tests.support.visiting import HTMX, get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def written(application: Application, **changes) -> dict[str, str]:
    return {
        "version": str(application.version), "answer_0": "The one on potassium.", "note": "Hello", "conflicts": "",
        "work_authorised": "on", "conflicts_declared": "on",
    } | changes  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- apply


def test_applying_is_one_button_and_leads_to_the_form():
    gig, expert = make_gig(), make_expert()
    client = browse(expert.user)
    assert "Start application" in text_of(get(client, "hiring:apply", gig.public_id))
    answer = post(client, "hiring:apply", gig.public_id)
    application = Application.objects.get()
    assert answer["Location"] == f"/me/applications/{application.public_id}/"
    assert get(client, "hiring:apply", gig.public_id)["Location"] == answer["Location"]


def test_who_has_no_profile_is_led_there():
    words = text_of(get(browse(make_person()), "hiring:apply", make_gig().public_id))
    assert "First, your profile." in words
    assert "Start application" not in words


def test_who_was_hired_is_led_to_the_application_that_stands():
    gig = make_gig(places_wanted=2)
    contract = make_contract(gig)
    answer = get(browse(contract.expert.user), "hiring:apply", gig.public_id)
    assert answer["Location"] == f"/me/applications/{contract.offer.application.public_id}/"


def test_a_draft_gig_cannot_be_applied_to():
    from tests.factories.projects_listings import make_draft

    client = browse(make_expert().user)
    for project_id in (make_draft().public_id, uuid4()):
        assert get(client, "hiring:apply", project_id).status_code == 404
        assert post(client, "hiring:apply", project_id).status_code == 404


# -------------------------------------------------------------------------------------------------------- application


def test_the_form_saves_itself_and_hands_back_the_next_version():
    application = start(make_gig())
    client = browse(application.expert.user)
    page = get(client, "hiring:application", application.public_id)
    assert "Which guideline do you disagree with, and why?" in text_of(page)
    assert "Answer 1 screening question" in text_of(page)
    saved = post(client, "hiring:application", application.public_id, data=written(application), **HTMX)
    assert 'name="version" value="1" id="id_version" hx-swap-oob="true"' in saved.content.decode()
    assert "Saved 09:30:00" in text_of(saved)
    assert "Everything is here. Submit when you are ready." in text_of(saved)
    application.refresh_from_db()
    assert (application.note, application.version, application.state) == ("Hello", 1, ApplicationState.STARTED)


def test_submitting_what_is_incomplete_keeps_it_and_says_what_is_missing():
    application = start(make_gig())
    client = browse(application.expert.user)
    data = written(application, answer_0="", submit_now="1")
    answer = client.post(reverse("hiring:application", args=[application.public_id]), data, follow=True)
    assert "Still to do: answer 1 screening question." in text_of(answer)
    application.refresh_from_db()
    assert (application.state, application.note) == (ApplicationState.STARTED, "Hello")


def test_submitting_leads_to_the_record_with_the_labs_clock():
    application = start(make_gig())
    client = browse(application.expert.user)
    data = written(application, submit_now="1")
    answer = client.post(reverse("hiring:application", args=[application.public_id]), data, follow=True)
    words = text_of(answer)
    assert "Submitted. The lab has 10 days to decide." in words
    assert "10 d left then the application lapses, and that counts against the lab" in words
    assert "The one on potassium." in words
    assert "None declared." in words


def test_an_older_window_is_told_in_place():
    application = start(make_gig())
    fill(application, note="From the first window")
    client = browse(application.expert.user)
    answer = post(client, "hiring:application", application.public_id, data=written(application), **HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#flash")
    assert "changed in another window" in text_of(answer)


def test_the_record_shows_reasons_and_offers():
    application = make_applicant(make_gig())
    owner, client = owner_of(application.project.lab), browse(application.expert.user)
    make_offer(application)
    words = text_of(get(client, "hiring:application", application.public_id))
    assert "$210.00 an hour, sent." in words
    applications.decline_application(
        application_id=application.public_id, by=owner, code=DeclineCode.AVAILABILITY,
        reason="We need somebody for thirty hours.", now=NOW,
    )  # fmt: skip
    words = text_of(get(client, "hiring:application", application.public_id))
    assert "Hours do not fit. We need somebody for thirty hours." in words
    assert "Withdraw application" not in words


def test_the_list_says_what_happens_next_and_offers_come_first():
    expert = make_expert()
    start(make_gig(title="A draft gig"), expert)
    make_applicant(make_gig(title="A waiting gig"), expert)
    make_offer(make_applicant(make_gig(title="An offered gig"), expert))
    words = text_of(get(browse(expert.user), "hiring:applications"))
    assert "An offered gig: an offer of $210.00 an hour, up to 20 h a week." in words
    assert "A draft gig Larkfield Labs Started Yours to finish and submit." in words
    assert "A waiting gig Larkfield Labs Submitted 10 d left then it lapses" in words
    assert "An offered gig Larkfield Labs Offer made Your answer to the offer." in words


def test_withdrawing_is_one_button():
    application = make_applicant(make_gig())
    answer = post(browse(application.expert.user), "hiring:application_withdraw", application.public_id)
    assert answer["Location"] == "/me/applications/"
    application.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN


def test_a_paused_gig_is_not_lost_to_who_applied():
    application = make_applicant(make_gig())
    project = application.project
    listings.pause_project(
        project_id=project.pk, reason="Data is late.", expected_back_on=None, by=owner_of(project.lab), now=NOW
    )
    assert get(browse(application.expert.user), "hiring:application", application.public_id).status_code == 200


# -------------------------------------------------------------------------------------------------------------- offer


def test_an_offer_shows_its_terms_and_the_steps_that_unlock_it():
    offer = make_offer(make_applicant(make_gig()))
    client = browse(offer.application.expert.user)
    page = get(client, "hiring:offer", offer.public_id)
    words = text_of(page)
    assert "$210.00" in words
    assert "20 h" in words
    assert "Funded for 86 h" in words
    assert "What you see here stays here." in words
    assert "Finish the steps above first." in words
    assert post(client, "hiring:offer_sign", offer.public_id, data={"typed_name": "imani okafor"}).status_code == 302
    words = text_of(get(client, "hiring:offer", offer.public_id))
    assert "Signed by imani okafor." in words
    assert "I will set up my payout account later" in words
    assert post(client, "hiring:offer_accept", offer.public_id).status_code == 422
    answer = post(client, "hiring:offer_accept", offer.public_id, data={"defer_payout_account": "on"})
    assert answer["Location"] == f"/me/contracts/{Contract.objects.get().public_id}/"


def test_with_everything_ready_there_is_nothing_to_defer():
    offer = sign(make_offer(make_applicant(make_gig())))
    ready_account(offer.application.expert)
    client = browse(offer.application.expert.user)
    words = text_of(get(client, "hiring:offer", offer.public_id))
    assert "I will set up my payout account later" not in words
    assert post(client, "hiring:offer_accept", offer.public_id).status_code == 302


def test_a_wrong_name_is_refused_in_words():
    offer = make_offer(make_applicant(make_gig()))
    client = browse(offer.application.expert.user)
    answer = post(client, "hiring:offer_sign", offer.public_id, data={"typed_name": "Somebody"})
    assert answer.status_code == 422
    assert "Type your name as it stands in your account: Imani Okafor." in text_of(answer)
    assert post(client, "hiring:offer_sign", offer.public_id, data={"typed_name": ""}).status_code == 302
    assert not hasattr(Offer.objects.get(), "signature")


def test_a_signature_keeps_the_address_of_the_person_and_not_of_our_proxy(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    offer = make_offer(make_applicant(make_gig()))
    client = browse(offer.application.expert.user)
    behind = {"X-Forwarded-For": "8.8.8.8, 203.0.113.7"}
    post(client, "hiring:offer_sign", offer.public_id, data={"typed_name": "imani okafor"}, **behind)
    assert Offer.objects.get().signature.address == "203.0.113.7"


def test_an_offer_is_declined_with_one_button_and_then_shows_when():
    offer = make_offer(make_applicant(make_gig()))
    client = browse(offer.application.expert.user)
    assert post(client, "hiring:offer_decline", offer.public_id)["Location"] == "/me/applications/"
    assert "Declined Wed 18 Nov, 09:30" in text_of(get(client, "hiring:offer", offer.public_id))


# ----------------------------------------------------------------------------------------------------------- contracts


def test_a_contract_shows_versions_terms_and_how_to_end_it():
    contract = make_contract()
    client = browse(contract.expert.user)
    words = text_of(get(client, "hiring:contract", contract.public_id))
    assert "you are E-1 in the lab's files" in words
    assert "1 in force Wed 18 Nov, 09:30 $210.00 20 h none 10 %" in words
    assert "Signed by Imani Okafor" in words
    assert (
        post(client, "hiring:contract_end", contract.public_id, data={"code": "TIME", "reason": "short"}).status_code
        == 422
    )
    answer = post(client, "hiring:contract_end", contract.public_id, data={"code": "TIME", "reason": "I am moving on."})
    assert answer["Location"] == f"/me/contracts/{contract.public_id}/"
    words = text_of(get(client, "hiring:contract", contract.public_id))
    assert "Ended Wed 18 Nov. No more time for it. I am moving on." in words
    assert "End contract" not in words


def test_running_contracts_stand_before_ended_ones():
    lab, expert = make_lab(), make_expert()
    made = [make_contract(make_gig(lab), expert) for _one in range(3)]
    reason = "The data of this week is late."
    contracts.end_contract(contract_id=made[2].public_id, by=expert.user, reason=reason, now=NOW)
    contracts.pause_contract(contract_id=made[0].public_id, by=owner_of(lab), reason=reason, now=NOW)
    rows = running_first(Contract.objects.all())
    assert list(rows) == [made[1], made[0], made[2]]
    assert list(contracts_after(rows, made[1].pk)) == [made[0], made[2]]
    assert list(contracts_after(rows, made[0].pk)) == [made[2]]
    assert list(contracts_after(rows, made[2].pk)) == []
    assert list(contracts_after(rows, None)) == list(rows)
