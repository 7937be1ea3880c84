"""The lab's pages of hiring: candidates, offers, contracts, and who may see and decide what."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from projects.hiring.actions import applications
from projects.hiring.enums import ApplicationState, ContractState, DeclineCode, OfferState
from projects.hiring.models import Offer
from projects.hiring.queries import candidates_after, candidates_in_turn
from projects.labs.enums import LabRole
from tests.factories.projects_hiring import (
    NOW,
    accept,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_offer,
    owner_of,
    sign,
)
from tests.factories.projects_labs import browse, join
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.full, pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_candidates_that_wait_stand_first_by_their_clock():
    gig = make_gig(places_wanted=9)
    made = {}
    for number, name in enumerate(("declined", "late", "early", "hired")):
        expert = make_expert(name, headline=name)
        made[name] = make_applicant(gig, expert, now=NOW + timedelta(hours={"early": 0, "late": 5}.get(name, number)))
    owner = owner_of(gig.lab)
    applications.decline_application(
        application_id=made["declined"].public_id, by=owner, code=DeclineCode.OTHER,
        reason="Another reason, in words enough.", now=NOW,
    )  # fmt: skip
    accept(sign(make_offer(made["hired"])))
    rows = candidates_in_turn(gig.lab)
    assert [row.expert.headline for row in rows] == ["early", "late", "hired", "declined"]
    for number, row in enumerate(rows):
        assert list(candidates_after(rows, row.pk)) == list(rows)[number + 1 :]
    client = browse(owner)
    words = text_of(get(client, "hiring:candidates", gig.lab.slug))
    assert words.index("early Physician") < words.index("late Physician") < words.index("declined Physician")
    page = client.get(reverse("hiring:candidates", args=[gig.lab.slug]), {"state": "DECLINED", "project": str(uuid4())})
    assert "early" not in text_of(page)
    assert "declined" in text_of(page)


def test_names_and_addresses_stay_hidden_until_somebody_is_hired():
    application = make_applicant(make_gig())
    lab, user = application.project.lab, application.expert.user
    client = browse(owner_of(lab))
    pages = [("hiring:candidates", [lab.slug]), ("hiring:candidate", [lab.slug, application.public_id])]
    for name, args in pages:
        page = get(client, name, *args).content.decode()
        assert user.full_name not in page
        assert user.email not in page
    accept(sign(make_offer(application)))
    for name, args in pages:
        assert user.full_name in get(client, name, *args).content.decode()
    assert user.email in get(client, "hiring:candidate", lab.slug, application.public_id).content.decode()


def test_a_lab_shortlists_offers_withdraws_and_declines():
    application = make_applicant(make_gig())
    lab = application.project.lab
    client, key = browse(owner_of(lab)), [lab.slug, application.public_id]
    words = text_of(get(client, "hiring:candidate", *key))
    assert "Your decision is awaited." in words
    assert "Speaks English" in words
    assert post(client, "hiring:shortlist", *key).status_code == 302
    data = {"rate": "$210.50", "weekly_cap_hours": "12", "starts_on": "2026-11-23", "message": "Welcome"}
    assert post(client, "hiring:make_offer", *key, data=data).status_code == 302
    offer = Offer.objects.get()
    assert (offer.rate_minor, offer.weekly_cap_minutes, offer.starts_on.isoformat()) == (21_050, 720, "2026-11-23")
    assert "Withdraw offer" in text_of(get(client, "hiring:candidate", *key))
    assert post(client, "hiring:offer_withdraw", *key, offer.public_id).status_code == 302
    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN
    data = {"code": "EXPERIENCE", "reason": "Your experience lies in another field."}
    assert post(client, "hiring:decline", *key, data=data)["Location"] == f"/lab/{lab.slug}/candidates/"
    application.refresh_from_db()
    assert application.state == ApplicationState.DECLINED


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "hiring:make_offer",
            {"rate": "lots", "weekly_cap_hours": "12", "starts_on": "2026-11-23"},
            "is not an amount",
        ),
        (
            "hiring:make_offer",
            {"rate": "210", "weekly_cap_hours": "61", "starts_on": "2026-11-23"},
            "less than or equal to 60",
        ),
        ("hiring:decline", {"code": "NONSENSE", "reason": "Long enough to be a reason."}, "Select a valid choice"),
    ],
)
def test_a_form_with_mistakes_comes_back_with_words_at_the_field(name, data, words):
    application = make_applicant(make_gig())
    lab = application.project.lab
    answer = post(browse(owner_of(lab)), name, lab.slug, application.public_id, data=data)
    assert answer.status_code == 400
    assert words in text_of(answer)


def test_amounts_are_typed_in_the_currency_of_the_project():
    application = make_applicant(
        make_gig(currency="JPY", rate_min_minor=1000, rate_max_minor=30_000, funds_minor=4_000_000)
    )
    lab = application.project.lab
    client = browse(owner_of(lab))
    assert 'value="30000"' in get(client, "hiring:candidate", lab.slug, application.public_id).content.decode()
    data = {"rate": "21,000", "weekly_cap_hours": "12", "starts_on": "2026-11-23"}
    post(client, "hiring:make_offer", lab.slug, application.public_id, data=data)
    assert Offer.objects.get().rate_minor == 21_000


def test_a_lab_pauses_resumes_and_ends():
    contract = make_contract()
    client, key = browse(owner_of(contract.lab)), [contract.lab.slug, contract.public_id]
    words = text_of(get(client, "hiring:lab_contract", *key))
    assert contract.expert.user.email in words
    for name, state in (
        ("hiring:contract_pause", ContractState.PAUSED), ("hiring:contract_resume", ContractState.ACTIVE),
        ("hiring:lab_contract_end", ContractState.ENDED),
    ):  # fmt: skip
        answer = post(
            client, name, *key, data={"code": "BREACH", "reason": "What he saw here was shown to somebody outside."}
        )
        assert answer["Location"] == f"/lab/{contract.lab.slug}/contracts/{contract.public_id}/"
        contract.refresh_from_db()
        assert contract.state == state
    assert (
        post(
            client, "hiring:lab_contract_end", *key, data={"code": "OTHER", "reason": "Once more, please."}
        ).status_code
        == 409
    )


def test_reviewers_read_and_decide_nothing():
    application = make_applicant(make_gig())
    contract = make_contract(application.project, make_expert("Somebody Else"))
    lab = application.project.lab
    client = browse(join(lab, LabRole.REVIEWER))
    page = text_of(get(client, "hiring:candidate", lab.slug, application.public_id))
    for words in ("Shortlist", "Send offer", "Decline candidate"):
        assert words not in page
    assert "End contract" not in text_of(get(client, "hiring:lab_contract", lab.slug, contract.public_id))
    offer = {"rate": "210", "weekly_cap_hours": "12", "starts_on": "2026-11-23"}
    reason = {"code": "OTHER", "reason": "A reason that is long enough."}
    for name, ref, data in (
        ("hiring:shortlist", application, {}), ("hiring:make_offer", application, offer),
        ("hiring:decline", application, reason), ("hiring:contract_pause", contract, reason),
        ("hiring:contract_resume", contract, {}), ("hiring:lab_contract_end", contract, reason),
    ):  # fmt: skip
        assert post(client, name, lab.slug, ref.public_id, data=data).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees"),
    [(LabRole.OWNER, True), (LabRole.MANAGER, True), (LabRole.REVIEWER, False), (LabRole.MEMBER, False)],
)
def test_rates_and_fees_are_shown_to_owners_and_managers_only(role, sees):
    contract = make_contract()
    lab = contract.lab
    client = browse(owner_of(lab) if role == LabRole.OWNER else join(lab, role))
    pages = {
        "hiring:lab_contracts": [],
        "hiring:lab_contract": [contract.public_id],
        "hiring:candidate": [contract.offer.application.public_id],
    }
    for name, rest in pages.items():
        words = text_of(get(client, name, lab.slug, *rest))
        assert "20 h" in words  # the weekly cap is no money
        assert [(name, found in words) for found in ("$210.00", "Rate")] == [(name, sees), (name, sees)]
    page = text_of(get(client, "hiring:lab_contract", lab.slug, contract.public_id))
    assert [found in page for found in ("10 %", "Platform fee")] == [sees, sees]
