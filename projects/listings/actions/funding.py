"""Money for a project: the lab pays in, and what arrived becomes project funds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.audit.models import AuditEvent
from marketplace.kernel.actors import System
from marketplace.kernel.errors import WrongState
from marketplace.kernel.money import format_money
from marketplace.notices.actions import notify
from payments.funding.actions import start_deposit
from payments.funding.models import Deposit
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from projects.labs.queries import managers_of
from projects.listings import policies
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from projects.listings.queries.funds import hours_funded

FUNDING = System("funding")


def fund_project(*, project_id: int, amount_minor: int, by: User, now: datetime) -> Deposit:
    """
    Open a payment page for project funds and return the deposit with its `checkout_url`.

    No transaction of its own: the deposit is written before and after the call to Stripe. Nothing is credited here.

    :raises NotAllowed: if `by` may not spend the lab's money.
    :raises WrongState: if the project is closed.
    :raises Invalid: if the amount is out of range.
    """
    project: Project = Project.objects.select_related("lab").get(pk=project_id)
    policies.require_changing(project, by)
    if project.state == ProjectState.CLOSED:
        raise WrongState("This project is closed, so it takes no more funds.")
    page = reverse("listings:funding", args=[project.lab.slug, project.public_id])
    return start_deposit(
        lab_ref=project.lab.public_id,
        lab_name=project.lab.name,
        project_ref=project.public_id,
        amount_minor=amount_minor,
        currency=project.currency,
        by=by,
        success_path=f"{page}{{deposit}}/",
        cancel_path=page,
        now=now,
    )


@transaction.atomic(durable=True)
def allocate_funds(
    *, deposit_id: UUID, project_ref: UUID, amount_minor: int, currency: str, now: datetime
) -> Entry | None:
    """
    Move what a deposit brought from the lab's funds to the project it was made for, once, and tell the managers.

    Called again, it finds the entry and does nothing. A project that was closed meanwhile, or keeps another currency,
    gets nothing: the money stays with the lab.

    :raises Project.DoesNotExist: if there is no such project; the event then stays due.
    """
    project: Project = Project.objects.locked().select_related("lab").get(public_id=project_ref)
    key = f"alloc:{deposit_id}"
    posted = Entry.objects.filter(key=key).first()
    if posted is not None:
        return posted
    amount = format_money(amount_minor, currency)
    if project.state == ProjectState.CLOSED or project.currency != currency:
        _keep_with_lab(project, deposit_id, amount, now=now)
        return None
    about = {"deposit": str(deposit_id), "amount_minor": amount_minor, "currency": currency}
    record(what="listings.allocate_funds", by=FUNDING, about=project, now=now, after=about)
    _tell(project, f"{amount} of project funds for {project.title}", _next_step(project), now=now)
    return post(
        key=key,
        kind=EntryKind.ALLOCATION,
        moves=[
            Move(
                debit=AccountRef(AccountCode.LAB_FUNDS, project.lab.public_id, currency),
                credit=AccountRef(AccountCode.PROJECT_FUNDS, project.public_id, currency),
                amount_minor=amount_minor,
            )
        ],
        effective_on=now.date(),
        by=FUNDING,
        now=now,
        memo=f"Deposit {deposit_id} for {project.title}"[:200],
    )


def _keep_with_lab(project: Project, deposit_id: UUID, amount: str, *, now: datetime) -> None:
    """Write down, once, that a deposit stays with the lab, and say so."""
    what = "listings.keep_with_lab"
    if AuditEvent.objects.about("deposit", deposit_id).filter(what=what).exists():
        return
    record(what=what, by=FUNDING, about=("deposit", deposit_id), now=now, after={"project": str(project.public_id)})
    title = f"{amount} arrived for {project.title}, which takes no more funds"
    _tell(project, title, "It stays in the lab’s funds.", now=now)


def _next_step(project: Project) -> str:
    if project.state == ProjectState.DRAFT:
        return "It is on deposit now. Look at the checklist, then publish."
    return f"It is on deposit now. Before it came, {hours_funded(project)} h were funded."


def _tell(project: Project, title: str, body: str, *, now: datetime) -> None:
    path = reverse("listings:project", args=[project.lab.slug, project.public_id])
    for manager in managers_of(project.lab):
        notify(user=manager, kind="projects", title=title, body=body, path=path, button="Open the project", now=now)
