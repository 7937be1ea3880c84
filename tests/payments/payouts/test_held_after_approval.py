"""A hold that comes between approval and sending: nothing new is begun for its payee, and no money is lost on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel import registry
from marketplace.kernel.errors import Conflict
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor
from payments.payouts import actions, queries
from payments.payouts.enums import AttemptState, HoldReason, ItemState, RunState
from payments.payouts.models import Attempt, Hold, PayItem, PayoutAccount
from tests.factories.payments_payouts import (
    NOW,
    approved_run,
    computed_run,
    executing_run,
    make_payee,
    send_all,
    work_off,
)
from tests.payments.payouts.test_accounts import finish

pytestmark = [pytest.mark.full, pytest.mark.django_db]
TRANSFERS = "/v1/transfers"
QUARTER = timedelta(minutes=16)


def hold(payee, by, *, hours=72, now=NOW):
    return actions.place_hold(
        payee=payee, reason=HoldReason.MANUAL, words="Somebody has called about this",
        expires_at=now + timedelta(hours=hours), by=by, now=now,
    )  # fmt: skip


def sent(standin):
    return [one["metadata"]["item"] for one in standin.state()["transfers"]]


def owed(payee):
    return balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id)


def test_a_hold_after_the_approval_keeps_the_item_back_and_gives_its_money_back(finance, funded):
    held, other = make_payee(funded, name="Held"), make_payee(funded, name="Other")
    run = executing_run(finance)
    hold(held, finance.preparer)

    send_all(NOW)

    run.refresh_from_db()
    item = run.items.get(payee=held)
    assert (item.state, item.held_reason, item.attempts.count()) == (ItemState.HELD, HoldReason.MANUAL, 0)
    assert sent(funded) == [str(run.items.get(payee=other).public_id)]
    assert (owed(held), balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id)) == (210_000, 0)
    assert run.state == RunState.RECONCILED
    assert queries.sha256_of(run) == run.approved_sha256
    assert queries.tie_of(run, queries.state_rows(run)).difference_minor == 0
    assert registry.check_invariants() == {}
    assert "payouts.give_back_held" in queries.log_of(run).values_list("what", flat=True)


def test_a_hold_that_is_over_before_sending_begins_keeps_nothing_back(finance, funded):
    payee = make_payee(funded)
    run = approved_run(finance)
    hold(payee, finance.preparer, hours=1)
    later = NOW + timedelta(hours=2)

    actions.execute_run(run_id=run.public_id, by=finance.preparer, now=later)
    work_off(later)
    send_all(later)

    assert run.items.get().state == ItemState.SENT


def test_bank_details_changed_after_the_approval_cool_down_and_the_next_run_pays(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    finish(funded, payee, last4="9001")
    actions.refresh_account(stripe_account_id=PayoutAccount.objects.get(user=payee).stripe_account_id, now=NOW)

    send_all(NOW)

    item = run.items.get()
    assert (item.state, item.held_reason) == (ItemState.HELD, HoldReason.DESTINATION_CHANGED)
    assert sent(funded) == []
    next_week = NOW + timedelta(days=7)
    again = executing_run(finance, period=run.period + timedelta(days=7), now=next_week)
    send_all(next_week)
    assert sent(funded) == [str(again.items.get().public_id)]
    assert owed(payee) == 0


@pytest.mark.parametrize("lost", ["lose_request", "429"])
def test_what_never_reached_stripe_is_not_sent_again_to_somebody_on_hold(lost, finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    funded.faults({"method": "POST", "path": TRANSFERS, "action": lost, "nth": 1})
    actions.send_item(item_id=PayItem.objects.get().public_id, now=NOW)
    hold(payee, finance.preparer)

    for minutes in (1, 2, 5):
        work_off(NOW + timedelta(minutes=minutes))
        send_all(NOW + timedelta(minutes=minutes))
        assert (PayItem.objects.get().state, sent(funded)) == (ItemState.UNKNOWN, [])
    send_all(NOW + QUARTER)
    work_off(NOW + QUARTER)
    send_all(NOW + QUARTER)

    item = PayItem.objects.get()
    assert (item.state, item.held_reason, sent(funded)) == (ItemState.HELD, HoldReason.MANUAL, [])
    assert Attempt.objects.get().state == AttemptState.PROVED_ABSENT
    assert owed(payee) == 210_000
    run.refresh_from_db()
    assert run.state in (RunState.SETTLED, RunState.RECONCILED)
    assert registry.check_invariants() == {}


def test_what_stripe_has_made_already_is_adopted_although_the_payee_is_on_hold(finance, funded):
    payee = make_payee(funded)
    executing_run(finance)
    funded.faults({"method": "POST", "path": TRANSFERS, "action": "lose_answer", "nth": 1})
    actions.send_item(item_id=PayItem.objects.get().public_id, now=NOW)
    hold(payee, finance.preparer)

    work_off(NOW + timedelta(minutes=1))

    assert PayItem.objects.get().state == ItemState.SENT
    assert (len(sent(funded)), owed(payee)) == (1, 0)


def test_a_rejected_item_of_somebody_on_hold_is_not_tried_again(finance, funded):
    payee = make_payee(funded)
    executing_run(finance)
    item = PayItem.objects.get()
    funded.order("account", {"account": item.stripe_account_id, "status": "restricted"})
    send_all(NOW)
    funded.order("account", {"account": item.stripe_account_id, "status": "active"})
    standing = hold(payee, finance.preparer)

    with pytest.raises(Conflict, match="on hold: Held by finance"):
        actions.retry_item(item_id=item.public_id, by=finance.approver, now=NOW)

    item.refresh_from_db()
    assert (item.state, sent(funded), owed(payee)) == (ItemState.REJECTED, [], 210_000)
    actions.release_hold(hold_id=standing.public_id, words="It was somebody else", by=finance.preparer, now=NOW)
    actions.retry_item(item_id=item.public_id, by=finance.approver, now=NOW)
    send_all(NOW)
    assert sent(funded) == [str(item.public_id)]


def test_a_live_hold_that_took_nothing_out_still_stops_the_approval(finance, funded):
    """The belt: however a hold came to stand beside a ready item, nobody on hold is approved."""
    payee = make_payee(funded)
    run = computed_run(finance)
    Hold.objects.create(
        payee=payee, reason=HoldReason.MANUAL, words="Written by hand", placed_at=NOW, placed_by_kind="system",
        placed_by_ref="tests",
    )  # fmt: skip

    with pytest.raises(Conflict, match="1 people of this run are on hold"):
        actions.approve_run(run_id=run.public_id, sha256=run.computed_sha256, comment="", by=finance.approver, now=NOW)

    assert (run.items.get().state, owed(payee)) == (ItemState.READY, 210_000)
