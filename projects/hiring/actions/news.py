"""Telling people on a gig what became of it: it was changed, paused, opened again, or closed (design 3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.audit.models import AuditEvent
from marketplace.kernel.actors import System
from marketplace.kernel.money import format_money
from marketplace.notices.actions import notify
from projects.hiring.enums import LIVE_APPLICATION_STATES, ApplicationState, ContractState
from projects.hiring.models import Application, Contract
from projects.listings.enums import ProjectState
from projects.listings.models import ListingVersion, Project
from projects.listings.queries.similar import gigs_like
from projects.listings.queries.versions import changes_between

NEWS = System("listings")
SIGNED = "Your contract keeps the rate and the terms that you signed."
APPLIED = "Your application stands. An offer that was made keeps its rate; a new one follows what the gig says now."
GIGS_OFFERED = 3
GIGS_LOOKED_AT = 12


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody on a gig: whether they work there, and the page on which they find it."""

    user: User
    works: bool
    path: str

    @property
    def kind(self) -> str:
        return "contracts" if self.works else "applications"


@transaction.atomic(durable=True)
def tell_of_change(*, project_ref: UUID, number: int, now: datetime) -> int:
    """
    Tell everybody who has applied, and everybody who works on the gig, that pay or requirements changed; return how many.

    Told twice, it does nothing. Other changes stand on the gig's page and are no reason for an e-mail.
    """
    project = Project.objects.locked().select_related("lab").get(public_id=project_ref)
    versions = list(ListingVersion.objects.filter(project=project, number__in=[number - 1, number]).order_by("number"))
    if len(versions) < 2 or _was_told(project, "change", str(number), now=now):
        return 0
    matters = [one for one in changes_between(versions[0].content, versions[1].content) if one.matters]
    if not matters:
        return 0
    lines = [f"{one.label}: {_in_a_line(one.before)} → {_in_a_line(one.after)}" for one in matters]
    readers = _readers(project)
    for reader in readers:
        signed = SIGNED if reader.works else APPLIED
        notify(
            user=reader.user,
            kind=reader.kind,
            title=f"{project.title}: the lab changed pay or requirements",
            body="\n\n".join(["\n".join(lines), signed]),
            path=f"/gigs/{project.public_id}/changes/",
            button="See what changed",
            now=now,
        )
    return len(readers)


def _in_a_line(text: str) -> str:
    return ", ".join(part for part in text.splitlines() if part.strip())


@transaction.atomic(durable=True)
def tell_of_move(
    *, project_ref: UUID, before: str, state: str, reason: str, back: date | None, at: str, now: datetime
) -> int:
    """
    Tell everybody on the gig that it was paused, with gigs like it, opened again, or closed; return how many were told.

    :param at: what tells this move from the same one on another day; told twice, it does nothing.
    """
    project = Project.objects.locked().select_related("lab").get(public_id=project_ref)
    words = _words(project, before=before, state=state, reason=reason, back=back)
    if words is None or _was_told(project, state.lower(), at, now=now):
        return 0
    title, paragraphs = words
    offered = gigs_like(project, now=now, count=GIGS_LOOKED_AT) if state != ProjectState.OPEN else []
    readers = _readers(project)
    applied = _applied_to(offered, readers)
    for reader in readers:
        body = [*paragraphs]
        if state == ProjectState.PAUSED and reader.works:
            body.append(
                "Hours that were set aside this week can still be worked and are paid. A new week begins once the gig is "
                "open again."
            )
        gigs = [gig for gig in offered if (reader.user.pk, gig.pk) not in applied]
        if gigs:
            body.append("Gigs like it, open now:\n" + "\n".join(_line(gig) for gig in gigs[:GIGS_OFFERED]))
        notify(user=reader.user, kind=reader.kind, title=title, body="\n\n".join(body), path=reader.path, now=now)
    return len(readers)


def _words(
    project: Project, *, before: str, state: str, reason: str, back: date | None
) -> tuple[str, list[str]] | None:
    """Return title and paragraphs, or None where there is nothing to tell."""
    if state == ProjectState.PAUSED and before == ProjectState.OPEN:
        until = (
            f"The lab expects to be back on {back:%-d %B}." if back else "The lab does not say yet when it comes back."
        )
        return f"{project.title} is paused", [reason, until]
    if state == ProjectState.OPEN and before == ProjectState.PAUSED:
        return f"{project.title} is open again", ["Work and applications go on."]
    if state == ProjectState.CLOSED:
        return f"{project.title} is closed", [reason, "Hours that were worked are reviewed and paid as always."]
    return None


def _readers(project: Project) -> list[Reader]:
    """Return who works on a gig, and who has applied and waits; nobody twice."""
    people: dict[int, Reader] = {}
    contracts = (
        Contract.objects.filter(project=project).exclude(state=ContractState.ENDED).select_related("expert__user")
    )
    for contract in contracts.order_by("pk"):
        user = contract.expert.user
        people[user.pk] = Reader(user, works=True, path=f"/me/contracts/{contract.public_id}/")
    waiting = LIVE_APPLICATION_STATES - {ApplicationState.HIRED}
    applications = Application.objects.filter(project=project, state__in=sorted(waiting)).select_related("expert__user")
    for application in applications.order_by("pk"):
        user = application.expert.user
        people.setdefault(user.pk, Reader(user, works=False, path=f"/me/applications/{application.public_id}/"))
    return list(people.values())


def _applied_to(gigs: Iterable[Project], readers: Iterable[Reader]) -> set[tuple[int, int]]:
    """Return who of these has applied to which of the gigs already, by one query."""
    users = [reader.user.pk for reader in readers]
    rows = Application.objects.filter(project__in=[gig.pk for gig in gigs], expert__user__in=users)
    return set(rows.values_list("expert__user_id", "project_id"))


def _line(gig: Project) -> str:
    rate = format_money(gig.rate_max_minor or 0, gig.currency)
    return f"{gig.title}, up to {rate} an hour: {settings.SITE_URL}/gigs/{gig.public_id}/"


def _was_told(project: Project, what: str, which: str, *, now: datetime) -> bool:
    """Write down, once, that people are told of this; the project is locked, so two workers come one after the other."""
    name, ref = f"hiring.told_of_{what}", f"{project.public_id}:{which}"[:80]
    if AuditEvent.objects.about("listing_news", ref).filter(what=name).exists():
        return True
    record(what=name, by=NEWS, about=("listing_news", ref), now=now)
    return False
