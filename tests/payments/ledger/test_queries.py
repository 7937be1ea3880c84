"""Reading the books."""

from __future__ import annotations

from datetime import date

import pytest
from django.test.utils import CaptureQueriesContext

from marketplace.kernel.ids import new_public_id
from payments.ledger import queries
from payments.ledger.enums import AccountCode
from payments.ledger.models import LedgerAccount
from tests.factories.payments_ledger import clearing, fund, lab, move, payable, project


@pytest.mark.django_db
def test_balances_of_many_owners_take_one_query(django_assert_num_queries: type[CaptureQueriesContext]) -> None:
    first, second, third = project(), project(), new_public_id()
    fund(first, 10)
    fund(second, 20)
    refs = [ref for ref in (first.owner_ref, second.owner_ref, third) if ref]
    with django_assert_num_queries(1):  # type: ignore[call-arg, arg-type]
        balances = queries.balances_minor(AccountCode.PROJECT_FUNDS, refs)
    assert balances == {first.owner_ref: 10, second.owner_ref: 20, third: 0}


@pytest.mark.django_db
def test_an_account_that_nobody_used_has_nothing() -> None:
    assert queries.balance_minor(AccountCode.LAB_FUNDS, new_public_id()) == 0
    assert queries.balance_minor(AccountCode.STRIPE_CLEARING, None, "EUR") == 0
    assert queries.total_minor(AccountCode.STRIPE_CLEARING) == 0


@pytest.mark.django_db
def test_the_trial_balance_opens_moves_and_closes_by_business_date() -> None:
    funds, task_funds = lab(), project()
    fund(funds, 1_000, effective_on=date(2026, 11, 9))
    fund(funds, 500, effective_on=date(2026, 11, 16))
    move(funds, task_funds, 300)  # on the 18th
    fund(lab(currency="EUR"), 7)
    rows = {row.code: row for row in queries.trial_balance("USD", date(2026, 11, 18), since=date(2026, 11, 16))}
    facts = {
        code: (row.opening_minor, row.debit_minor, row.credit_minor, row.closing_minor, row.balance_minor)
        for code, row in rows.items()
        if code in {"1010", "2000", "2100"}
    }
    assert facts == {
        "1010": (1_000, 500, 0, 1_500, 1_500),
        "2000": (-1_000, 300, 500, -1_200, 1_200),
        "2100": (0, 0, 300, -300, 300),
    }
    assert list(rows) == [code.value for code in AccountCode]
    before = {row.code: row.closing_minor for row in queries.trial_balance("USD", date(2026, 11, 15))}
    assert (before["1010"], before["2000"], before["2100"]) == (1_000, -1_000, 0)
    assert queries.currencies() == ["USD", "EUR"]


@pytest.mark.django_db
def test_a_statement_runs_and_its_pages_agree_with_the_whole() -> None:
    funds = lab()
    fund(funds, 100)
    for amount in (10, 20, 30):
        move(funds, project(), amount)
    account = LedgerAccount.objects.get(code=AccountCode.LAB_FUNDS)
    whole = list(queries.statement(account))
    assert [(line.debit_minor, line.credit_minor, line.running_minor) for line in whole] == [
        (0, 100, 100),
        (10, 0, 90),
        (20, 0, 70),
        (30, 0, 40),
    ]
    assert [line.contra.code for line in whole] == ["1010", "2100", "2100", "2100"]
    newest = queries.statement_page(account, size=3)
    rest = queries.statement_page(account, before=newest[-1].transfer.pk, size=3)
    assert [*newest, *rest] == whole[::-1]
    assert queries.statement_page(account, before=rest[-1].transfer.pk) == []


@pytest.mark.django_db
def test_the_statement_of_a_debit_account_runs_on_its_own_side() -> None:
    funds = lab()
    fund(funds, 100)
    move(funds, clearing(), 30)
    account = LedgerAccount.objects.get(code=AccountCode.STRIPE_CLEARING)
    assert [line.running_minor for line in queries.statement(account)] == [100, 70]
    assert [line.running_minor for line in queries.statement_page(account)] == [70, 100]
    assert queries.total_minor(AccountCode.LAB_FUNDS) == 70
    move(funds, payable(), 70)
    assert queries.total_minor(AccountCode.EXPERT_PAYABLE) == 70
