"""Transfers that our books do not know, and transfers that were taken back: how both come into the books, and who says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole, User
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock, registry
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from marketplace.kernel.ids import PAY_ITEM_NAMESPACE, PAY_RUN_NAMESPACE, named_id
from marketplace.notices.models import Notification
from payments.gateway.signals import transfer_reversed
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor
from payments.payouts import actions, queries
from payments.payouts.enums import CorrectionKind, CorrectionState, ItemState, RunState
from payments.payouts.models import Correction, PayItem
from tests.factories.payments_payouts import (
    NOW,
    PERIOD,
    computed_run,
    drafted_run,
    executing_run,
    make_approver,
    make_payee,
    make_person,
    make_preparer,
    send_all,
)
from tests.payments.payouts.test_pages import confirmed, signed_in

pytestmark = pytest.mark.django_db
CORRECTIONS_PAGE = 11
REASON = "Paid by hand in the dashboard of Stripe"


def owed(payee):
    return balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id)


def by_hand(standin, payee, amount_minor=5_000, **facts):
    """Make a transfer to a payee at Stripe that we did not order."""
    account = payee.payout_account.stripe_account_id if isinstance(payee, User) else payee
    return standin.sdk.v1.transfers.create(
        {"amount": amount_minor, "currency": "usd", "destination": account, **facts}
    )  # fmt: skip


def ask(finance, movement, *, payee=None, reason=REASON, by=None):
    return actions.ask_for_correction(
        movement_id=movement, payee=payee, reason=reason, by=by or finance.preparer, now=NOW
    )


def post(finance, correction, by=None):
    return actions.post_correction(correction_id=correction.public_id, by=by or finance.approver, now=NOW)


def agree(standin):
    """Whether account 1010 says what Stripe says."""
    available = standin.sdk.v1.balance.retrieve().available[0].amount
    return balance_minor(AccountCode.STRIPE_CLEARING) == available


# ---------------------------------------------------------------------------------------------- unknown transfers


def test_two_people_enter_an_unknown_transfer_and_runs_go_on(finance, funded):
    payee = make_payee(funded)
    made = by_hand(funded, payee)
    with pytest.raises(Conflict, match=f"{made.id} \\({made.balance_transaction}\\)"):
        drafted_run(finance)

    correction = ask(finance, made.balance_transaction)
    assert (correction.state, correction.kind, correction.payee) == (
        CorrectionState.ASKED,
        CorrectionKind.TRANSFER,
        payee,
    )
    assert (correction.amount_minor, correction.stripe_transfer_id) == (5_000, made.id)
    assert owed(payee) == 210_000  # one person alone moves nothing
    told = Notification.objects.get(title="A correction waits for a second person")
    assert (told.user, told.path) == (finance.approver, "/finance/corrections/")
    post(finance, correction)

    entry = Entry.objects.get(key=f"bt:{made.balance_transaction}")
    assert (entry.kind, entry.memo, entry.actor_ref) == ("TRANSFER", REASON, str(finance.approver.public_id))
    assert owed(payee) == 205_000
    assert agree(funded)
    assert registry.check_invariants() == {}
    assert computed_run(finance).items.get().net_minor == 205_000


def test_who_asks_never_enters_it_and_who_does_not_prepare_never_asks(finance, funded):
    payee = make_payee(funded)
    made = by_hand(funded, payee)
    with pytest.raises(NotAllowed, match="prepare runs"):
        ask(finance, made.balance_transaction, by=finance.approver)
    correction = ask(finance, made.balance_transaction)
    StaffRole.objects.create(user=finance.preparer, role=StaffRoleKind.FINANCE_APPROVER, granted_at=NOW)

    for person in (User.objects.get(pk=finance.preparer.pk), make_preparer("Second"), make_person("Somebody")):
        with pytest.raises(NotAllowed, match="has not asked for it"):
            post(finance, correction, by=person)
    with pytest.raises(IntegrityError, match="never_posts_it"), transaction.atomic():
        Correction.objects.update(state="POSTED", decided_by=finance.preparer, decided_at=NOW)

    assert owed(payee) == 210_000


def test_a_correction_is_decided_once(finance, funded):
    payee = make_payee(funded)
    correction = ask(finance, by_hand(funded, payee).balance_transaction)
    post(finance, correction)

    for again in (actions.post_correction, actions.decline_correction):
        with pytest.raises(WrongState, match="posted now"):
            again(correction_id=correction.public_id, by=make_approver("Third"), now=NOW)
    with pytest.raises(Conflict, match="in our books already"):
        ask(finance, correction.balance_transaction)
    assert owed(payee) == 205_000


def test_a_declined_correction_moves_nothing_and_may_be_asked_for_again(finance, funded):
    payee = make_payee(funded)
    correction = ask(finance, by_hand(funded, payee).balance_transaction)
    with pytest.raises(Conflict, match="asked for this movement already"):
        ask(finance, correction.balance_transaction, by=make_preparer("Second"))

    actions.decline_correction(correction_id=correction.public_id, by=finance.approver, now=NOW)

    assert owed(payee) == 210_000
    again = ask(finance, correction.balance_transaction)
    post(finance, again)
    assert list(Correction.objects.order_by("pk").values_list("state", flat=True)) == ["DECLINED", "POSTED"]
    assert list(AuditEvent.objects.filter(what__contains="correction").order_by("pk").values_list("what", flat=True)) == [
        "payouts.ask_for_correction", "payouts.decline_correction", "payouts.ask_for_correction",
        "payouts.post_correction",
    ]  # fmt: skip


def test_money_that_went_to_an_account_of_nobody_is_entered_for_the_person_that_finance_names(finance, funded):
    payee, stranger = make_payee(funded), funded.recipient()
    made = by_hand(funded, stranger)
    with pytest.raises(Invalid, match="an account of nobody here") as refused:
        ask(finance, made.balance_transaction)
    assert refused.value.facts["field"] == "email"

    post(finance, ask(finance, made.balance_transaction, payee=payee))

    assert owed(payee) == 205_000
    with pytest.raises(Invalid, match=f"belongs to {payee}"):
        ask(finance, by_hand(funded, payee).balance_transaction, payee=make_person("Another"))


def test_only_transfers_are_entered_by_hand_and_only_with_a_reason(finance, funded):
    payee = make_payee(funded)
    made = by_hand(funded, payee)
    deposit = funded.order("funds", {"amount": 700})["id"]

    with pytest.raises(Invalid, match="at least 10"):
        ask(finance, made.balance_transaction, reason="short    ")
    with pytest.raises(Invalid, match="no movement with this id"):
        ask(finance, "txn_invented")
    with pytest.raises(Invalid, match="Only transfers"):
        ask(finance, deposit)
    assert not Correction.objects.exists()


@pytest.mark.parametrize("state", [ItemState.READY, ItemState.QUEUED])
def test_a_transfer_that_a_run_has_ordered_is_left_to_its_look_up(state, finance, funded):
    payee = make_payee(funded)
    run = (computed_run if state == ItemState.READY else executing_run)(finance)
    item = run.items.get()
    made = by_hand(funded, payee, 210_000, metadata={"item": str(item.public_id)}, transfer_group=run.transfer_group)

    with pytest.raises(Conflict, match="has ordered this transfer"):
        ask(finance, made.balance_transaction)


def test_a_transfer_that_a_look_up_adopted_meanwhile_is_not_entered_twice(finance, funded):
    """A restore has lost the run. One colleague asks for a correction while another drafts the run again."""
    payee = make_payee(funded)
    item_id = named_id(PAY_ITEM_NAMESPACE, PERIOD, "USD", payee.public_id)
    group = f"run_{named_id(PAY_RUN_NAMESPACE, PERIOD, 'USD')}"
    made = by_hand(funded, payee, 210_000, metadata={"item": str(item_id), "attempt": "1"}, transfer_group=group)
    correction = ask(finance, made.balance_transaction)
    run = executing_run(finance)
    assert run.items.get().stripe_transfer_id == made.id

    with pytest.raises(Conflict, match="in our books already"):
        post(finance, correction)

    correction.refresh_from_db()
    assert (owed(payee), correction.state) == (0, CorrectionState.ASKED)


@pytest.mark.full
def test_a_transfer_of_a_rejected_item_is_entered_and_its_run_is_reconciled(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    item = run.items.get()
    funded.order("account", {"account": item.stripe_account_id, "status": "restricted"})
    send_all(NOW)
    funded.order("account", {"account": item.stripe_account_id, "status": "active"})
    made = by_hand(funded, payee, 210_000, metadata={"item": str(item.public_id)}, transfer_group=run.transfer_group)
    actions.close_run(run_id=run.public_id, by=finance.preparer, now=NOW)
    assert actions.reconcile_run(run_id=run.public_id, now=NOW).differences[0].startswith(f"Transfer {made.id} over")

    post(finance, ask(finance, made.balance_transaction))

    assert actions.reconcile_run(run_id=run.public_id, now=NOW).differences == []
    run.refresh_from_db()
    assert (run.state, owed(payee)) == (RunState.RECONCILED, 0)


def test_a_movement_entered_long_after_it_happened_is_no_difference(finance, funded):
    payee = make_payee(funded)
    made = by_hand(funded, payee)
    much_later = datetime.fromtimestamp(made.created, tz=UTC) + timedelta(days=20)
    correction = actions.ask_for_correction(
        movement_id=made.balance_transaction, payee=None, reason=REASON, by=finance.preparer, now=much_later
    )
    actions.post_correction(correction_id=correction.public_id, by=finance.approver, now=much_later)

    (row,) = actions.reconcile_all(now=much_later + timedelta(hours=1))

    assert (row.differences, row.clearing_minor) == ([], 10_000_000 - 5_000)


# ------------------------------------------------------------------------------------------------------ taken back


def sent_item(finance, funded):
    make_payee(funded)
    executing_run(finance)
    send_all(NOW)
    return PayItem.objects.with_people().get()


def test_a_transfer_that_was_taken_back_is_owed_again_once(finance, funded):
    item = sent_item(finance, funded)
    part = funded.sdk.v1.transfers.reversals.create(item.stripe_transfer_id, {"amount": 50_000})

    for _twice in range(2):
        transfer_reversed.send(sender=None, transfer_id=item.stripe_transfer_id, now=NOW)

    assert owed(item.payee) == 50_000
    entry = Entry.objects.get(key=f"bt:{part.balance_transaction}")
    assert (entry.kind, entry.actor_kind) == ("TRANSFER_REVERSED", "system")
    assert agree(funded)
    title = "$500.00 was taken back from your payout account"
    assert Notification.objects.filter(user=item.payee, title=title).count() == 1
    told = Notification.objects.filter(title="A transfer to Elena Vasquez was taken back")
    assert {notice.user for notice in told} == {finance.preparer, finance.approver}
    assert queries.log_of(item.run).first().what == "payouts.credit_reversal"

    rest = funded.sdk.v1.transfers.reversals.create(item.stripe_transfer_id)
    transfer_reversed.send(sender=None, transfer_id=item.stripe_transfer_id, now=NOW)
    assert (owed(item.payee), rest.amount) == (210_000, 160_000)
    assert registry.check_invariants() == {}


@pytest.mark.full
def test_the_next_run_pays_again_what_was_taken_back(finance, funded):
    item = sent_item(finance, funded)
    funded.sdk.v1.transfers.reversals.create(item.stripe_transfer_id)
    actions.credit_reversals(transfer_id=item.stripe_transfer_id, now=NOW)

    again = executing_run(finance, period=PERIOD + timedelta(days=7), now=NOW + timedelta(days=7))

    assert again.items.get().net_minor == 210_000


def test_what_was_taken_back_of_an_unknown_transfer_follows_when_that_is_entered(finance, funded):
    payee = make_payee(funded)
    made = by_hand(funded, payee)
    back = funded.sdk.v1.transfers.reversals.create(made.id)
    transfer_reversed.send(sender=None, transfer_id=made.id, now=NOW)
    assert owed(payee) == 210_000  # nothing was debited, so nothing is credited
    with pytest.raises(Conflict, match="Enter the transfer"):
        ask(finance, back.balance_transaction)

    post(finance, ask(finance, made.balance_transaction))

    assert owed(payee) == 210_000
    assert (
        Entry.objects.filter(key__in=[f"bt:{made.balance_transaction}", f"bt:{back.balance_transaction}"]).count() == 2
    )
    assert agree(funded)
    assert drafted_run(finance).pk


@pytest.mark.full
def test_a_reversal_whose_event_was_lost_is_entered_by_two_people(finance, funded):
    item = sent_item(finance, funded)
    back = funded.sdk.v1.transfers.reversals.create(item.stripe_transfer_id)

    correction = ask(finance, back.balance_transaction)
    assert (correction.kind, correction.payee) == (CorrectionKind.REVERSAL, item.payee)
    post(finance, correction)

    assert owed(item.payee) == 210_000
    assert actions.credit_reversals(transfer_id=item.stripe_transfer_id, now=NOW) == 0
    assert owed(item.payee) == 210_000


# ---------------------------------------------------------------------------------------------------------- pages


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_a_correction_goes_from_the_report_to_the_books_by_forms_alone(finance, funded, monkeypatch):
    payee = make_payee(funded)
    made = by_hand(funded, payee)
    day = datetime.fromtimestamp(made.created, tz=UTC)
    monkeypatch.setattr(clock, "now", lambda: day)
    preparer, approver = signed_in(finance.preparer), confirmed(finance.approver)

    way = f"/finance/corrections/?movement={made.balance_transaction}#ask"
    assert f'href="{way}"' in preparer.get(reverse("reports:report", args=["stripe-clearing"])).content.decode()
    page = preparer.get(way).content.decode()
    assert f'value="{made.balance_transaction}"' in page
    facts = {"movement": made.balance_transaction, "email": "", "reason": REASON}
    assert preparer.post(reverse("payouts:ask_correction"), facts).status_code == 302
    assert "Enter it in the books" not in preparer.get(way).content.decode()
    assert "1 correction waits for you" in approver.get(reverse("reports:cockpit")).content.decode()
    waiting = approver.get(reverse("payouts:corrections")).content.decode()
    assert "Debits 2200 Expert payable of Elena Vasquez, credits 1010 Stripe clearing." in waiting
    approver.post(reverse("payouts:post_correction", args=[Correction.objects.get().public_id]))

    assert owed(payee) == 205_000
    assert REASON in preparer.get(reverse("payouts:corrections")).content.decode()


def test_entering_asks_who_it_is_first(finance, funded, today):
    correction = ask(finance, by_hand(funded, make_payee(funded)).balance_transaction)

    answer = signed_in(finance.approver).post(reverse("payouts:post_correction", args=[correction.public_id]))

    assert answer.url.startswith("/accounts/reauthenticate/")
    correction.refresh_from_db()
    assert correction.state == CorrectionState.ASKED


def test_what_is_wrong_with_the_form_stands_beside_its_field(finance, funded, today):
    facts = {"movement": "txn_x", "email": "nobody@nowhere.example", "reason": "short"}

    answer = signed_in(finance.preparer).post(reverse("payouts:ask_correction"), facts)

    assert answer.status_code == 400
    words = answer.content.decode()
    assert "Nobody here has this address." in words
    assert "at least 10 characters" in words


def test_corrections_do_not_exist_for_others(finance, funded, today):
    correction = ask(finance, by_hand(funded, make_payee(funded)).balance_transaction)
    client = signed_in(make_person("Somebody"))

    assert client.get(reverse("payouts:corrections")).status_code == 404
    assert client.post(reverse("payouts:ask_correction")).status_code == 404
    for name in ("post_correction", "decline_correction"):
        assert client.post(reverse(f"payouts:{name}", args=[correction.public_id])).status_code == 404


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_of_corrections_asks_the_database_the_same_however_many(
    how_many, finance, funded, today, django_assert_num_queries
):
    for _number in range(how_many):
        post(finance, ask(finance, by_hand(funded, make_payee(funded)).balance_transaction))
        ask(finance, by_hand(funded, make_payee(funded)).balance_transaction)
    client = signed_in(finance.approver)
    client.get(reverse("payouts:corrections"))

    with django_assert_num_queries(CORRECTIONS_PAGE):
        assert client.get(reverse("payouts:corrections")).status_code == 200
