"""Finance staff, payees with what we owe them, their accounts at the stand-in, and runs in every state."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole, User
from marketplace.kernel.actors import System
from marketplace.kernel.ids import new_public_id
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.payouts import actions
from payments.payouts.enums import PayoutAccountState
from payments.payouts.models import Attempt, PayItem, PayoutAccount, PayoutEvent, PayoutJob, PayRun
from tests.payments.gateway.standin import StandIn

PERIOD = date(2026, 11, 9)  # 2026-W46
NOW = datetime(2026, 11, 19, 8, 14, tzinfo=UTC)  # Thursday, after the cut-off of that week
LATER = NOW + timedelta(minutes=16)  # when a transfer that a look-up does not find counts as absent
TRANSFERS = "/v1/transfers"
BY = System("tests")
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_person(name: str = "Elena Vasquez", **facts: Any) -> User:
    """Make a person who can sign in with the password "correct horse battery"."""
    email = facts.pop("email", f"payee{next(_numbers)}@people.example")
    return User.objects.create_user(email, PASSWORD, full_name=name, **facts)


def make_preparer(name: str = "Mateus Lindqvist") -> User:
    return _staff(name, StaffRoleKind.FINANCE_PREPARER)


def make_approver(name: str = "Priya Vance") -> User:
    return _staff(name, StaffRoleKind.FINANCE_APPROVER)


def _staff(name: str, role: StaffRoleKind) -> User:
    user = make_person(name, email=f"finance{next(_numbers)}@preceptor.example")
    StaffRole.objects.create(user=user, role=role, granted_at=NOW)
    return user


def owe(user: User, amount_minor: int, *, currency: str = "USD") -> None:
    """Owe a person this much more, paid for by some lab; a negative amount is taken back."""
    lab = AccountRef(AccountCode.LAB_FUNDS, new_public_id(), currency)
    payable = AccountRef(AccountCode.EXPERT_PAYABLE, user.public_id, currency)
    clearing = AccountRef(AccountCode.STRIPE_CLEARING, None, currency)
    with transaction.atomic():
        if amount_minor < 0:
            moves = [Move(debit=payable, credit=lab, amount_minor=-amount_minor)]
        else:
            moves = [
                Move(debit=clearing, credit=lab, amount_minor=amount_minor),
                Move(debit=lab, credit=payable, amount_minor=amount_minor),
            ]
        post(
            key=f"approval:{new_public_id()}:1",
            kind=EntryKind.APPROVAL,
            moves=moves,
            effective_on=PERIOD,
            by=BY,
            now=NOW,
        )


def fund(standin: StandIn, amount_minor: int, *, source_type: str = "card", currency: str = "USD") -> None:
    """Put money on our balance at the stand-in, and into our books under the same transaction."""
    order = {"amount": amount_minor, "source_type": source_type, "currency": currency.lower()}
    txn = standin.order("funds", order)["id"]
    with transaction.atomic():
        post(
            key=f"bt:{txn}",
            kind=EntryKind.FUNDING,
            moves=[
                Move(
                    debit=AccountRef(AccountCode.STRIPE_CLEARING, None, currency),
                    credit=AccountRef(AccountCode.LAB_FUNDS, _purse(currency), currency),
                    amount_minor=amount_minor,
                )
            ],
            effective_on=PERIOD,
            by=BY,
            now=NOW,
        )


def _purse(currency: str) -> UUID:
    """The one lab whose deposits pay for everything in a test."""
    return UUID("0198c1de-0000-7000-8000-0000000000aa")


def earn(user: User, amount_minor: int, *, currency: str = "USD") -> None:
    """Owe a person this much out of what `fund` has brought in, so that books and stand-in agree."""
    with transaction.atomic():
        post(
            key=f"approval:{new_public_id()}:1",
            kind=EntryKind.APPROVAL,
            moves=[
                Move(
                    debit=AccountRef(AccountCode.LAB_FUNDS, _purse(currency), currency),
                    credit=AccountRef(AccountCode.EXPERT_PAYABLE, user.public_id, currency),
                    amount_minor=amount_minor,
                )
            ],
            effective_on=PERIOD,
            by=BY,
            now=NOW,
        )


def make_account(
    user: User, *, stripe_id: str = "", ready: bool = True, label: str = "First Harbor ··4417"
) -> PayoutAccount:
    """Give a person a payout account; without `stripe_id` no stand-in knows it."""
    return PayoutAccount.objects.create(
        user=user,
        stripe_account_id=stripe_id or f"acct_test{next(_numbers)}",
        country="US",
        state=PayoutAccountState.READY if ready else PayoutAccountState.STARTED,
        transfers_status="active" if ready else "restricted",
        destination_label=label if ready else "",
        created_at=NOW,
        checked_at=NOW - timedelta(days=30),
    )


def make_payee(
    standin: StandIn | None = None, *, owed_minor: int = 210_000, name: str = "Elena Vasquez", ready: bool = True
) -> User:
    """Make a person who is owed money and has an account, at the stand-in where there is one."""
    user = make_person(name)
    make_account(user, stripe_id=standin.recipient(active=ready) if standin else "", ready=ready)
    if owed_minor:
        (earn if standin else owe)(user, owed_minor)
    return user


@dataclass
class Finance:
    """The two people without whom nothing is paid."""

    preparer: User
    approver: User


def make_finance() -> Finance:
    return Finance(make_preparer(), make_approver())


def work_off(now: datetime) -> int:
    """Do every job and event that is due, as the workers would; return how many were done."""
    done = 0
    while True:
        events = list(PayoutEvent.objects.due(now).values_list("pk", flat=True))
        jobs = list(PayoutJob.objects.due(now).values_list("pk", flat=True))
        if not events and not jobs:
            return done
        done += sum(actions.deliver_event(event_id=pk, now=now) for pk in events)
        done += sum(actions.perform_job(job_id=pk, now=now) for pk in jobs)


def drafted_run(finance: Finance, *, period: date = PERIOD, currency: str = "USD", now: datetime = NOW) -> PayRun:
    return actions.create_run(period=period, currency=currency, by=finance.preparer, now=now)


def computed_run(finance: Finance, *, period: date = PERIOD, currency: str = "USD", now: datetime = NOW) -> PayRun:
    run = drafted_run(finance, period=period, currency=currency, now=now)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=now)
    work_off(now)
    run.refresh_from_db()
    return run


def approved_run(finance: Finance, *, period: date = PERIOD, currency: str = "USD", now: datetime = NOW) -> PayRun:
    run = computed_run(finance, period=period, currency=currency, now=now)
    return actions.approve_run(
        run_id=run.public_id, sha256=run.computed_sha256, comment="Checked.", by=finance.approver, now=now
    )


def executing_run(finance: Finance, *, period: date = PERIOD, currency: str = "USD", now: datetime = NOW) -> PayRun:
    """A run whose group was looked up, and whose items wait for workers."""
    run = approved_run(finance, period=period, currency=currency, now=now)
    actions.execute_run(run_id=run.public_id, by=finance.preparer, now=now)
    work_off(now)
    run.refresh_from_db()
    return run


def send_all(now: datetime) -> None:
    """Send every item that may go, then do what follows from it."""
    for public_id in list(PayItem.objects.sendable(now).values_list("public_id", flat=True)):
        actions.send_item(item_id=public_id, now=now)
    work_off(now)


def only_item() -> PayItem:
    return PayItem.objects.select_related("payee", "run").get()


def send(now: datetime = NOW) -> PayItem:
    """Send the only item; return it as it is afterwards."""
    actions.send_item(item_id=only_item().public_id, now=now)
    return only_item()


def attempts() -> list[tuple[int, str, int]]:
    """Number, state and sends of every attempt."""
    return list(Attempt.objects.order_by("number").values_list("number", "state", "sends"))


def fault(action: str, **facts: Any) -> dict[str, Any]:
    """A rule of the stand-in about what happens to a transfer."""
    return {"method": "POST", "path": TRANSFERS, "action": action, **facts}


def paid_at_stripe(standin: StandIn) -> list[tuple[str, int]]:
    """Item and amount of every transfer at the stand-in."""
    return [(one["metadata"]["item"], one["amount"]) for one in standin.state()["transfers"]]
