"""Pages of hiring: who may open them, what they show, what they send to the actions, and what they cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from projects.hiring.actions import applications, contracts
from projects.hiring.enums import ApplicationState, ContractState, DeclineCode, OfferState
from projects.hiring.models import Application, Contract, Offer
from projects.hiring.queries import candidates_after, candidates_in_turn, contracts_after, running_first
from projects.labs.enums import LabRole
from projects.listings.actions import projects as listings
from tests.factories.projects_hiring import (
    NOW,
    accept,
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
from tests.factories.projects_labs import browse, comparable, join, make_person, questions_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def text_of(answer) -> str:
    """What a reader reads, in one line."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


def post(client: Client, name: str, *args, data=None, **headers):
    return client.post(reverse(name, args=args), data or {}, headers=headers)


def get(client: Client, name: str, *args, **headers):
    return client.get(reverse(name, args=args), headers=headers)


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
    assert "1 Wed 18 Nov, 09:30 $210.00 20 h 10 %" in words
    assert "Signed by Imani Okafor" in words
    assert post(client, "hiring:contract_end", contract.public_id, data={"reason": "short"}).status_code == 422
    answer = post(client, "hiring:contract_end", contract.public_id, data={"reason": "I am moving on."})
    assert answer["Location"] == f"/me/contracts/{contract.public_id}/"
    words = text_of(get(client, "hiring:contract", contract.public_id))
    assert "Ended Wed 18 Nov. I am moving on." in words
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


# ----------------------------------------------------------------------------------------------------------------- lab


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
        answer = post(client, name, *key, data={"reason": "The data of this week is late."})
        assert answer["Location"] == f"/lab/{contract.lab.slug}/contracts/{contract.public_id}/"
        contract.refresh_from_db()
        assert contract.state == state
    assert post(client, "hiring:lab_contract_end", *key, data={"reason": "Once more, please."}).status_code == 409


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


# ----------------------------------------------------------------------------------------------------- foreign = missing


def test_what_belongs_to_others_is_as_absent_as_nothing():
    contract = make_contract()
    application, offer, lab = contract.offer.application, contract.offer, contract.lab
    rival = make_lab("Tidewater Research", owner=make_person("Rita Rival", second_factor=True))
    strangers = [make_expert("Somebody Else").user, owner_of(rival)]
    expert_pages = [
        ("hiring:application", application), ("hiring:offer", offer), ("hiring:contract", contract),
    ]  # fmt: skip
    for person in [*strangers, owner_of(lab)]:
        client = browse(person)
        for name, row in expert_pages:
            missing_id = uuid4()
            foreign, missing = get(client, name, row.public_id), get(client, name, missing_id)
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert comparable(foreign, str(row.public_id)) == comparable(missing, str(missing_id))
        for name, row in (
            ("hiring:application_withdraw", application), ("hiring:offer_sign", offer), ("hiring:offer_accept", offer),
            ("hiring:offer_decline", offer), ("hiring:contract_end", contract),
        ):  # fmt: skip
            assert post(client, name, row.public_id).status_code == 404
    lab_pages = [
        ("hiring:candidates", []), ("hiring:candidate", [application.public_id]), ("hiring:lab_contracts", []),
        ("hiring:lab_contract", [contract.public_id]),
    ]  # fmt: skip
    for person in [*strangers, contract.expert.user]:
        client = browse(person)
        for name, rest in lab_pages:
            foreign, missing = get(client, name, lab.slug, *rest), get(client, name, "no-such-lab", *rest)
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert comparable(foreign, lab.slug) == comparable(missing, "no-such-lab")
    owner_of_rival = browse(strangers[1])
    for name, row in (
        ("hiring:candidate", application), ("hiring:lab_contract", contract),
    ):  # fmt: skip
        assert get(owner_of_rival, name, rival.slug, row.public_id).status_code == 404
    for name, row in (
        ("hiring:shortlist", application), ("hiring:decline", application), ("hiring:make_offer", application),
        ("hiring:contract_pause", contract), ("hiring:contract_resume", contract), ("hiring:lab_contract_end", contract),
    ):  # fmt: skip
        assert post(owner_of_rival, name, rival.slug, row.public_id).status_code == 404


def test_a_lab_sees_no_draft():
    application = start(make_gig())
    lab = application.project.lab
    client = browse(owner_of(lab))
    assert get(client, "hiring:candidate", lab.slug, application.public_id).status_code == 404
    assert "No candidates here" in text_of(get(client, "hiring:candidates", lab.slug))


def test_visitors_are_asked_to_sign_in():
    row = uuid4()
    for name, args in (
        ("hiring:applications", []), ("hiring:application", [row]), ("hiring:offer", [row]), ("hiring:contracts", []),
        ("hiring:contract", [row]), ("hiring:apply", [row]), ("hiring:candidates", ["x"]), ("hiring:lab_contracts", ["x"]),
        ("hiring:candidate", ["x", row]), ("hiring:lab_contract", ["x", row]),
    ):  # fmt: skip
        answer = get(Client(), name, *args)
        assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True)


# ---------------------------------------------------------------------------------------------------------- what it costs


def rows_of_work(number: int):
    """So many drafts, applications, offers and contracts of one expert with one lab."""
    lab, expert = make_lab(), make_expert()
    for _one in range(number):
        start(make_gig(lab), expert)
        make_applicant(make_gig(lab), expert)
        make_offer(make_applicant(make_gig(lab), expert))
        make_contract(make_gig(lab), expert)
    return lab, expert.user


PAGES = [
    ("hiring:applications", "expert", 7),
    ("hiring:contracts", "expert", 6),
    ("hiring:candidates", "lab", 14),
    ("hiring:lab_contracts", "lab", 13),
]


@pytest.mark.parametrize(("name", "who", "queries"), PAGES)
def test_a_page_asks_the_same_number_of_questions_for_one_row_and_for_three(name, who, queries):
    counts = []
    for number in (1, 3):
        lab, user = rows_of_work(number)
        client = browse(user if who == "expert" else owner_of(lab))
        counts.append(questions_of(client, reverse(name, args=[lab.slug] if who == "lab" else [])))
    assert counts == [queries, queries]


def test_a_paused_gig_is_not_lost_to_who_applied():
    application = make_applicant(make_gig())
    project = application.project
    listings.pause_project(
        project_id=project.pk, reason="Data is late.", expected_back_on=None, by=owner_of(project.lab), now=NOW
    )
    assert get(browse(application.expert.user), "hiring:application", application.public_id).status_code == 200
