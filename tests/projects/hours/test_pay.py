"""Purses, payslips and statements: what is shown is what the books say."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import transaction

from marketplace.kernel import registry
from marketplace.kernel.actors import System
from payments.ledger.actions import reverse
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from payments.ledger.queries import total_minor, trial_balance
from payments.payouts.actions import execute_run
from projects.hours.models import PayLine, TimeEntry, Timesheet
from projects.hours.queries import earnings_by_week, payslips_of, purses_of
from projects.hours.statements import charged_lines, funds_of, lines_after, statement_csv
from projects.labs.enums import LabRole, Scope
from tests.factories.payments_payouts import approved_run, fund, make_account, make_finance, send_all, work_off
from tests.factories.projects_hours import (
    BEFORE,
    MONDAY,
    approve,
    at,
    books,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    owner_of,
    start_timer,
    submit,
)
from tests.factories.projects_labs import join, make_key, make_person

pytestmark = pytest.mark.django_db
PERIOD = MONDAY.date()
NEXT = PERIOD + timedelta(days=7)
THURSDAY = at(10, 8)


def worked(contract, *, minutes=60, week=0):
    start = at(7 * week, 9)
    log(contract, start, start + timedelta(minutes=minutes))
    submit(contract, PERIOD + timedelta(days=7 * week))
    approve(contract, PERIOD + timedelta(days=7 * week))


def pay(finance, period=PERIOD, now=THURSDAY):
    return approved_run(finance, period=period, now=now)


def payable_at(standin, user):
    """Give a person a payout account that the stand-in knows, and the platform the money to pay it."""
    fund(standin, 10_000_000)
    make_account(user, stripe_id=standin.recipient(active=True))


# ----------------------------------------------------------------------------------------------------------- payslips


def test_a_payslip_is_a_draft_until_a_run_takes_it_up():
    contract = make_running()
    user = contract.expert.user
    assert payslips_of(user, PERIOD) == []
    log(contract, at(0, 9), at(0, 10))
    assert payslips_of(user, PERIOD) == []  # lines are written when the week is submitted
    submit(contract)
    (slip,) = payslips_of(user, PERIOD)
    assert (slip.label, slip.currency, slip.minutes, slip.pay_minor) == ("2026-W47", "USD", 60, 21_000)
    assert (slip.approved_minor, slip.in_review_minor, slip.ledger_minor) == (0, 21_000, 0)
    assert (slip.ties, slip.is_final, slip.is_paid) == (False, False, False)
    approve(contract)
    (slip,) = payslips_of(user, PERIOD)
    assert (slip.approved_minor, slip.in_review_minor, slip.ledger_minor, slip.ties) == (21_000, 0, 21_000, True)


def test_a_paid_week_ties_line_by_line_to_the_books_and_to_its_item(standin):
    contract = make_running()
    payable_at(standin, contract.expert.user)
    worked(contract, minutes=95)
    pay(make_finance())
    (slip,) = payslips_of(contract.expert.user, PERIOD)
    assert (slip.pay_minor, slip.item.gross_minor, slip.item.net_minor, slip.carried_minor) == (
        33_250,
        33_250,
        33_250,
        0,
    )
    assert (slip.ties, slip.is_final, slip.is_paid) == (True, True, False)


def test_a_week_below_the_minimum_is_carried_into_the_next_payslip(standin):
    contract = make_running()
    payable_at(standin, contract.expert.user)
    finance = make_finance()
    worked(contract, minutes=5)  # $17.50, the minimum is $25.00
    pay(finance)
    worked(contract, minutes=60, week=1)
    pay(finance, NEXT, at(17, 8))
    (first,) = payslips_of(contract.expert.user, PERIOD)
    (second,) = payslips_of(contract.expert.user, NEXT)
    assert (first.item.state, first.item.net_minor) == ("EXCLUDED", 1750)
    assert (second.pay_minor, second.carried_minor, second.item.net_minor) == (21_000, 1750, 22_750)


@pytest.mark.full
def test_lines_still_in_review_follow_with_a_later_run(standin):
    expert = make_expert()
    payable_at(standin, expert.user)
    one, other = make_running(expert=expert), make_running(expert=expert)
    worked(one)
    log(other, at(1, 9), at(1, 11), now=at(7, 11))
    Timesheet.objects.filter(contract=other).update(correction_ends_at=at(9, 0), review_ends_at=at(12, 0))
    submit(other)
    pay(make_finance())
    (slip,) = payslips_of(expert.user, PERIOD)
    assert (slip.approved_minor, slip.in_review_minor, slip.carried_minor) == (21_000, 42_000, 0)
    assert not slip.ties


def test_a_reversed_charge_no_longer_ties():
    contract = make_running()
    worked(contract)
    entry = Entry.objects.get(kind=EntryKind.APPROVAL)
    with transaction.atomic():
        reverse(key="reversal:test", entry_id=entry.pk, by=System("tests"), now=at(8, 9), memo="A test")
    (slip,) = payslips_of(contract.expert.user, PERIOD)
    assert (slip.pay_minor, slip.ledger_minor, slip.ties) == (21_000, 0, False)
    assert not funds_of(contract.lab).tie


def test_two_currencies_are_two_payslips_and_are_never_added_up():
    expert = make_expert()
    dollars = make_running(expert=expert)
    euros = make_contract(make_gig(now=BEFORE, currency="EUR"), expert, rate_minor=100_00, now=BEFORE)
    log(dollars, at(0, 9), at(0, 10))
    log(euros, at(0, 10), at(0, 12))
    for contract in (dollars, euros):
        submit(contract)
        approve(contract)
    slips = payslips_of(expert.user, PERIOD)
    assert [(slip.currency, slip.pay_minor, slip.ties) for slip in slips] == [
        ("EUR", 20_000, True),
        ("USD", 21_000, True),
    ]
    weeks, _older = earnings_by_week(expert.user)
    assert [(week.currency, week.pay_minor) for week in weeks] == [("EUR", 20_000), ("USD", 21_000)]
    assert [(purse.currency, purse.payable_minor) for purse in purses_of(expert.user)] == [
        ("EUR", 20_000),
        ("USD", 21_000),
    ]


def test_purses_say_where_the_money_is(standin):
    contract = make_running()
    user = contract.expert.user
    assert [(p.currency, p.payable_minor, p.in_transit_minor, p.paid_minor) for p in purses_of(user)] == [
        ("USD", 0, 0, 0)
    ]
    payable_at(standin, user)
    worked(contract)
    assert [(p.payable_minor, p.in_transit_minor, p.paid_minor) for p in purses_of(user)] == [(21_000, 0, 0)]
    finance = make_finance()
    run = pay(finance)
    assert [(p.payable_minor, p.in_transit_minor, p.paid_minor) for p in purses_of(user)] == [(0, 21_000, 0)]
    execute_run(run_id=run.public_id, by=finance.preparer, now=THURSDAY)
    work_off(THURSDAY)
    send_all(THURSDAY)
    (slip,) = payslips_of(user, PERIOD)
    assert (slip.is_paid, slip.item.net_minor, slip.ties) == (True, 21_000, True)
    assert [(p.payable_minor, p.in_transit_minor, p.paid_minor) for p in purses_of(user)] == [(0, 0, 21_000)]


def test_earlier_weeks_are_a_page_away():
    contract = make_running()
    for week in range(3):
        worked(contract, week=week)
    user = contract.expert.user
    weeks, older = earnings_by_week(user, count=2)
    assert [week.label for week in weeks] == ["2026-W49", "2026-W48"]
    weeks, older = earnings_by_week(user, before=older, count=2)
    assert ([week.label for week in weeks], older) == (["2026-W47"], None)


# ---------------------------------------------------------------------------------------------------------- statements


def figures(row):
    return (row.funded_minor, row.pay_minor, row.fee_minor, row.reserved_minor, row.funds_minor)


def test_funded_less_charged_is_free_and_reserved():
    gig = make_gig(now=BEFORE)
    contract = make_contract(gig, now=BEFORE)
    (row,) = funds_of(gig.lab).rows
    assert (figures(row), row.ties) == ((2_000_000, 0, 0, 0, 2_000_000), True)
    log(contract, at(0, 9), at(0, 10))
    (row,) = funds_of(gig.lab).rows
    assert (figures(row), row.ties) == ((2_000_000, 0, 0, 462_014, 2_000_000 - 462_014), True)
    submit(contract)
    approve(contract)
    (row,) = funds_of(gig.lab).rows
    assert (figures(row), row.ties) == ((2_000_000, 21_000, 2100, 0, 2_000_000 - 23_100), True)


def test_the_statement_ties_to_the_trial_balance():
    gig = make_gig(now=BEFORE)
    for name, minutes in (("A", 61), ("B", 95), ("C", 7)):
        worked(make_contract(gig, make_expert(name), rate_minor=12_345, now=BEFORE), minutes=minutes)
    start_timer(make_contract(gig, make_expert("D"), now=BEFORE), at(8, 9))
    (total,) = funds_of(gig.lab).totals
    trial = {row.code: row.balance_minor for row in trial_balance("USD")}
    assert total.fee_minor == trial[AccountCode.PLATFORM_FEE]
    assert total.pay_minor == trial[AccountCode.EXPERT_PAYABLE]
    assert total.reserved_minor == trial[AccountCode.CONTRACT_RESERVE]
    assert total.funds_minor == trial[AccountCode.PROJECT_FUNDS]
    assert total.funded_minor == trial[AccountCode.STRIPE_CLEARING]
    rows = list(csv.DictReader(StringIO("".join(statement_csv(gig.lab)))))
    for name, minor in (("pay", total.pay_minor), ("fee", total.fee_minor), ("charge", total.charged_minor)):
        assert sum(round(float(row[name]) * 100) for row in rows) == minor
    assert registry.check_invariants() == {}


def test_each_currency_has_a_total_of_its_own():
    gig = make_gig(now=BEFORE)
    make_gig(gig.lab, now=BEFORE, currency="EUR", funds_minor=900_000)
    funds = funds_of(gig.lab)
    assert [(row.currency, figures(row)) for row in funds.totals] == [
        ("EUR", (900_000, 0, 0, 0, 900_000)),
        ("USD", (2_000_000, 0, 0, 0, 2_000_000)),
    ]
    assert funds.tie


def test_a_statement_knows_its_own_lab_only():
    one, other = make_running(), make_running(expert=make_expert("Somebody Else"))
    worked(one)
    worked(other, minutes=30)
    assert [line.pay_minor for line in charged_lines(one.lab)] == [21_000]
    assert [figures(row)[1] for row in funds_of(one.lab).rows] == [21_000]


def test_lines_are_paged_by_day_though_their_ids_say_otherwise():
    """The later day is charged first, so its line has the lower id."""
    gig = make_gig(now=BEFORE)
    late, early = make_contract(gig, make_expert("A"), now=BEFORE), make_contract(gig, make_expert("B"), now=BEFORE)
    log(late, at(3, 9), at(3, 10))
    log(early, at(1, 9), at(1, 10))
    for contract in (late, early):
        submit(contract)
        approve(contract)
    rows = charged_lines(gig.lab)
    first = rows[:1][0]
    assert first.day == at(3, 0).date()
    assert [line.day for line in lines_after(rows, first.pk)] == [at(1, 0).date()]
    assert list(lines_after(rows, None)) == list(rows)
    assert list(lines_after(rows, 10**15)) == list(rows)


def test_a_title_cannot_become_a_formula():
    gig = make_gig(now=BEFORE, title="=HYPERLINK(A1)")
    worked(make_contract(gig, now=BEFORE))
    (row,) = list(csv.DictReader(StringIO("".join(statement_csv(gig.lab)))))
    assert (row["project"], row["week"], row["day"], row["minutes"]) == (
        "'=HYPERLINK(A1)",
        "2026-11-16",
        "2026-11-16",
        "60",
    )
    assert (row["rate"], row["pay"], row["fee"], row["charge"]) == ("210.00", "210.00", "21.00", "231.00")


# ---------------------------------------------------------------------------------------------------------- invariants


def test_the_invariants_name_what_is_off():
    contract = make_running()
    worked(contract)
    log(contract, at(7, 9), at(7, 10))
    assert registry.check_invariants() == {}
    contract.reserves.filter(state="HELD").update(amount_minor=1)
    PayLine.objects.update(pay_minor=1, fee_minor=0, charge_minor=1)
    found = registry.check_invariants()
    assert found == {
        "hours: the reserves of open weeks are in the books": [
            f"Contract {contract.public_id} holds 1 for its open weeks, but its reserve in the books is 462014."
        ],
        "hours: every approved line was charged once": [
            f"Line {PayLine.objects.get().public_id} charges 1, but the books moved 23100 for it."
        ],
    }
    assert books(contract)["reserve"] == 462_014
    assert total_minor(AccountCode.CONTRACT_RESERVE) == 462_014


# ------------------------------------------------------------------------------------------------------ who sees what


def test_each_sees_their_own_hours_and_pay_and_nobody_anothers():
    contract, other = make_running(), make_running(expert=make_expert("Somebody Else"))
    for each in (contract, other):
        worked(each)
    key, _text = make_key(contract.lab, Scope.PROJECTS_READ)
    for model in (Timesheet, PayLine):
        mine = [
            row.pk for row in model.objects.all() if (row if model is Timesheet else row.timesheet).contract == contract
        ]
        for actor in (contract.expert.user, owner_of(contract.lab), join(contract.lab, LabRole.MANAGER), key):
            assert [row.pk for row in model.objects.visible_to(actor)] == mine
        assert not set(mine) & {row.pk for row in model.objects.visible_to(other.expert.user)}
        for nobody in (make_person(), System("clock"), join(contract.lab, LabRole.REVIEWER)):
            assert not model.objects.visible_to(nobody).exists()
    entries = TimeEntry.objects.filter(timesheet__contract=contract)
    assert set(TimeEntry.objects.visible_to(contract.expert.user)) == set(entries)
    assert set(TimeEntry.objects.visible_to(owner_of(contract.lab))) == set(entries)
    assert not TimeEntry.objects.visible_to(make_person()).exists()
    assert not TimeEntry.objects.visible_to(key).exists()
