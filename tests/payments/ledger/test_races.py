"""Two at once: the last dollar is spent once, a fact is entered once, and nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from payments.ledger import actions, queries
from payments.ledger.actions import AccountRef
from payments.ledger.enums import AccountCode
from payments.ledger.errors import InsufficientFunds
from payments.ledger.models import Entry, LedgerAccount
from tests.factories.payments_ledger import at_once, clearing, fund, lab, move, payable, project

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


def test_two_postings_for_the_last_dollar_spend_it_once() -> None:
    funds, first, second = project(), payable(), payable()
    fund(funds, 1_00)
    results = at_once(partial(move, funds, first, 1_00), partial(move, funds, second, 1_00))
    assert sorted(type(result).__name__ for result in results) == ["Entry", "InsufficientFunds"]
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 0
    assert queries.total_minor(AccountCode.EXPERT_PAYABLE) == 1_00
    assert queries.recount() == []


def test_the_same_race_without_lock_and_floor_spends_the_dollar_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what the test above would see if the two guards were missing."""
    both_have_read = Barrier(2)

    def look_without_lock(accounts: Mapping[AccountRef, int]) -> dict[int, int]:
        rows = LedgerAccount.objects.filter(pk__in=accounts.values(), balance_minor__isnull=False)
        balances = dict(rows.values_list("pk", "balance_minor"))
        both_have_read.wait(timeout=10)
        return balances

    funds, first, second = project(), payable(), payable()
    fund(funds, 1_00)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE ledger_ledgeraccount DROP CONSTRAINT funds_reserve_held_and_in_transit_are_never_negative"
        )
    monkeypatch.setattr(actions, "_lock", look_without_lock)
    results = at_once(partial(move, funds, first, 1_00), partial(move, funds, second, 1_00))
    assert [type(result).__name__ for result in results] == ["Entry", "Entry"]
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == -1_00
    assert queries.total_minor(AccountCode.EXPERT_PAYABLE) == 2_00


def test_without_the_lock_the_floor_of_the_row_alone_still_spends_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_read = Barrier(2)

    def look_without_lock(accounts: Mapping[AccountRef, int]) -> dict[int, int]:
        balances = dict(LedgerAccount.objects.filter(pk__in=accounts.values()).values_list("pk", "balance_minor"))
        both_have_read.wait(timeout=10)
        return balances

    funds = project()
    fund(funds, 1_00)
    monkeypatch.setattr(actions, "_lock", look_without_lock)
    results = at_once(partial(move, funds, payable(), 1_00), partial(move, funds, payable(), 1_00))
    assert sorted(type(result).__name__ for result in results) == ["Entry", "IntegrityError"]
    assert queries.balance_minor(AccountCode.PROJECT_FUNDS, funds.owner_ref) == 0


def test_the_same_fact_told_by_four_at_once_is_entered_once() -> None:
    funds = lab()
    results = at_once(*[partial(fund, funds, 100_00, key="bt:txn_1")] * 4)
    assert len({result.pk for result in results if isinstance(result, Entry)}) == 1
    assert [type(result).__name__ for result in results] == ["Entry"] * 4
    assert queries.balance_minor(AccountCode.LAB_FUNDS, funds.owner_ref) == 100_00


def test_a_fact_that_spent_the_last_dollar_is_no_refusal_for_who_tells_it_again() -> None:
    funds, expert = project(), payable()
    fund(funds, 1_00)
    results = at_once(*[partial(move, funds, expert, 1_00, key="alloc:1")] * 4)
    assert [type(result).__name__ for result in results] == ["Entry"] * 4
    assert queries.balance_minor(AccountCode.EXPERT_PAYABLE, expert.owner_ref) == 1_00


def test_a_fact_between_hot_accounts_told_by_four_at_once_is_entered_once() -> None:
    fees = AccountRef(AccountCode.STRIPE_FEES)
    results = at_once(*[partial(move, fees, clearing(), 30, key="bt:fee_1")] * 4)
    assert [type(result).__name__ for result in results] == ["Entry"] * 4
    assert queries.balance_minor(AccountCode.STRIPE_FEES) == 30


def test_moves_in_opposite_directions_never_wait_in_a_circle() -> None:
    one, other = lab(), project()
    fund(one, 1000)
    fund(other, 1000)

    def back_and_forth(source: AccountRef, target: AccountRef) -> int:
        for _ in range(25):
            move(source, target, 1)
        return 25

    results = at_once(
        partial(back_and_forth, one, other),
        partial(back_and_forth, other, one),
        partial(back_and_forth, one, other),
    )
    assert results == [25, 25, 25]
    assert queries.balance_minor(AccountCode.LAB_FUNDS, one.owner_ref) == 975
    assert queries.recount() == []


def test_accounts_opened_by_two_at_once_are_opened_once() -> None:
    funds = lab()
    results = at_once(partial(fund, funds, 10), partial(fund, funds, 5))
    assert [type(result).__name__ for result in results] == ["Entry", "Entry"]
    assert LedgerAccount.objects.filter(code=AccountCode.LAB_FUNDS).count() == 1
    assert queries.balance_minor(AccountCode.LAB_FUNDS, funds.owner_ref) == 15
    assert not any(isinstance(result, InsufficientFunds) for result in results)
