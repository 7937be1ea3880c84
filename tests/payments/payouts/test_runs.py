"""From nothing to computed: who may draft, what is frozen, who is held, who is left out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from marketplace.kernel.ids import PAY_ITEM_NAMESPACE, PAY_RUN_NAMESPACE, named_id
from marketplace.notices.models import Notification
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor, total_minor
from payments.payouts import actions, queries
from payments.payouts.enums import ExcludedReason, HoldReason, ItemState, RunState
from payments.payouts.models import PayItem, PayoutJob, PayRun
from tests.factories.payments_payouts import (
    NOW,
    PERIOD,
    approved_run,
    computed_run,
    drafted_run,
    earn,
    executing_run,
    make_approver,
    make_payee,
    make_person,
    make_preparer,
    owe,
    send_all,
    work_off,
)

pytestmark = pytest.mark.django_db
MONDAY_BEFORE_CUTOFF = NOW - timedelta(days=3)


def states(run):
    return {item.payee.full_name: item.state for item in run.items.select_related("payee")}


def test_a_run_is_named_by_its_week_and_currency(finance, funded):
    run = drafted_run(finance)

    assert run.public_id == named_id(PAY_RUN_NAMESPACE, PERIOD, "USD")
    assert (run.state, run.created_by, run.created_at) == (RunState.DRAFT, finance.preparer, NOW)
    assert str(run) == "2026-W46 USD"
    assert list(queries.log_of(run).values_list("what", flat=True)) == ["payouts.create_run"]


@pytest.mark.parametrize("make", [make_approver, make_person])
def test_only_who_prepares_runs_may_draft_one(make, funded):
    with pytest.raises(NotAllowed, match="prepare runs"):
        actions.create_run(period=PERIOD, currency="USD", by=make(), now=NOW)
    assert not PayRun.objects.exists()


@pytest.mark.parametrize(
    ("period", "currency", "words"),
    [(date(2026, 11, 10), "USD", "Monday"), (PERIOD, "XXX", "currency"), (date(2026, 11, 16), "USD", "not ended")],
)
def test_a_week_that_is_none_or_has_not_ended_has_no_run(period, currency, words, finance, funded):
    with pytest.raises(Invalid, match=words):
        actions.create_run(period=period, currency=currency, by=finance.preparer, now=NOW)


def test_a_week_and_currency_has_one_run(finance, funded):
    drafted_run(finance)

    with pytest.raises(Conflict, match="there already"):
        drafted_run(finance)
    assert PayRun.objects.count() == 1


def test_a_transfer_that_our_books_do_not_know_blocks_the_next_run(finance, funded):
    account = funded.recipient()
    transfer = funded.sdk.v1.transfers.create({"amount": 5000, "currency": "usd", "destination": account})

    with pytest.raises(Conflict, match=transfer.id):
        drafted_run(finance, now=NOW)
    assert not PayRun.objects.exists()


def test_a_red_invariant_blocks_the_next_run(finance, funded, monkeypatch):
    monkeypatch.setitem(registry.invariants, "test: something", lambda: ["Row 7 is wrong."])

    with pytest.raises(Conflict, match=r"test: something\. Row 7 is wrong\."):
        drafted_run(finance)


def test_nothing_is_computed_before_the_cut_off(finance, funded):
    run = drafted_run(finance, now=MONDAY_BEFORE_CUTOFF)

    with pytest.raises(WrongState, match="Wednesday 24:00 UTC"):
        actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=MONDAY_BEFORE_CUTOFF)


def test_computing_waits_until_screening_is_finished(finance, funded):
    run = drafted_run(finance)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=NOW)
    assert not PayoutJob.objects.exists()

    actions.finish_screening(run_id=run.public_id, now=NOW)
    work_off(NOW)

    run.refresh_from_db()
    assert (run.screened_at, run.state) == (NOW, RunState.COMPUTED)


def test_a_run_is_screened_by_itself_where_nobody_listens(finance, funded):
    run = drafted_run(finance)

    work_off(NOW)

    run.refresh_from_db()
    assert (run.state, run.screened_at) == (RunState.DRAFT, NOW)


def test_each_payee_is_ready_held_or_left_out_for_one_reason(finance, funded):
    make_payee(funded, name="Ready", owed_minor=2500)
    make_payee(funded, name="Below", owed_minor=2499)
    owe(make_person("Negative"), -700)
    earn(make_person("No account"), 90000)
    make_payee(funded, name="Not ready", ready=False)
    held = make_payee(funded, name="Held")
    actions.place_hold(
        payee=held, reason=HoldReason.MANUAL, words="Identity is being checked", expires_at=None, by=finance.preparer,
        now=NOW - timedelta(days=1),
    )  # fmt: skip
    over = make_payee(funded, name="Hold is over")
    actions.place_hold(
        payee=over, reason=HoldReason.MANUAL, words="Identity is being checked", expires_at=NOW, by=finance.preparer,
        now=NOW - timedelta(days=1),
    )  # fmt: skip

    run = computed_run(finance)

    reasons = {
        item.payee.full_name: (item.state, item.held_reason or item.excluded_reason, item.net_minor)
        for item in run.items.select_related("payee")
    }
    assert reasons == {
        "Ready": (ItemState.READY, "", 2500),
        "Below": (ItemState.EXCLUDED, ExcludedReason.BELOW_MINIMUM, 2499),
        "Negative": (ItemState.EXCLUDED, ExcludedReason.NOTHING_TO_PAY, -700),
        "No account": (ItemState.HELD, HoldReason.NO_PAYOUT_ACCOUNT, 90000),
        "Not ready": (ItemState.HELD, HoldReason.ACCOUNT_NOT_READY, 210000),
        "Held": (ItemState.HELD, HoldReason.MANUAL, 210000),
        "Hold is over": (ItemState.READY, "", 210000),
    }
    assert (run.items_count, run.total_minor) == (7, 212500)
    assert run.payable_minor == total_minor(AccountCode.EXPERT_PAYABLE) == 724299
    assert run.available_minor == 10_000_000


def test_the_same_facts_give_the_same_ids_and_hash_after_a_restore(finance, funded):
    payee = make_payee(funded)
    run = computed_run(finance)

    item = run.items.get()
    assert item.public_id == named_id(PAY_ITEM_NAMESPACE, PERIOD, "USD", payee.public_id)
    assert len(run.computed_sha256) == 64
    assert queries.sha256_of(run) == run.computed_sha256


def test_computing_twice_changes_nothing(finance, funded):
    make_payee(funded)
    run = computed_run(finance)
    earn(make_person("Late"), 50000)

    actions.compute_run(run_id=run.public_id, now=NOW + timedelta(minutes=1))

    run.refresh_from_db()
    assert (run.computed_at, run.items_count) == (NOW, 1)


def test_approvers_who_had_no_hand_in_it_are_asked(finance, funded):
    make_payee(funded)

    run = computed_run(finance)

    asked = Notification.objects.filter(kind="pay_runs").values_list("user", "title", "path")
    assert list(asked) == [
        (finance.approver.pk, "Pay run 2026-W46 USD waits for your approval", f"/finance/runs/{run.public_id}/")
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"net_minor": 1, "gross_minor": 1},
        {"stripe_account_id": "acct_thief"},
        {"destination_label": "Elsewhere ··0001"},
    ],
)
def test_amount_and_destination_of_an_item_are_frozen(change, finance, funded):
    make_payee(funded)
    run = computed_run(finance)

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        PayItem.objects.filter(run=run).update(**change)


def test_the_payee_of_an_item_is_frozen(finance, funded):
    make_payee(funded)
    run = computed_run(finance)

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        PayItem.objects.filter(run=run).update(payee=make_person("Thief"))


def test_no_item_joins_or_leaves_a_computed_run(finance, funded):
    make_payee(funded)
    run = computed_run(finance)
    item = run.items.get()

    with pytest.raises(IntegrityError, match="no item joins"), transaction.atomic():
        PayItem.objects.create(
            public_id=named_id(PAY_ITEM_NAMESPACE, "x"), run=run, payee=make_person("Late"), state=ItemState.READY,
            gross_minor=1, net_minor=1, currency="USD",
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="no item leaves"), transaction.atomic():
        item.delete()


def test_a_hold_placed_after_computing_takes_the_item_out_and_changes_the_hash(finance, funded):
    make_payee(funded, name="Stays")
    held = make_payee(funded, name="Goes", owed_minor=50000)
    run = computed_run(finance)
    before = run.computed_sha256

    actions.place_hold(
        payee=held,
        reason=HoldReason.MANUAL,
        words="Bank asks who this is",
        expires_at=None,
        by=finance.approver,
        now=NOW,
    )

    run.refresh_from_db()
    assert states(run) == {"Stays": ItemState.READY, "Goes": ItemState.HELD}
    assert run.total_minor == 210000
    assert run.computed_sha256 not in ("", before)
    with pytest.raises(Conflict, match="not what you looked at"):
        actions.approve_run(run_id=run.public_id, sha256=before, comment="", by=finance.approver, now=NOW)


@pytest.mark.parametrize("make", [drafted_run, computed_run])
def test_a_cancelled_run_is_drafted_anew_under_the_same_identity(make, finance, funded):
    make_payee(funded)
    run = make(finance)
    actions.cancel_run(run_id=run.public_id, words="Wrong week", by=finance.preparer, now=NOW)
    assert PayRun.objects.get().state == RunState.CANCELLED

    again = computed_run(finance, now=NOW + timedelta(hours=1))

    assert (again.pk, again.public_id, again.edition, again.state) == (run.pk, run.public_id, 1, RunState.COMPUTED)
    assert again.items.count() == 1


def test_cancelling_an_approved_run_gives_the_money_back_and_it_can_be_paid_after_all(finance, funded):
    payee = make_payee(funded)
    run = approved_run(finance)
    item = run.items.get()
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 210000

    actions.cancel_run(run_id=run.public_id, words="Wrong week", by=finance.preparer, now=NOW)

    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 0
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 210000
    assert registry.check_invariants() == {}
    again = approved_run(finance, now=NOW + timedelta(hours=1))
    assert again.items.get().public_id == item.public_id
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 210000


def test_an_account_without_a_person_stops_the_computing(finance, funded):
    class Nobody:
        public_id = named_id(PAY_ITEM_NAMESPACE, "nobody")

    owe(Nobody, 1000)  # type: ignore[arg-type]
    make_payee(funded)
    run = drafted_run(finance)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=NOW)

    work_off(NOW)

    run.refresh_from_db()
    assert run.state == RunState.DRAFT
    assert "2200 holds 211000" in PayoutJob.objects.get().last_error


def test_everything_that_was_done_to_a_run_is_in_its_log(finance, funded):
    make_payee(funded)
    run = approved_run(finance)

    assert list(queries.log_of(run).values_list("what", "actor_kind")) == [
        ("payouts.approve_run", "user"),
        ("payouts.compute_run", "system"),
        ("payouts.finish_screening", "system"),
        ("payouts.ask_to_compute", "user"),
        ("payouts.create_run", "user"),
    ]
    assert AuditEvent.objects.get(what="payouts.approve_run").after["sha256"] == run.computed_sha256


def test_only_a_preparer_computes_and_cancels(finance, funded):
    run = drafted_run(finance)
    other = make_preparer("Second preparer")

    with pytest.raises(NotAllowed):
        actions.ask_to_compute(run_id=run.public_id, by=finance.approver, now=NOW)
    with pytest.raises(NotAllowed):
        actions.cancel_run(run_id=run.public_id, words="", by=finance.approver, now=NOW)
    actions.ask_to_compute(run_id=run.public_id, by=other, now=NOW)
    run.refresh_from_db()
    assert run.compute_asked_by == other


def test_a_run_that_was_asked_for_is_not_asked_for_again_by_who_would_then_approve_it(finance, funded):
    """Else the second asking would overwrite who had a hand in it."""
    run = drafted_run(finance)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=NOW)

    with pytest.raises(WrongState, match="asked for this already"):
        actions.ask_to_compute(run_id=run.public_id, by=make_preparer("Second preparer"), now=NOW)

    run.refresh_from_db()
    assert run.compute_asked_by == finance.preparer


def test_a_late_job_of_a_cancelled_edition_computes_nothing_that_nobody_asked_for_anew(finance, funded):
    make_payee(funded)
    run = drafted_run(finance)
    actions.finish_screening(run_id=run.public_id, now=NOW)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=NOW)
    job = PayoutJob.objects.get(kind="COMPUTE")
    actions.cancel_run(run_id=run.public_id, words="Wrong week", by=finance.preparer, now=NOW)
    drafted_run(finance)
    actions.finish_screening(run_id=run.public_id, now=NOW)

    assert actions.perform_job(job_id=job.pk, now=NOW)

    run.refresh_from_db()
    assert (run.edition, run.state, run.compute_asked_at, run.items.count()) == (1, RunState.DRAFT, None, 0)


def test_transfers_of_the_very_run_do_not_block_its_draft_and_are_adopted_by_its_look_up(finance, funded):
    """A restore from a backup has lost the run after one of its items was sent."""
    payee, other = make_payee(funded), make_payee(funded)
    item_id = named_id(PAY_ITEM_NAMESPACE, PERIOD, "USD", payee.public_id)
    run_id = named_id(PAY_RUN_NAMESPACE, PERIOD, "USD")
    made = funded.sdk.v1.transfers.create(
        {
            "amount": 210_000, "currency": "usd", "destination": payee.payout_account.stripe_account_id,
            "transfer_group": f"run_{run_id}", "metadata": {"item": str(item_id), "attempt": "1"},
        }
    )  # fmt: skip
    other_week = actions.unmatched_transfers(period=PERIOD - timedelta(days=7), currency="USD", now=NOW)
    assert [one.source_id for one in other_week] == [made.id]

    run = executing_run(finance)
    send_all(NOW)

    assert run.items.get(payee=payee).stripe_transfer_id == made.id
    assert run.items.get(payee=other).state == ItemState.SENT
    assert len(funded.state()["transfers"]) == 2
    assert registry.check_invariants() == {}


def test_an_unknown_transfer_blocks_the_runs_of_its_own_currency(finance, funded):
    funded.fund(5_000, currency="eur")
    account = funded.recipient()
    made = funded.sdk.v1.transfers.create({"amount": 5000, "currency": "eur", "destination": account})

    with pytest.raises(Conflict, match=made.id):
        drafted_run(finance, currency="EUR")
    later = NOW + timedelta(days=60)
    drafted_run(finance, now=later)
    with pytest.raises(Conflict, match=made.id):
        drafted_run(finance, currency="EUR", now=NOW)


def test_a_transfer_in_the_group_that_names_no_item_blocks_the_draft_all_the_same(finance, funded):
    account, run_id = funded.recipient(), named_id(PAY_RUN_NAMESPACE, PERIOD, "USD")
    funded.sdk.v1.transfers.create(
        {"amount": 5000, "currency": "usd", "destination": account, "transfer_group": f"run_{run_id}"}
    )

    with pytest.raises(Conflict, match="under Corrections"):
        drafted_run(finance)
