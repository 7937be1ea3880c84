"""What tests of reports share: a week that was worked, paid in part, and left something for everybody to look at."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from marketplace.accounts.models import User
from marketplace.kernel import clock
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.payouts import actions
from payments.payouts.models import PayItem, PayRun
from tests.factories.marketplace_accounts import give_second_factor
from tests.factories.payments_payouts import (
    BY,
    NOW,
    PERIOD,
    Finance,
    earn,
    executing_run,
    fund,
    make_finance,
    make_payee,
    make_person,
)
from tests.payments.gateway.standin import StandIn

EXPERTS = ("Ase Lindgren", "Elena Vasquez", "=Femi Okonjo", "Joos Achterberg")


@dataclass
class Week:
    """Finance, the run of 2026-W46 and its items: two sent, one unknown, one held."""

    finance: Finance
    run: PayRun
    standin: StandIn

    def item_of(self, name: str) -> PayItem:
        return PayItem.objects.get(payee__full_name=name)


@pytest.fixture(autouse=True)
def _real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch the movable clock of development off: it asks the database now and then, and queries are counted here."""
    monkeypatch.setattr(clock, "_offset", None)


@pytest.fixture
def finance(db: None) -> Finance:
    return make_finance()


@pytest.fixture
def week(finance: Finance, standin: StandIn) -> Week:
    """Pay four experts: the answer about the second is lost, the last one has no payout account."""
    fund(standin, 10_000_00)
    pay_fee_of_stripe(10_00)
    for number, name in enumerate(EXPERTS[:-1]):
        make_payee(standin, name=name, owed_minor=500_00 + number)
    without_account = make_person(EXPERTS[-1])
    earn(without_account, 77_07)
    run = executing_run(finance)
    standin.faults({"method": "POST", "path": "/v1/transfers", "nth": 2, "action": "lose_answer"})
    for name in EXPERTS[:-1]:
        actions.send_item(item_id=PayItem.objects.get(payee__full_name=name).public_id, now=NOW)
    run.refresh_from_db()
    return Week(finance, run, standin)


def pay_fee_of_stripe(minor: int) -> None:
    """Enter a fee of ours that the platform itself bears, so that income and expense are in the books."""
    lab = UUID("0198c1de-0000-7000-8000-0000000000aa")
    with transaction.atomic():
        post(
            key="approval:fee:1",
            kind=EntryKind.APPROVAL,
            moves=[
                Move(
                    debit=AccountRef(AccountCode.LAB_FUNDS, lab),
                    credit=AccountRef(AccountCode.PLATFORM_FEE),
                    amount_minor=minor,
                )
            ],
            effective_on=PERIOD,
            by=BY,
            now=NOW,
        )


@pytest.fixture
def books_client(client: Client, finance: Finance) -> Client:
    """Give a browser in which the approver has signed in with both factors."""
    return signed_in(client, finance.approver)


def signed_in(client: Client, user: User) -> Client:
    give_second_factor(user)
    client.force_login(user)
    return client
