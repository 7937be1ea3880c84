"""Two at once: approvers, starters, drafters, workers. Each with real threads; the last shows what a race costs."""

from __future__ import annotations

import threading
import uuid
from functools import partial

import pytest
from django.db import transaction

from marketplace.kernel import registry
from marketplace.kernel.errors import Conflict, WrongState
from payments.gateway import client
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor
from payments.payouts import actions
from payments.payouts.enums import HoldReason, ItemState, PayoutJobKind, RunState
from payments.payouts.models import Attempt, PayItem, PayoutAccount, PayoutJob, PayRun
from tests.factories.payments_ledger import at_once
from tests.factories.payments_payouts import (
    NOW,
    PERIOD,
    approved_run,
    computed_run,
    executing_run,
    make_approver,
    make_payee,
    make_person,
)
from tests.support.races import Beside, waits_for_a_lock

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


def paid(standin):
    return len(standin.state()["transfers"])


def kinds(results):
    return sorted(type(result).__name__ for result in results)


def test_two_approvers_pressing_at_once_set_the_money_aside_once(finance, funded):
    payee = make_payee(funded)
    run = computed_run(finance)
    people = [finance.approver, make_approver("Second approver"), make_approver("Third approver")]

    results = at_once(
        *[
            partial(
                actions.approve_run, run_id=run.public_id, sha256=run.computed_sha256, comment="", by=person, now=NOW
            )
            for person in people
        ]
    )

    assert kinds(results) == ["PayRun", "WrongState", "WrongState"]
    assert Entry.objects.filter(kind="RUN_APPROVED").count() == 1
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 0
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, run.items.get().public_id) == 210_000


def test_two_people_who_start_sending_at_once_start_it_once(finance, funded):
    make_payee(funded)
    run = approved_run(finance)

    results = at_once(
        *[
            partial(actions.execute_run, run_id=run.public_id, by=by, now=NOW)
            for by in (finance.preparer, finance.approver)
        ]
    )

    assert kinds(results) == ["PayRun", "WrongState"]
    assert PayoutJob.objects.filter(kind=PayoutJobKind.BEGIN).count() == 1


def test_two_people_who_draft_the_same_week_at_once_draft_one_run(finance, funded):
    draft = partial(actions.create_run, period=PERIOD, currency="USD", by=finance.preparer, now=NOW)

    results = at_once(draft, draft, draft)

    assert kinds(results) == ["Conflict", "Conflict", "PayRun"]
    assert PayRun.objects.count() == 1


def test_a_run_computed_by_two_workers_at_once_is_computed_once(finance, funded):
    for _number in range(5):
        make_payee(funded)
    run = actions.create_run(period=PERIOD, currency="USD", by=finance.preparer, now=NOW)
    actions.finish_screening(run_id=run.public_id, now=NOW)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=NOW)
    compute = partial(actions.compute_run, run_id=run.public_id, now=NOW)

    assert at_once(compute, compute, compute) == [None, None, None]
    run.refresh_from_db()
    assert (run.state, run.items.count(), run.total_minor) == (RunState.COMPUTED, 5, 1_050_000)


def test_two_workers_that_claim_the_same_item_pay_it_once(finance, funded):
    make_payee(funded)
    executing_run(finance)
    send = partial(actions.send_item, item_id=PayItem.objects.get().public_id, now=NOW)

    results = at_once(send, send, send, send)

    assert results == [None, None, None, None]
    assert PayItem.objects.get().state == ItemState.SENT
    assert paid(funded) == 1
    assert Attempt.objects.count() == 1


def test_without_a_claim_and_with_a_random_key_the_same_race_pays_twice(finance, funded):
    """The negative control: look, call with a fresh key, write. This is what the test above would notice."""
    make_payee(funded)
    executing_run(finance)
    both_looked = threading.Barrier(2)

    def send_without_claim():
        item = PayItem.objects.select_related("run").get()
        assert item.state == ItemState.QUEUED
        both_looked.wait(timeout=10)
        client.create_transfer(
            amount_minor=item.net_minor, currency=item.currency, destination=item.stripe_account_id,
            transfer_group=item.run.transfer_group, metadata={"item": str(item.public_id)},
            idempotency_key=str(uuid.uuid4()),
        )  # fmt: skip

    assert at_once(send_without_claim, send_without_claim) == [None, None]
    assert paid(funded) == 2


