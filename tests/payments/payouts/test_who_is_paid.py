"""Where somebody is paid, as a keyed hash for the guard; and for how long the law asks who was paid."""

from __future__ import annotations

import base64

import pytest
from django.db import connection
from django.test import override_settings

from experts.duplicates.models import Identifier, Question
from marketplace.kernel.crypto import hash_key_id
from payments.gateway.client import retrieve_bank_account
from payments.gateway.models import StripeEvent
from payments.payouts import actions
from payments.payouts.models import Hold, PayoutAccount, PayoutEvent
from payments.payouts.personal import until_the_statutory_year
from tests.factories.payments_payouts import NOW, computed_run, make_finance, make_payee, make_person, work_off
from tests.payments.payouts.test_accounts import finish, refresh

pytestmark = pytest.mark.django_db
SHARED = "2222"
NEW = "new:" + base64.urlsafe_b64encode(b"n" * 32).decode()


def paid_to(standin, name, last4):
    person = make_person(name)
    actions.start_account(country="US", by=person, now=NOW)
    refresh(finish(standin, person, last4=last4))
    return person


def deliver():
    for event in PayoutEvent.objects.filter(name="identifier_hashed").due(NOW):
        actions.deliver_event(event_id=event.pk, now=NOW)


def test_one_bank_account_of_two_people_opens_a_question_and_holds_nobody(standin):
    first, second = paid_to(standin, "First Payee", SHARED), paid_to(standin, "Second Payee", SHARED)
    paid_to(standin, "Third Payee", "6789")
    deliver()
    question = Question.objects.get()
    assert {question.first, question.second} == {first, second}
    assert question.kinds == ["The same bank account"]
    assert Hold.objects.count() == 0
    assert Identifier.objects.count() == 3


def test_what_stripe_calls_the_account_is_hashed_before_it_leaves_the_room(standin):
    person = paid_to(standin, "First Payee", SHARED)
    account = PayoutAccount.objects.get(user=person)
    bank = retrieve_bank_account(str(account.stripe_account_id))
    assert bank is not None
    assert bank.fingerprint
    event = PayoutEvent.objects.get(name="identifier_hashed")
    assert event.payload == {
        "user_id": str(person.public_id), "kind": "PAYOUT", "hashed": account.destination_hash, "key_id": hash_key_id(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for table in ("payouts_payoutaccount", "payouts_payoutevent"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{bank.fingerprint}%"])  # noqa: S608
            assert cursor.fetchone() == (0,)


def test_the_same_place_is_told_once_and_another_one_again(standin):
    person = paid_to(standin, "First Payee", "6789")
    account = PayoutAccount.objects.get(user=person)
    refresh(account)
    assert PayoutEvent.objects.filter(name="identifier_hashed").count() == 1
    refresh(finish(standin, person, last4=SHARED))
    assert PayoutEvent.objects.filter(name="identifier_hashed").count() == 2


def test_after_a_new_hash_key_accounts_are_fetched_and_hashed_again(standin):
    person = paid_to(standin, "First Payee", "6789")
    before = PayoutAccount.objects.get(user=person).destination_hash
    assert actions.rehash_destinations(now=NOW) == 0
    with override_settings(IDENTIFIER_HASH_KEYS=[NEW]):
        assert actions.rehash_destinations(now=NOW) == 1
        work_off(NOW)
        account = PayoutAccount.objects.get(user=person)
        assert account.destination_hash_key == "new"
        assert account.destination_hash != before
        assert actions.rehash_destinations(now=NOW) == 0


def test_the_years_count_from_the_last_payout(funded):
    payee = make_payee(funded)
    assert until_the_statutory_year(payee) is None
    computed_run(make_finance())
    assert str(until_the_statutory_year(payee)) == "2036-12-31"


def test_copies_of_stripes_events_about_a_person_are_emptied_and_no_others():
    from payments.gateway.actions import forget_payloads

    def event(name, **facts):
        StripeEvent.objects.create(
            stripe_id=name, type="x", source="ACCOUNT", created=NOW, received_at=NOW, not_before=NOW, queued_at=NOW,
            **({"payload": {"a": 1}, "job_state": "DONE"} | facts),
        )  # fmt: skip

    event("of the account", account="acct_1")
    event("about the account", object_id="acct_1")
    event("paid under", payload={"data": {"object": {"customer_email": "a@b.example"}}})
    event("of another", account="acct_2")
    event("still to do", account="acct_1", job_state="QUEUED")
    assert forget_payloads(accounts=["acct_1"], addresses=["a@b.example"]) == 3
    assert set(StripeEvent.objects.filter(payload={}).values_list("stripe_id", flat=True)) == {
        "of the account", "about the account", "paid under",
    }  # fmt: skip
