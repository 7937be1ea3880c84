"""Our books beside Stripe's: every kind of difference is found and named, and only a clean run is reconciled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.ids import new_public_id
from marketplace.notices.models import Notification
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.queries import balance_minor
from payments.payouts import actions, queries
from payments.payouts.enums import RunState
from payments.payouts.models import PayItem, PayoutJob, Reconciliation
from tests.factories.payments_payouts import BY, NOW, executing_run, make_payee, make_person, send_all

pytestmark = [pytest.mark.full, pytest.mark.django_db]


def settled_run(finance, standin, *, payees=2):
    """A run whose items are sent and that nobody has reconciled yet."""
    for _number in range(payees):
        make_payee(standin)
    run = executing_run(finance)
    for public_id in list(PayItem.objects.values_list("public_id", flat=True)):
        actions.send_item(item_id=public_id, now=NOW)
    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    return run


def enter(key, amount_minor):
    """Post a deposit of some lab under this key."""
    funds = AccountRef(AccountCode.LAB_FUNDS, new_public_id())
    move = Move(debit=AccountRef(AccountCode.STRIPE_CLEARING), credit=funds, amount_minor=amount_minor)
    with transaction.atomic():
        post(key=key, kind=EntryKind.FUNDING, moves=[move], effective_on=NOW.date(), by=BY, now=NOW)


def differences(run, now=NOW):
    return actions.reconcile_run(run_id=run.public_id, now=now).differences


def test_a_clean_run_is_reconciled(finance, funded):
    run = settled_run(finance, funded)

    row = actions.reconcile_run(run_id=run.public_id, now=NOW)

    run.refresh_from_db()
    assert row.differences == []
    assert (run.state, run.reconciled_at) == (RunState.RECONCILED, NOW)
    assert (row.transfers_at_stripe, row.items_sent) == (2, 2)
    assert row.total_at_stripe_minor == row.total_sent_minor == 420_000
    assert row.clearing_minor == row.stripe_balance_minor == 10_000_000 - 420_000
    tie = queries.tie_of(run, queries.state_rows(run))
    assert (tie.paid_minor, tie.in_transit_minor, tie.payable_minor, tie.difference_minor) == (420_000, 0, 0, 0)


def test_the_end_of_sending_reconciles_by_itself(finance, funded):
    make_payee(funded)
    run = executing_run(finance)

    send_all(NOW)

    run.refresh_from_db()
    assert run.state == RunState.RECONCILED


def test_a_transfer_of_nobody_is_found(finance, funded):
    run = settled_run(finance, funded)
    account = PayItem.objects.first().stripe_account_id
    facts = {"amount": 700, "currency": "usd", "destination": account, "transfer_group": run.transfer_group}
    made = funded.sdk.v1.transfers.create(facts)

    found = differences(run)

    assert found == [
        f"Transfer {made.id} over $7.00 belongs to no item that was sent (item none).",
        f"Movement {made.balance_transaction} (transfer, −$7.00) is at Stripe only.",
    ]
    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    told = Notification.objects.filter(title__startswith="Our books and Stripe differ in 2 places")
    assert {notice.user for notice in told} == {finance.preparer, finance.approver}


def test_an_item_whose_transfer_stripe_does_not_have_is_found(finance, funded):
    run = settled_run(finance, funded)
    item = PayItem.objects.order_by("pk").first()
    PayItem.objects.filter(pk=item.pk).update(stripe_transfer_id="tr_invented")

    found = differences(run)

    assert found[0] == f"Item {item.public_id} was sent as tr_invented, Stripe has: nothing."


def test_what_was_taken_back_is_credited_when_its_webhook_was_lost_and_the_run_is_clean(finance, funded):
    run = settled_run(finance, funded)
    item = PayItem.objects.order_by("pk").first()
    funded.sdk.v1.transfers.reversals.create(item.stripe_transfer_id)

    row = actions.reconcile_run(run_id=run.public_id, now=NOW)

    assert row.differences == []
    assert balance_minor(AccountCode.EXPERT_PAYABLE, item.payee.public_id) == 210_000
    assert row.clearing_minor == row.stripe_balance_minor == 10_000_000 - 210_000


def test_who_has_a_run_compared_is_finance_staff_and_stands_in_its_log(finance, funded):
    run = settled_run(finance, funded)
    with pytest.raises(NotAllowed, match="Only finance staff"):
        actions.ask_to_reconcile(run_id=run.public_id, by=make_person(), now=NOW)

    actions.ask_to_reconcile(run_id=run.public_id, by=finance.approver, now=NOW)

    event = queries.log_of(run).first()
    assert (event.what, event.actor_ref) == ("payouts.ask_to_reconcile", str(finance.approver.public_id))


def test_an_entry_without_a_movement_is_found(finance, funded):
    run = settled_run(finance, funded)
    enter("bt:txn_invented", 500)

    assert differences(run) == ["Entry bt:txn_invented over $5.00 is in our books only."]


def test_an_entry_over_another_amount_is_found(finance, funded):
    run = settled_run(finance, funded)
    txn = funded.order("funds", {"amount": 1000})["id"]
    enter(f"bt:{txn}", 999)

    assert differences(run) == [f"Movement {txn} (charge) is $10.00 at Stripe and $9.99 in our books."]


def test_a_deposit_that_has_just_come_is_on_its_way_and_no_difference(finance, funded):
    run = settled_run(finance, funded)
    funded.fund(5_000)

    assert differences(run) == []


def test_a_deposit_that_never_reached_our_books_is_a_difference(finance, funded):
    run = settled_run(finance, funded)
    funded.fund(5_000)
    much_later = NOW + timedelta(days=10)

    (words,) = differences(run, now=much_later)

    assert words.endswith("(charge, $50.00) is at Stripe only.")


def test_the_daily_sweep_compares_everything_once_a_day(finance, funded):
    assert actions.ring_daily(now=NOW) == 1
    job = PayoutJob.objects.get()
    assert actions.perform_job(job_id=job.pk, now=NOW)

    row = Reconciliation.objects.get()
    assert (row.run, row.currency, row.differences) == (None, "USD", [])
    assert actions.ring_daily(now=NOW + timedelta(hours=23)) == 0
    assert actions.ring_daily(now=NOW + timedelta(hours=24)) == 1


def test_a_settled_run_with_a_difference_is_compared_again_until_it_is_gone(finance, funded):
    run = settled_run(finance, funded)
    funded.fund(5_000)
    later = NOW + timedelta(days=10)
    assert len(differences(run, now=later)) == 1

    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    assert actions.ring_daily(now=later + timedelta(hours=25)) == 2  # this run, and everything

    book(funded, 5_000)
    assert differences(run, now=later + timedelta(hours=25)) == []
    run.refresh_from_db()
    assert run.state == RunState.RECONCILED


def book(standin, amount_minor):
    """Enter the deposit of this amount that our books had missed."""
    (txn,) = [one for one in standin.state()["balance_transactions"] if one["amount"] == amount_minor]
    enter(f"bt:{txn['id']}", amount_minor)
