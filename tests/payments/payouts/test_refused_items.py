"""Items that Stripe refuses, and what stops a run: reference C.3 where it does not end well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel import registry
from marketplace.kernel.errors import Conflict, NotAllowed, WrongState
from marketplace.notices.models import Notification
from payments.gateway import client
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor
from payments.payouts import actions, queries
from payments.payouts.enums import AttemptState, ItemState, RunState
from payments.payouts.models import PayItem, PayoutJob, RunLookUp
from tests.factories.payments_payouts import (
    LATER,
    NOW,
    TRANSFERS,
    attempts,
    executing_run,
    make_payee,
    make_person,
    only_item,
    paid_at_stripe,
    send,
    send_all,
    work_off,
)

pytestmark = [pytest.mark.full, pytest.mark.django_db]


def test_a_refusal_gives_the_money_back_and_tells_the_expert(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    funded.order("account", {"account": only_item().stripe_account_id, "status": "restricted"})

    item = send()

    assert (item.state, item.failure_code, item.releases) == (
        ItemState.REJECTED, "insufficient_capabilities_for_transfer", 1,
    )  # fmt: skip
    assert attempts() == [(1, AttemptState.REJECTED, 1)]
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 0
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 210_000
    assert Entry.objects.filter(key=f"item:{item.public_id}:released:1").exists()
    assert Notification.objects.get(user=payee).title == "We could not send $2,100.00 to you"
    run.refresh_from_db()
    assert run.state == RunState.PARTIALLY_FAILED


def test_a_rejected_item_goes_again_only_when_a_person_says_so_and_under_a_new_key(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    account = only_item().stripe_account_id
    funded.order("account", {"account": account, "status": "restricted"})
    send()
    send_all(LATER)
    assert only_item().state == ItemState.REJECTED

    funded.order("account", {"account": account, "status": "active"})
    actions.retry_item(item_id=only_item().public_id, by=finance.preparer, now=LATER)
    item = send(LATER)

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.REJECTED, 1), (2, AttemptState.CREATED, 1)]
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 0
    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    assert registry.check_invariants() == {}


def test_a_rejected_item_can_be_rejected_and_retried_again(finance, funded):
    make_payee(funded)
    executing_run(finance)
    account = only_item().stripe_account_id
    funded.order("account", {"account": account, "status": "restricted"})
    send()
    for number in (2, 3):
        actions.retry_item(item_id=only_item().public_id, by=finance.preparer, now=LATER)
        item = send(LATER)
        assert (item.state, item.releases) == (ItemState.REJECTED, number)
    assert registry.check_invariants() == {}


def test_a_rejected_item_is_not_retried_when_stripe_has_a_transfer_of_it(finance, funded):
    make_payee(funded)
    executing_run(finance)
    item = only_item()
    funded.order("account", {"account": item.stripe_account_id, "status": "restricted"})
    item = send()
    funded.order("account", {"account": item.stripe_account_id, "status": "active"})
    made = funded.sdk.v1.transfers.create(
        {
            "amount": 210_000,
            "currency": "usd",
            "destination": item.stripe_account_id,
            "transfer_group": item.run.transfer_group,
            "metadata": {"item": str(item.public_id)},
        }
    )

    with pytest.raises(Conflict, match=made.id):
        actions.retry_item(item_id=item.public_id, by=finance.preparer, now=LATER)


def test_what_cannot_be_retried_says_why(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    item = send()

    with pytest.raises(WrongState, match="Only a rejected item"):
        actions.retry_item(item_id=item.public_id, by=finance.preparer, now=LATER)
    with pytest.raises(NotAllowed):
        actions.retry_item(item_id=item.public_id, by=make_person("Somebody"), now=LATER)
    assert run.items.count() == 1


def test_a_partly_failed_run_is_closed_and_the_next_one_pays(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    funded.order("account", {"account": only_item().stripe_account_id, "status": "restricted"})
    send()

    actions.close_run(run_id=run.public_id, by=finance.approver, now=LATER)
    work_off(LATER)

    run.refresh_from_db()
    assert run.state == RunState.RECONCILED
    assert queries.tie_of(run, queries.state_rows(run)).difference_minor == 0


def test_a_balance_that_ran_dry_pauses_the_run_instead_of_spinning(finance, funded):
    make_payee(funded)
    make_payee(funded)
    run = executing_run(finance)
    funded.sdk.v1.transfers.create(
        {"amount": 9_900_000, "currency": "usd", "destination": PayItem.objects.first().stripe_account_id}
    )

    send_all(NOW)

    run.refresh_from_db()
    assert (run.is_paused, run.pause_words) == (True, "Stripe says that our balance is too low.")
    assert sorted(PayItem.objects.values_list("state", flat=True)) == [ItemState.QUEUED, ItemState.REJECTED]


def test_other_details_under_the_same_key_stop_everything(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    item = only_item()
    funded.sdk.v1.transfers.create(
        {"amount": 1, "currency": "usd", "destination": item.stripe_account_id},
        {"idempotency_key": f"po-{item.public_id}-1"},
    )

    item = send()

    run.refresh_from_db()
    assert (item.state, run.is_paused) == (ItemState.UNKNOWN, True)
    assert "other details" in run.pause_words


def test_our_wrong_key_pauses_the_run_and_nothing_was_sent(finance, funded, settings):
    make_payee(funded)
    run = executing_run(finance)
    settings.STRIPE_SECRET_KEY = "rk_not_ours"

    item = send()

    run.refresh_from_db()
    assert (item.state, run.is_paused) == (ItemState.QUEUED, True)
    assert paid_at_stripe(funded) == []


def test_two_transfers_of_one_item_raise_an_alarm_and_stop_the_run(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    item = only_item()
    facts = {
        "amount": 210_000, "currency": "usd", "destination": item.stripe_account_id,
        "transfer_group": run.transfer_group, "metadata": {"item": str(item.public_id), "attempt": "1"},
    }  # fmt: skip
    first, second = (funded.sdk.v1.transfers.create(facts) for _ in range(2))

    actions.look_up_group(run_id=run.public_id, now=NOW)

    run.refresh_from_db()
    item = only_item()
    assert (item.state, item.failure_code, run.is_paused) == (ItemState.QUEUED, "found_twice", True)
    assert first.id in run.pause_words
    client.reverse_transfer(second.id, amount_minor=210_000, idempotency_key="by hand")
    actions.resume_run(run_id=run.public_id, by=finance.approver, now=LATER)
    work_off(LATER)
    item = only_item()
    assert (item.state, item.stripe_transfer_id, item.failure_code) == (ItemState.SENT, first.id, "")


def test_a_transfer_over_another_amount_is_not_adopted(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    item = only_item()
    funded.sdk.v1.transfers.create(
        {
            "amount": 209_999,
            "currency": "usd",
            "destination": item.stripe_account_id,
            "transfer_group": run.transfer_group,
            "metadata": {"item": str(item.public_id)},
        }
    )

    actions.look_up_group(run_id=run.public_id, now=NOW)

    run.refresh_from_db()
    assert (only_item().state, only_item().failure_code) == (ItemState.QUEUED, "found_different")
    assert run.is_paused


def test_a_paused_run_sends_nothing_until_it_is_resumed(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    actions.pause_run(run_id=run.public_id, words="Lunch", by=finance.preparer, now=NOW)

    assert send().state == ItemState.QUEUED
    actions.resume_run(run_id=run.public_id, by=finance.preparer, now=NOW)
    work_off(NOW)
    assert send().state == ItemState.SENT


def test_when_stripe_is_down_nothing_is_sent_and_the_look_up_comes_again(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    RunLookUp.objects.all().delete()
    funded.faults({"method": "GET", "path": TRANSFERS, "action": "500"})
    send()
    work_off(NOW)
    assert PayoutJob.objects.latest("pk").last_error.startswith("payments.gateway.errors.StripeUnavailable")
    funded.faults()

    later = NOW + timedelta(minutes=1)
    work_off(later)
    send_all(later)

    run.refresh_from_db()
    assert run.state == RunState.RECONCILED