def test_a_look_up_in_the_middle_of_a_send_pays_once_and_posts_once(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    item = run.items.get()
    funded.faults({"method": "POST", "path": "/v1/transfers", "action": "slow", "seconds": 0.3})

    results = at_once(
        partial(actions.send_item, item_id=item.public_id, now=NOW),
        partial(actions.look_up_group, run_id=run.public_id, now=NOW),
        partial(actions.look_up_group, run_id=run.public_id, now=NOW),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert paid(funded) == 1
    assert Entry.objects.filter(kind="TRANSFER").count() == 1
    assert PayItem.objects.get().state == ItemState.SENT
    assert registry.check_invariants() == {}


def test_a_hold_and_an_approval_at_once_end_as_one_or_the_other(finance, funded):
    payee = make_payee(funded)
    run = computed_run(finance)

    held, approved = at_once(
        partial(
            actions.place_hold, payee=payee, reason=HoldReason.MANUAL, words="Somebody has called about this",
            expires_at=None, by=finance.preparer, now=NOW,
        ),
        partial(
            actions.approve_run, run_id=run.public_id, sha256=run.computed_sha256, comment="", by=finance.approver,
            now=NOW,
        ),
    )  # fmt: skip

    run.refresh_from_db()
    item = run.items.get()
    assert not isinstance(held, Exception)
    if isinstance(approved, Exception):
        assert isinstance(approved, Conflict)
        assert (run.state, item.state, run.total_minor) == (RunState.COMPUTED, ItemState.HELD, 0)
    else:
        assert (run.state, item.state, run.total_minor) == (RunState.APPROVED, ItemState.QUEUED, 210_000)
    assert registry.check_invariants() == {}


def test_two_people_who_retry_a_rejected_item_at_once_pay_it_once(finance, funded):
    payee = make_payee(funded)
    executing_run(finance)
    item = PayItem.objects.get()
    funded.order("account", {"account": item.stripe_account_id, "status": "restricted"})
    actions.send_item(item_id=item.public_id, now=NOW)
    funded.order("account", {"account": item.stripe_account_id, "status": "active"})

    retry = partial(actions.retry_item, item_id=item.public_id, by=finance.approver, now=NOW)
    results = at_once(retry, retry)
    send = partial(actions.send_item, item_id=item.public_id, now=NOW)
    at_once(send, send)

    assert kinds(results) == ["PayItem", "WrongState"]
    assert any(isinstance(result, WrongState) for result in results)
    assert paid(funded) == 1
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 0


def test_choosing_a_country_again_never_forgets_the_account_that_stripe_has_made_meanwhile(standin):
    """The first window hears from Stripe while the second one has read the row that has no account yet."""
    person = make_person()
    row = PayoutAccount.objects.create(user=person, country="US", created_at=NOW)

    with transaction.atomic():
        PayoutAccount.objects.filter(pk=row.pk).update(stripe_account_id="acct_first")
        second = Beside(partial(actions.start_account, country="US", by=person, now=NOW))
        assert waits_for_a_lock(second)
    with pytest.raises(WrongState, match="already"):
        second.done()

    row.refresh_from_db()
    assert row.stripe_account_id == "acct_first"


def test_a_row_written_whole_forgets_it(standin):
    """The control: read without a lock, and save every column."""
    person = make_person()
    stale = PayoutAccount.objects.create(user=person, country="US", created_at=NOW)
    PayoutAccount.objects.filter(pk=stale.pk).update(stripe_account_id="acct_first")

    stale.country = "US"
    stale.save()

    assert PayoutAccount.objects.get().stripe_account_id is None
