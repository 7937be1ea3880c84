"""Pages of hiring: what belongs to others is as absent as nothing, and what a page costs."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.projects_hiring import (
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
    start,
)
from tests.factories.projects_labs import browse, comparable, make_person, questions_of
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.full, pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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
    ("hiring:applications", "expert", 8),
    ("hiring:contracts", "expert", 7),
    ("hiring:candidates", "lab", 17),
    ("hiring:lab_contracts", "lab", 14),
]


@pytest.mark.parametrize(("name", "who", "queries"), PAGES)
def test_a_page_asks_the_same_number_of_questions_for_one_row_and_for_three(name, who, queries):
    counts = []
    for number in (1, 3):
        lab, user = rows_of_work(number)
        client = browse(user if who == "expert" else owner_of(lab))
        counts.append(questions_of(client, reverse(name, args=[lab.slug] if who == "lab" else [])))
    assert counts == [queries, queries]
