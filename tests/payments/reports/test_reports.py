"""Each report tells what happened, its totals are the sums of its rows, and they tie to the trial balance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from payments.gateway.errors import StripeUnavailable
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.models import LedgerAccount
from payments.payouts import actions as payouts
from payments.reports.queries import (
    CATALOGUE,
    AccountStatement,
    Clearing,
    Journal,
    Payables,
    PayoutRegister,
    TrialBalance,
)
from payments.reports.shapes import Report, screen
from tests.factories.payments_ledger import fund as fund_books
from tests.factories.payments_ledger import lab, move, project
from tests.factories.payments_payouts import NOW, PERIOD
from tests.payments.reports.conftest import Week

pytestmark = [pytest.mark.full, pytest.mark.django_db]


def today() -> date:
    """The stand-in lives in real time."""
    return datetime.now(tz=UTC).date()


def clearing() -> Clearing:
    return Clearing(since=today() - timedelta(days=1), until=today())


def summed(report: Report) -> tuple[int, dict[str, int]]:
    """Sum the rows one by one, as a writer of files does."""
    return Report.totals(report)


def table(report: Report, *names: str) -> list[tuple[object, ...]]:
    places = [[column.name for column in report.columns].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in report.rows()]


# ----------------------------------------------------------------------------------------------------------- all alike


def all_reports() -> list[Report]:
    stripe = LedgerAccount.objects.get(code=AccountCode.STRIPE_CLEARING)
    return [
        PayoutRegister(period=PERIOD),
        Payables(),
        TrialBalance(),
        Journal(),
        clearing(),
        AccountStatement(code=stripe.code),
    ]


def test_totals_are_the_sums_of_the_rows_and_pages_put_together_are_the_whole(week: Week) -> None:
    for report in all_reports():
        report.prepare()
        whole = list(report.rows())
        assert all(len(row) == len(report.columns) for row in whole), report.slug
        assert report.totals() == summed(report), report.slug
        pages = [row for start in range(0, len(whole) + 2, 2) for row in report.rows(start, 2)]
        assert pages == whole, report.slug
        assert report.parameters()
        assert report.as_of()


def test_every_report_but_the_clearing_ties_while_one_answer_is_missing(week: Week) -> None:
    assert {report.slug: all(tie.holds for tie in report.ties()) for report in all_reports()} == {
        "payout-register": True,
        "payables": True,
        "trial-balance": True,
        "journal": True,
        "stripe-clearing": False,
        "account-statement": True,
    }


def test_every_report_of_the_index_has_a_question_and_a_total() -> None:
    for report in CATALOGUE.values():
        assert report.title
        assert report.answers.endswith(".")
        assert any(column.total for column in report.columns)


# ----------------------------------------------------------------------------------------------------- payout register


def test_the_register_shows_each_item_with_what_became_of_it(week: Week) -> None:
    report = PayoutRegister(period=PERIOD)
    assert table(report, "legal_name", "gross", "net", "state", "held_reason", "attempts") == [
        ("Elena Vasquez", 500_01, 500_01, "UNKNOWN", "", 1),
        ("Joos Achterberg", 77_07, 77_07, "HELD", "No payout account yet", 0),
        ("=Femi Okonjo", 500_02, 500_02, "SENT", "", 1),
        ("Ase Lindgren", 500_00, 500_00, "SENT", "", 1),
    ]
    sent = week.item_of("Ase Lindgren")
    assert table(report, "transfer", "balance_transaction", "prepared_by", "approved_by")[-1] == (
        sent.stripe_transfer_id,
        sent.balance_transaction,
        "Mateus Lindqvist",
        "Priya Vance",
    )
    assert report.totals() == (4, {"gross": 1_577_10, "withheld": 0, "net": 1_577_10})


def test_the_register_ties_to_the_ledger_at_every_step(week: Week) -> None:
    assert [(tie.here_minor, tie.books_minor) for tie in PayoutRegister(period=PERIOD).ties()] == [
        (1_000_02, 1_000_02),
        (500_01, 500_01),
        (1_577_10, 1_577_10),
    ]
    trial = {row.code: row.balance_minor for row in books.trial_balance("USD")}
    assert trial["2300"] == 500_01
    assert trial["2200"] == 77_07
    payouts.look_up_group(run_id=week.run.public_id, now=NOW + timedelta(minutes=20))
    assert [tie.here_minor for tie in PayoutRegister(period=PERIOD).ties()] == [1_500_03, 0, 1_577_10]
    assert all(tie.holds for tie in PayoutRegister(period=PERIOD).ties())


def test_an_item_marked_as_sent_by_hand_no_longer_ties(week: Week) -> None:
    """The negative control: the tie compares two sources."""
    item = week.item_of("Elena Vasquez")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payouts_payitem SET state = 'SENT', stripe_transfer_id = 'tr_x', sent_at = now() WHERE id = %s",
            [item.pk],
        )
    ties = PayoutRegister(period=PERIOD).ties()
    assert [tie.holds for tie in ties] == [False, False, True]
    assert ties[0].difference_minor == 500_01


def test_a_week_without_a_run_is_an_empty_register(week: Week) -> None:
    report = PayoutRegister(period=date(2026, 10, 5))
    assert list(report.rows()) == []
    assert report.totals() == (0, {"gross": 0, "withheld": 0, "net": 0})
    assert report.ties() == []


# ------------------------------------------------------------------------------------------------------------ payables


def test_payables_say_for_each_expert_where_the_money_is(week: Week) -> None:
    assert table(Payables(), "name", "payable", "held", "in_transit", "total") == [
        ("Elena Vasquez", 0, 0, 500_01, 500_01),
        ("Joos Achterberg", 77_07, 0, 0, 77_07),
    ]
    assert Payables().totals() == (2, {"payable": 77_07, "held": 0, "in_transit": 500_01, "total": 577_08})


def test_payables_of_an_earlier_day_know_nothing_of_the_run(week: Week) -> None:
    earlier = Payables(until=PERIOD)
    assert table(earlier, "name", "payable", "in_transit") == [
        ("=Femi Okonjo", 500_02, 0),
        ("Elena Vasquez", 500_01, 0),
        ("Ase Lindgren", 500_00, 0),
        ("Joos Achterberg", 77_07, 0),
    ]
    assert [tie.books_minor for tie in earlier.ties()] == [1_577_10, 0, 0, 1_577_10]
    assert all(tie.holds for tie in earlier.ties())


# ------------------------------------------------------------------------------------------- trial balance and journal


def test_the_trial_balance_sums_to_zero_and_shows_every_code(week: Week) -> None:
    report = TrialBalance()
    assert [row[0] for row in report.rows()] == [code.value for code in AccountCode]
    count, sums = report.totals()
    assert (count, sums["opening"], sums["closing"]) == (len(AccountCode), 0, 0)
    assert sums["debit"] == sums["credit"] > 0


def test_the_trial_balance_of_a_period_opens_where_the_one_before_closed(week: Week) -> None:
    before = dict(table(TrialBalance(until=PERIOD), "account", "closing"))
    after = dict(table(TrialBalance(since=PERIOD + timedelta(days=1)), "account", "opening"))
    assert before == after
    assert any(before.values())


def test_the_journal_names_owners_and_actors_and_ties_to_the_trial_balance(week: Week) -> None:
    report = Journal(kind="TRANSFER")
    # In the order of posting; the answer about Elena's transfer never came.
    assert table(report, "account", "owner", "debit", "credit", "actor") == [
        ("2300", "Ase Lindgren, 2026-W46", 500_00, None, "Preceptor (payouts)"),
        ("1010", "Preceptor", None, 500_00, "Preceptor (payouts)"),
        ("2300", "=Femi Okonjo, 2026-W46", 500_02, None, "Preceptor (payouts)"),
        ("1010", "Preceptor", None, 500_02, "Preceptor (payouts)"),
    ]
    approved = table(Journal(kind="RUN_APPROVED"), "actor", "actor_id")
    assert set(approved) == {("Priya Vance", f"user:{week.finance.approver.public_id}")}
    whole = Journal()
    trial = TrialBalance().totals()[1]
    assert whole.totals()[1] == {"debit": trial["debit"], "credit": trial["credit"]}


def test_the_journal_of_other_days_is_empty(week: Week) -> None:
    assert list(Journal(until=date(2026, 1, 1)).rows()) == []
    assert [tie.holds for tie in Journal(until=date(2026, 1, 1)).ties()] == [True, True]


def test_reports_keep_currencies_apart(week: Week) -> None:
    fund_books(lab(currency="EUR"), 70)
    assert Journal(currency="EUR").totals() == (2, {"debit": 70, "credit": 70})
    assert TrialBalance(currency="EUR").totals()[1]["debit"] == 70
    assert Payables(currency="EUR").totals()[0] == 0


def test_the_statement_of_an_account_ends_at_its_balance() -> None:
    funds = lab()
    fund_books(funds, 100_00)
    target = project()
    move(funds, target, 30_00)
    report = AccountStatement(code=AccountCode.LAB_FUNDS, owner_ref=funds.owner_ref)
    assert table(report, "contra", "owner", "debit", "credit", "running") == [
        ("1010", "Preceptor", None, 100_00, 100_00),
        ("2100", f"project {str(target.owner_ref)[-6:]}", 30_00, None, 70_00),
    ]
    assert [(tie.here_minor, tie.books_minor) for tie in report.ties()] == [(70_00, 70_00)]


# ------------------------------------------------------------------------------------------------------------ clearing


def test_the_clearing_report_finds_the_transfer_whose_answer_was_lost(week: Week) -> None:
    report = clearing()
    first, *rest = table(report, "type", "stripe", "ledger", "difference", "verdict")
    assert first == ("transfer", -500_01, None, -500_01, "in Stripe only")
    assert sorted(rest, key=str) == [
        ("charge", 10_000_00, 10_000_00, 0, "matched"),
        ("transfer", -500_00, -500_00, 0, "matched"),
        ("transfer", -500_02, -500_02, 0, "matched"),
    ]
    assert [tie.difference_minor for tie in report.ties()] == [-500_01, -500_01]
    payouts.look_up_group(run_id=week.run.public_id, now=NOW + timedelta(minutes=20))
    found = clearing()
    assert {row[0] for row in table(found, "verdict")} == {"matched"}
    assert all(tie.holds for tie in found.ties())


def test_the_clearing_report_finds_what_only_the_ledger_has_and_what_differs(week: Week) -> None:
    payouts.look_up_group(run_id=week.run.public_id, now=NOW + timedelta(minutes=20))
    fund_books(lab(), 5_00, key="bt:txn_nobody", effective_on=today())
    odd = next(line for line in clearing().lines if line.type == "transfer")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER transfer_is_append_only")
        cursor.execute(
            "UPDATE ledger_transfer SET amount_minor = amount_minor + 7 WHERE entry_id ="
            " (SELECT id FROM ledger_entry WHERE key = %s)",
            [f"bt:{odd.id}"],
        )
    verdicts = [(line.id, line.verdict, line.difference_minor) for line in clearing().lines][:3]
    assert verdicts[:2] == [(odd.id, "amount differs", 7), ("txn_nobody", "in the ledger only", -5_00)]
    assert verdicts[2][1] == "matched"


def test_the_clearing_report_says_so_when_stripe_is_silent(week: Week) -> None:
    week.standin.faults({"method": "GET", "path": "/v1/balance_transactions", "action": "lose_answer"})
    with pytest.raises(StripeUnavailable):
        screen(clearing())


# -------------------------------------------------------------------------------------------------------------- screen


def test_the_screen_draws_the_double_rule_only_under_what_ties(week: Week) -> None:
    shown = screen(clearing())
    assert {column.name: tied for column, _sum, tied in shown.feet if column.total} == {
        "stripe": False,
        "ledger": False,
        "difference": False,
    }
    assert not shown.is_tied
    register = screen(PayoutRegister(period=PERIOD))
    assert {column.name for column, _sum, tied in register.feet if tied} == {"net"}
    assert register.is_tied
    assert [tone for tone, _row, _way_out in register.rows] == ["unknown", "warning", "", ""]
