"""The queue of pairs, both sides beside each other, and who never sees them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from experts.duplicates import actions
from experts.duplicates.enums import Outcome
from experts.duplicates.models import Question
from tests.factories.experts_credentials import make_npi
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter
from tests.factories.marketplace_accounts import make_staff

pytestmark = pytest.mark.django_db
WORDS = "Both work in the same practice; the letterhead shows it."


@pytest.fixture
def vetter(client):
    person = make_vetter()
    client.force_login(person)
    return person


@pytest.fixture
def pair():
    for name in ("First Holder", "Second Holder"):
        make_npi(make_expert(make_person(name)))
    actions.take_in_due(now=NOW)
    return Question.objects.get()


def url(name, *rows):
    return reverse(f"duplicates:{name}", args=[row.public_id for row in rows])


def test_an_empty_queue_teaches(client, vetter):
    page = client.get(url("queue")).text
    assert "No pair to look at" in page


def test_the_queue_names_both_and_what_they_share(client, vetter, pair):
    page = client.get(url("queue")).text
    assert "First Holder and Second Holder" in " ".join(page.split())
    assert "The same number" in page
    assert "First Holder" not in client.get(url("queue") + "?state=ANSWERED").text


@pytest.mark.parametrize("pairs", [1, 3])
def test_the_queue_asks_the_database_as_often_for_one_pair_as_for_three(
    client, vetter, pairs, django_assert_max_num_queries
):
    for number in range(pairs):
        for _ in range(2):
            actions.note_identifier(
                user_id=make_person().public_id,
                kind="PAYOUT",
                hashed=f"{number}" * 64,
                key_id="dev",
                label="x",
                now=NOW,
            )
    client.get(url("queue"))
    with django_assert_max_num_queries(15):
        client.get(url("queue"))


def test_a_pair_is_answered_on_its_page(client, vetter, pair):
    page = client.get(url("question", pair)).text
    for words in ("First Holder", "Second Holder", pair.first.email, pair.second.email, "Cardiologist"):
        assert words in page
    refused = client.post(url("answer", pair), {"outcome": Outcome.HOUSEHOLD, "words": "no"})
    assert refused.status_code == 422
    answer = client.post(url("answer", pair), {"outcome": Outcome.SHARED_PLACE, "words": WORDS}, follow=True)
    assert "This pair is not asked about again." in answer.text
    assert WORDS in client.get(url("question", pair)).text


@pytest.mark.parametrize("who", ["one of the two", "support"])
def test_for_everybody_else_there_is_nothing_there(client, pair, who):
    client.force_login(pair.first if who == "one of the two" else make_staff("SUPPORT"))
    for name, rows in (("queue", []), ("question", [pair])):
        assert client.get(url(name, *rows)).status_code == 404
    assert client.post(url("answer", pair), {"outcome": Outcome.HOUSEHOLD, "words": WORDS}).status_code == 404
