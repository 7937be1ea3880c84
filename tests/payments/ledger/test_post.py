"""What `post`, `post_many` and `reverse` promise."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from marketplace.kernel.actors import System
from payments.ledger import queries
from payments.ledger.actions import AccountRef, Move, Posting, post, post_many, reverse
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.errors import AlreadyReversed, InsufficientFunds, KeyUsedDifferently
from payments.ledger.models import Entry, LedgerAccount, Transfer
from tests.factories.payments_ledger import BY, NOW, TODAY, clearing, fund, lab, move, payable, project

LAB = UUID("01900000-0000-7000-8000-000000000001")


@pytest.mark.django_db
def test_a_deposit_credits_the_lab_and_takes_the_fee_of_stripe_in_one_entry() -> None:
    fees = AccountRef(AccountCode.STRIPE_FEES)
    entry = post(
        key="bt:txn_1",
        kind=EntryKind.FUNDING,
        moves=[
            Move(debit=clearing(), credit=lab(LAB), amount_minor=20_000_00),
            Move(debit=fees, credit=clearing(), amount_minor=580_30),
        ],
        effective_on=date(2026, 11, 16),
        by=BY,
        now=NOW,
        memo="Deposit of Vireo Labs",
    )
    assert (entry.key, entry.kind, entry.effective_on, entry.posted_at) == (
        "bt:txn_1",
        "FUNDING",
        date(2026, 11, 16),
        NOW,
    )
    assert (entry.actor_kind, entry.actor_ref, entry.memo) == ("system", "tests", "Deposit of Vireo Labs")
    rows = entry.transfers.order_by("position").values_list("debit__code", "credit__code", "amount_minor", "currency")
    assert list(rows) == [("1010", "2000", 20_000_00, "USD"), ("5000", "1010", 580_30, "USD")]
    assert queries.balance_minor(AccountCode.LAB_FUNDS, LAB) == 20_000_00
    assert queries.balance_minor(AccountCode.STRIPE_CLEARING) == 19_419_70
    assert queries.balance_minor(AccountCode.STRIPE_FEES) == 580_30


@pytest.mark.django_db
def test_the_same_key_with_the_same_input_returns_the_entry_that_stands() -> None:
    first = fund(lab(LAB), 100_00, key="bt:txn_1")
    later = post(
        key="bt:txn_1",
        kind=EntryKind.FUNDING,
        moves=[Move(debit=clearing(), credit=lab(LAB), amount_minor=100_00)],
        effective_on=date(2027, 1, 1),  # A replay on another day tells the same fact.
        by=System("another"),
        now=NOW,
        memo="another memo",
    )
    assert later.pk == first.pk
    assert (later.effective_on, later.actor_ref, later.memo) == (TODAY, "tests", "")
    assert queries.balance_minor(AccountCode.LAB_FUNDS, LAB) == 100_00
    assert Transfer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "credit", "amount_minor"),
    [
        (EntryKind.FUNDING, AccountRef(AccountCode.LAB_FUNDS, LAB), 100_01),
        (EntryKind.FUNDING, AccountRef(AccountCode.PROJECT_FUNDS, LAB), 100_00),
        (EntryKind.ALLOCATION, AccountRef(AccountCode.LAB_FUNDS, LAB), 100_00),
    ],
    ids=["amount", "account", "kind"],
)
def test_the_same_key_with_other_input_is_refused(kind: EntryKind, credit: AccountRef, amount_minor: int) -> None:
    fund(lab(LAB), 100_00, key="bt:txn_1")
    moves = [Move(debit=clearing(), credit=credit, amount_minor=amount_minor)]
    with pytest.raises(KeyUsedDifferently, match="bt:txn_1"):
        post(key="bt:txn_1", kind=kind, moves=moves, effective_on=TODAY, by=BY, now=NOW)
    assert Entry.objects.count() == 1
    assert queries.balance_minor(AccountCode.LAB_FUNDS, LAB) == 100_00


@pytest.mark.django_db
def test_a_broken_floor_is_refused_in_words_and_leaves_the_transaction_usable() -> None:
    funds = project()
    fund(funds, 100_00)
    with pytest.raises(InsufficientFunds) as refusal:
        post(
            key="hold:1",
            kind=EntryKind.HOLD,
            moves=[Move(debit=funds, credit=payable(), amount_minor=100_01)],
            effective_on=TODAY,
            by=BY,
            now=NOW,
        )
    assert refusal.value.sentence == "There is $100.00 in project funds and this takes $100.01."
    assert refusal.value.facts == {
        "code": "2100",
        "owner_ref": str(funds.owner_ref),
        "available_minor": 100_00,
        "needed_minor": 100_01,
        "currency": "USD",
    }
    assert not Entry.objects.filter(key="hold:1").exists()
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 100_00


@pytest.mark.django_db
def test_the_last_cent_may_be_spent_and_an_account_without_floor_may_be_overdrawn() -> None:
    funds, expert = project(), payable()
    fund(funds, 100_00)
    move(funds, expert, 100_00)
    move(expert, project(), 100_01)
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 0
    assert queries.balance_minor(AccountCode.EXPERT_PAYABLE, expert.owner_ref) == -1


@pytest.mark.django_db
def test_moves_of_zero_are_left_out_and_an_entry_that_moves_nothing_is_refused() -> None:
    funds = lab()
    zero = Move(debit=clearing(), credit=project(), amount_minor=0)
    real = Move(debit=clearing(), credit=funds, amount_minor=5)
    entry = post(key="a", kind=EntryKind.FUNDING, moves=[zero, real], effective_on=TODAY, by=BY, now=NOW)
    assert [(t.position, t.amount_minor) for t in entry.transfers.all()] == [(0, 5)]
    assert LedgerAccount.objects.count() == 2
    with pytest.raises(ValueError, match="Entry b would move nothing"):
        post(key="b", kind=EntryKind.FUNDING, moves=[zero], effective_on=TODAY, by=BY, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_posting_without_a_transaction_is_refused() -> None:
    moves = [Move(debit=clearing(), credit=lab(), amount_minor=1)]
    with pytest.raises(RuntimeError, match="belongs to the transaction"):
        post(key="a", kind=EntryKind.FUNDING, moves=moves, effective_on=TODAY, by=BY, now=NOW)
    with pytest.raises(RuntimeError):
        post_many([], by=BY, now=NOW)
    with pytest.raises(RuntimeError):
        reverse(key="r", entry_id=1, by=BY, now=NOW, memo="")
    assert not Entry.objects.exists()


def test_wrong_accounts_and_amounts_are_refused_before_the_database() -> None:
    with pytest.raises(ValueError, match="belongs to the platform"):
        AccountRef(AccountCode.STRIPE_CLEARING, LAB)
    with pytest.raises(TypeError, match="belongs to a lab"):
        AccountRef(AccountCode.LAB_FUNDS)
    with pytest.raises(ValueError, match="Unknown currency"):
        AccountRef(AccountCode.STRIPE_CLEARING, None, "usd")
    with pytest.raises(ValueError, match="never negative"):
        Move(debit=clearing(), credit=lab(), amount_minor=-1)
    with pytest.raises(TypeError, match="whole minor units"):
        Move(debit=clearing(), credit=lab(), amount_minor=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two different accounts"):
        Move(debit=clearing(), credit=clearing(), amount_minor=1)
    with pytest.raises(ValueError, match="one currency"):
        Move(debit=clearing("EUR"), credit=lab(), amount_minor=1)


# --------------------------------------------------------------------------------------------------------------- many


def _pay(funds: AccountRef, number: int) -> Posting:
    return Posting(
        f"approval:{number}", EntryKind.APPROVAL, [Move(debit=funds, credit=payable(), amount_minor=10)], TODAY
    )


@pytest.mark.django_db
def test_a_batch_writes_what_is_new_and_counts_it() -> None:
    funds = project()
    fund(funds, 100)
    batch = [_pay(funds, number) for number in range(4)]
    nothing = Posting("nothing", EntryKind.APPROVAL, [Move(debit=funds, credit=payable(), amount_minor=0)], TODAY)
    assert post_many(batch[:2], by=BY, now=NOW) == 2
    assert post_many([*batch, nothing], by=BY, now=NOW) == 2
    assert post_many(batch, by=BY, now=NOW) == 0
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 60
    assert queries.recount() == []


@pytest.mark.django_db
def test_a_batch_that_breaks_a_floor_writes_nothing_at_all() -> None:
    funds = project()
    fund(funds, 25)
    with pytest.raises(InsufficientFunds):
        post_many([_pay(funds, number) for number in range(3)], by=BY, now=NOW)
    assert Entry.objects.count() == 1
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 25


@pytest.mark.django_db
def test_a_key_may_not_come_twice_in_one_batch() -> None:
    funds = project()
    with pytest.raises(ValueError, match="twice"):
        post_many([_pay(funds, 1), _pay(funds, 1)], by=BY, now=NOW)


@pytest.mark.django_db
def test_a_batch_costs_the_same_number_of_queries_for_1_and_for_300_entries() -> None:
    from django.db import connection

    funds = project()
    fund(funds, 1_000_000)
    counts = []
    for size, first in ((1, 0), (300, 1)):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            post_many([_pay(funds, first + number) for number in range(size)], by=BY, now=NOW)
        counts.append(len(captured))
    assert counts == [8, 8]
    assert queries.recount() == []


# ------------------------------------------------------------------------------------------------------------ reversal


@pytest.mark.django_db
def test_a_reversal_mirrors_every_transfer_once() -> None:
    funds, expert = project(), payable()
    fund(funds, 100_00)
    entry = move(funds, expert, 40_00)
    mirror = reverse(key="adj:1", entry_id=entry.pk, by=BY, now=NOW, memo="Entered twice")
    assert (mirror.kind, mirror.reverses_id, mirror.memo) == ("REVERSAL", entry.pk, "Entered twice")
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 100_00
    assert queries.balance_minor(AccountCode.EXPERT_PAYABLE, expert.owner_ref) == 0
    assert reverse(key="adj:1", entry_id=entry.pk, by=BY, now=NOW, memo="").pk == mirror.pk
    with pytest.raises(AlreadyReversed):
        reverse(key="adj:2", entry_id=entry.pk, by=BY, now=NOW, memo="")
    with pytest.raises(AlreadyReversed):
        reverse(key="adj:3", entry_id=mirror.pk, by=BY, now=NOW, memo="")
    assert Entry.objects.count() == 3


@pytest.mark.django_db
def test_what_was_spent_since_cannot_be_reversed() -> None:
    source, target = lab(), project()
    fund(source, 100_00)
    entry = move(source, target, 100_00)
    move(target, payable(), 1)
    with pytest.raises(InsufficientFunds), transaction.atomic():
        reverse(key="adj:1", entry_id=entry.pk, by=BY, now=NOW, memo="")
    assert Entry.objects.count() == 3
