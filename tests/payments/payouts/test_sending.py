"""One item to Stripe: the nine rules of reference C.3, each with the answer that it is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel import registry
from marketplace.kernel.errors import Conflict, NotAllowed, WrongState
from marketplace.notices.models import Notification
from payments.gateway import client
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor
from payments.payouts import actions, queries
from payments.payouts.actions import sending
from payments.payouts.enums import AttemptState, ItemState, RunState
from payments.payouts.models import Attempt, PayItem, PayoutJob, RunLookUp
from tests.factories.payments_payouts import (
    NOW,
    executing_run,
    make_payee,
    make_person,
    send_all,
    work_off,
)

pytestmark = pytest.mark.django_db
TRANSFERS = "/v1/transfers"
LATER = NOW + timedelta(minutes=16)


def fault(action, **facts):
    return {"method": "POST", "path": TRANSFERS, "action": action, **facts}


def only_item() -> PayItem:
    return PayItem.objects.select_related("payee", "run").get()


def attempts():
    return list(Attempt.objects.order_by("number").values_list("number", "state", "sends"))


def paid_at_stripe(standin):
    return [(one["metadata"]["item"], one["amount"]) for one in standin.state()["transfers"]]


def send(now=NOW):
    actions.send_item(item_id=only_item().public_id, now=now)
    return only_item()


def test_an_item_is_sent_once_and_everybody_knows(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)

    item = send()

    assert (item.state, item.sent_at, item.tries) == (ItemState.SENT, NOW, 1)
    assert paid_at_stripe(funded) == [(str(item.public_id), 210_000)]
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 0
    assert balance_minor(AccountCode.STRIPE_CLEARING) == 10_000_000 - 210_000
    assert Entry.objects.filter(key=f"bt:{item.balance_transaction}").count() == 1
    assert attempts() == [(1, AttemptState.CREATED, 1)]
    told = Notification.objects.get(user=payee)
    assert (told.title, told.path) == ("$2,100.00 is on its way to you", "/me/earnings/")
    assert "First Harbor ··4417" in told.body
    run.refresh_from_db()
    assert run.state == RunState.SETTLED


def test_what_goes_to_stripe_names_run_item_attempt_expert_and_week(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    item = send()

    transfer = client.retrieve_transfer(item.stripe_transfer_id)

    assert transfer.transfer_group == f"run_{run.public_id}"
    assert (transfer.destination, transfer.currency, transfer.source_type) == (item.stripe_account_id, "USD", "card")
    assert transfer.metadata == {
        "item": str(item.public_id), "attempt": "1", "expert": str(payee.public_id), "period": "2026-11-09",
    }  # fmt: skip
    assert [call["key"] for call in funded.calls(TRANSFERS)] == [f"po-{item.public_id}-1"]


def test_the_key_is_committed_before_the_call_and_no_transaction_is_open_during_it(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    seen = []
    real = client.create_transfer

    def look_then_send(**request):
        seen.append((request["idempotency_key"], attempts(), only_item().state))
        return real(**request)

    monkeypatch.setattr(sending.client, "create_transfer", look_then_send)
    item = send()

    assert seen == [(f"po-{item.public_id}-1", [(1, AttemptState.OPEN, 1)], ItemState.SENDING)]


def test_sending_twice_sends_once(finance, funded):
    make_payee(funded)
    executing_run(finance)

    send()
    send()

    assert len(paid_at_stripe(funded)) == 1
    assert Entry.objects.filter(key__startswith="bt:", kind="TRANSFER").count() == 1


def test_nothing_is_sent_before_the_group_was_looked_up(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    RunLookUp.objects.all().delete()

    assert send().state == ItemState.QUEUED
    assert paid_at_stripe(funded) == []
    work_off(NOW)
    assert send().state == ItemState.SENT
    assert RunLookUp.objects.filter(run=run).exists()


def test_a_restart_of_the_worker_looks_the_group_up_again(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    monkeypatch.setattr("payments.payouts.actions.lookups.BOOT", "another start")

    assert send().state == ItemState.QUEUED
    work_off(NOW)
    assert send().state == ItemState.SENT


def test_an_hour_later_the_group_is_looked_up_again(finance, funded):
    make_payee(funded)
    executing_run(finance)
    later = NOW + timedelta(hours=1, seconds=1)

    assert send(later).state == ItemState.QUEUED
    work_off(later)
    assert send(later).state == ItemState.SENT


def test_a_transfer_that_a_lost_commit_forgot_is_adopted_before_the_first_send(finance, funded):
    """The worker sent it, then the database lost its last second: the item looks as if nothing had happened."""
    make_payee(funded)
    executing_run(finance)
    item = only_item()
    order = sending.order_of(item, 1)
    made = client.create_transfer(
        amount_minor=order.amount_minor, currency=order.currency, destination=order.destination,
        transfer_group=order.transfer_group, metadata=order.metadata, idempotency_key="lost with the commit",
        source_type=order.source_type,
    )  # fmt: skip

    actions.look_up_group(run_id=item.run.public_id, now=NOW)

    item = only_item()
    assert (item.state, item.stripe_transfer_id) == (ItemState.SENT, made.id)
    assert attempts() == [(1, AttemptState.CREATED, 1)]
    assert len(paid_at_stripe(funded)) == 1


def test_a_worker_that_died_after_the_call_gets_the_same_transfer_again(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda **_facts: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send()
    assert only_item().state == ItemState.SENDING

    assert send(NOW + timedelta(minutes=1)).state == ItemState.SENDING  # still somebody's lease
    item = send(NOW + timedelta(minutes=3))

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.CREATED, 2)]
    assert len(paid_at_stripe(funded)) == 1


@pytest.mark.parametrize("lost", ["lose_answer", "lose_request"])
def test_no_answer_is_unknown_and_a_look_up_or_the_same_key_settles_it(lost, finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault(lost, nth=1))

    item = send()
    assert (item.state, item.unknown_since, item.not_before) == (ItemState.UNKNOWN, NOW, None)
    assert attempts() == [(1, AttemptState.UNKNOWN, 1)]
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 210_000

    soon = NOW + timedelta(seconds=6)
    work_off(soon)
    item = send(soon)

    assert item.state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1
    assert {call["key"] for call in funded.calls(TRANSFERS)} == {f"po-{item.public_id}-1"}


def test_an_unknown_item_is_not_sent_before_a_look_up(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("lose_request", nth=1))
    send()

    assert send(LATER).state == ItemState.UNKNOWN
    assert len(funded.calls(TRANSFERS)) == 1


@pytest.mark.parametrize("effect", [True, False])
def test_a_500_is_replayed_under_its_key_so_only_a_look_up_resolves_it(effect, finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("500", nth=1, effect=effect))
    assert send().state == ItemState.UNKNOWN

    soon = NOW + timedelta(seconds=6)
    work_off(soon)
    assert only_item().state == (ItemState.SENT if effect else ItemState.UNKNOWN)
    work_off(LATER)
    item = send(LATER)

    assert item.state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1
    expected = [(1, AttemptState.CREATED, 1)]
    if not effect:
        expected = [(1, AttemptState.PROVED_ABSENT, 1), (2, AttemptState.CREATED, 1)]
    assert attempts() == expected


@pytest.mark.parametrize("busy", ["429", "409"])
def test_busy_means_not_executed_and_the_same_key_goes_again_later(busy, finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault(busy, nth=1))

    item = send()
    assert item.state == ItemState.QUEUED
    assert item.not_before > NOW
    assert send(NOW).state == ItemState.QUEUED
    item = send(NOW + timedelta(minutes=2))

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.CREATED, 2)]


def test_an_unknown_item_that_meets_a_busy_stripe_stays_unknown(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("lose_request", nth=1), fault("429", nth=1))
    send()
    soon = NOW + timedelta(seconds=6)
    work_off(soon)

    item = send(soon)

    assert (item.state, item.unknown_since) == (ItemState.UNKNOWN, NOW)
    assert send(soon + timedelta(minutes=2)).state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1


def test_a_key_of_23_hours_is_never_sent_again(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("429"))
    send()
    funded.faults()
    old = NOW + timedelta(hours=23)
    work_off(old)
    actions.look_up_group(run_id=only_item().run.public_id, now=old)

    item = send(old)
    assert (item.state, len(funded.calls(TRANSFERS))) == (ItemState.UNKNOWN, 1)
    work_off(old + timedelta(seconds=6))
    item = send(old + timedelta(seconds=6))

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.PROVED_ABSENT, 1), (2, AttemptState.CREATED, 1)]


def test_after_stripe_forgot_the_key_the_transfer_is_found_not_made_again(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda **_facts: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send()
    funded.advance(hours=25)
    days_later = NOW + timedelta(hours=25)

    send_all(days_later)
    work_off(days_later)
    send_all(days_later)

    assert only_item().state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1


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


def test_an_attempt_keeps_its_key_and_is_never_deleted(finance, funded):
    make_payee(funded)
    executing_run(finance)
    send()

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Attempt.objects.update(key="another")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Attempt.objects.all().delete()


def test_a_run_without_anything_to_send_settles_at_once(finance, funded):
    make_payee(funded, owed_minor=100)

    run = executing_run(finance)

    assert run.state == RunState.RECONCILED


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
