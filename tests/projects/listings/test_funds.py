"""Project funds: allocated once, told to the managers, and how far they reach."""

from __future__ import annotations

from datetime import date, datetime
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connections, transaction

from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.kernel.ids import new_public_id
from marketplace.notices.models import Notification
from payments.funding.models import Deposit
from payments.funding.signals import deposit_settled
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.errors import InsufficientFunds
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor, recount
from projects.labs.enums import LabRole
from projects.labs.models import Lab
from projects.listings.actions import projects as actions
from projects.listings.actions.funding import allocate_funds, fund_project
from projects.listings.models import Project
from projects.listings.queries import funding_of, funding_of_many, funds_minor, hours_funded
from tests.factories.projects_labs import NOW, join, make_lab, owner_of
from tests.factories.projects_listings import BY, fund, make_draft, make_gig

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
AMOUNT = 20_000_00


def settle(lab: Lab, amount_minor: int = AMOUNT) -> None:
    """What funding does when a deposit arrives: credit the lab."""
    with transaction.atomic():
        post(
            key=f"bt:{new_public_id()}", kind=EntryKind.FUNDING, effective_on=TODAY, by=BY, now=NOW,
            moves=[Move(AccountRef(AccountCode.STRIPE_CLEARING), AccountRef(AccountCode.LAB_FUNDS, lab.public_id), amount_minor)],
        )  # fmt: skip


def allocate(project: Project, deposit_id: UUID, *, now: datetime = NOW) -> Entry | None:
    return allocate_funds(
        deposit_id=deposit_id, project_ref=project.public_id, amount_minor=AMOUNT, currency="USD", now=now
    )


def test_a_settled_deposit_becomes_project_funds_and_every_manager_is_told() -> None:
    project, deposit_id = make_draft(), new_public_id()
    manager = join(project.lab, LabRole.MANAGER)
    join(project.lab, LabRole.REVIEWER)
    settle(project.lab)

    deposit_settled.send(
        sender=Deposit, now=NOW, deposit_id=str(deposit_id), lab_ref=str(project.lab.public_id),
        project_ref=str(project.public_id), amount_minor=AMOUNT, currency="USD",
    )  # fmt: skip

    assert (funds_minor(project), balance_minor(AccountCode.LAB_FUNDS, project.lab.public_id)) == (AMOUNT, 0)
    entry = Entry.objects.get(key=f"alloc:{deposit_id}")
    assert (entry.kind, entry.effective_on) == (EntryKind.ALLOCATION, TODAY)
    told = Notification.objects.filter(kind="projects")
    assert {notice.user for notice in told} == {manager, owner_of(project.lab)}
    assert told[0].title == "$20,000.00 of project funds for Physician Talent Network"
    assert recount() == []


def test_a_deposit_for_no_project_stays_with_the_lab() -> None:
    lab = make_lab()
    settle(lab)

    deposit_settled.send(
        sender=Deposit, now=NOW, deposit_id=str(new_public_id()), lab_ref=str(lab.public_id), project_ref="",
        amount_minor=AMOUNT, currency="USD",
    )  # fmt: skip

    assert balance_minor(AccountCode.LAB_FUNDS, lab.public_id) == AMOUNT


def test_telling_twice_allocates_once_and_tells_once() -> None:
    project, deposit_id = make_draft(), new_public_id()
    settle(project.lab, 2 * AMOUNT)

    first, again = allocate(project, deposit_id), allocate(project, deposit_id)

    assert first == again
    assert (funds_minor(project), Notification.objects.count()) == (AMOUNT, 1)
    assert AuditEvent.objects.filter(what="listings.allocate_funds").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_are_told_at_once_allocate_once() -> None:
    project, deposit_id = make_draft(), new_public_id()
    settle(project.lab, 2 * AMOUNT)

    _in_threads(lambda: allocate(project, deposit_id), lambda: allocate(project, deposit_id))

    assert (funds_minor(project), balance_minor(AccountCode.LAB_FUNDS, project.lab.public_id)) == (AMOUNT, AMOUNT)
    assert Notification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_under_two_keys_the_same_deposit_would_count_twice() -> None:
    """The control of the test above: it is the deposit's key that keeps the second posting out."""
    project = make_draft()
    settle(project.lab, 2 * AMOUNT)

    _in_threads(lambda: allocate(project, new_public_id()), lambda: allocate(project, new_public_id()))

    assert funds_minor(project) == 2 * AMOUNT


def _in_threads(*deeds: object) -> None:
    barrier = Barrier(len(deeds))

    def run(deed) -> None:  # type: ignore[no-untyped-def]
        barrier.wait()
        try:
            deed()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def test_what_the_lab_does_not_have_cannot_be_allocated() -> None:
    project = make_draft()

    with pytest.raises(InsufficientFunds):
        allocate(project, new_public_id())

    assert (funds_minor(project), Notification.objects.count()) == (0, 0)


def test_money_for_a_project_that_was_closed_meanwhile_stays_with_the_lab() -> None:
    project, deposit_id = make_draft(), new_public_id()
    settle(project.lab)
    actions.close_project(project_id=project.pk, reason="No longer needed.", by=owner_of(project.lab), now=NOW)

    assert [allocate(project, deposit_id), allocate(project, deposit_id)] == [None, None]

    assert (funds_minor(project), balance_minor(AccountCode.LAB_FUNDS, project.lab.public_id)) == (0, AMOUNT)
    assert Notification.objects.filter(title__contains="takes no more funds").count() == 1


def test_an_allocation_that_is_told_again_after_the_closing_stays_done() -> None:
    project, deposit_id = make_draft(), new_public_id()
    settle(project.lab)
    posted = allocate(project, deposit_id)
    actions.close_project(project_id=project.pk, reason="No longer needed.", by=owner_of(project.lab), now=NOW)

    assert allocate(project, deposit_id) == posted
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("role", [LabRole.REVIEWER, LabRole.MEMBER])
def test_only_owners_and_managers_start_a_deposit(role: LabRole) -> None:
    project = make_draft()

    with pytest.raises(NotAllowed):
        fund_project(project_id=project.pk, amount_minor=AMOUNT, by=join(project.lab, role), now=NOW)

    assert not Deposit.objects.exists()


def test_a_closed_project_and_a_tiny_amount_start_no_deposit() -> None:
    project = make_draft()
    owner = owner_of(project.lab)

    with pytest.raises(Invalid):
        fund_project(project_id=project.pk, amount_minor=99_99, by=owner, now=NOW)
    actions.close_project(project_id=project.pk, reason="No longer needed.", by=owner, now=NOW)
    with pytest.raises(WrongState):
        fund_project(project_id=project.pk, amount_minor=AMOUNT, by=owner, now=NOW)

    assert not Deposit.objects.exists()


# -------------------------------------------------------------------------------------------------------------- meter


def test_the_meter_counts_pay_and_fee_and_ends_where_the_people_use_it_up() -> None:
    project = make_gig(funds_minor=AMOUNT)  # $250 and 10 % are $275 an hour; 20 h a week

    funding = funding_of(project, today=date(2026, 11, 18))

    assert (hours_funded(project), funding.hours, funding.minor) == (72, 72, AMOUNT)
    assert funding.until == date(2026, 12, 13)  # 72 h at 20 h a week are 25 days
    assert (funding.planned_hours, funding.share, funding.is_low) == (40 * 20 * 12, 0.8, False)

    Project.objects.filter(pk=project.pk).update(places_filled=4)
    project.refresh_from_db()
    faster = funding_of(project, today=date(2026, 11, 18))
    assert (faster.until, faster.is_low) == (date(2026, 11, 24), True)


@pytest.mark.parametrize(
    ("parts", "funds", "hours", "until"),
    [
        ({"rate_min_minor": None, "rate_max_minor": None}, AMOUNT, 0, None),
        ({}, 0, 0, None),
        ({"starts_on": date(2027, 1, 4)}, 275_00, 1, date(2027, 1, 4)),
        ({"rate_min_minor": 1, "rate_max_minor": 1}, AMOUNT, 2_000_000, None),
    ],
)
def test_the_meter_promises_no_date_that_it_does_not_know(
    parts: dict[str, object], funds: int, hours: int, until: date | None
) -> None:
    project = make_draft(**parts)
    if funds:
        fund(project, funds)

    funding = funding_of(project, today=TODAY)

    assert (funding.hours, funding.until) == (hours, until)


def test_money_in_another_currency_is_not_counted() -> None:
    project = make_draft(currency="EUR")
    fund(project, 1_000_00)
    Project.objects.filter(pk=project.pk).update(currency="USD")
    project.refresh_from_db()

    assert funds_minor(project) == 0


def test_many_projects_cost_one_question(django_assert_num_queries: object) -> None:
    lab = make_lab()
    projects = [make_gig(lab), make_gig(lab), make_draft(lab, currency="EUR")]

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = funding_of_many(projects, today=TODAY)

    assert [found[project.pk].hours for project in projects] == [72, 72, 0]
