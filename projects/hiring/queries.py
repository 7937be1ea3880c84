"""Questions about hiring that pages and other rooms ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Case, Count, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Extract
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel.money import charge_for
from marketplace.kernel.registry import PALETTE_ROWS
from payments.payouts.queries import payout_account_ready
from projects.hiring.enums import WAITING_APPLICATION_STATES, ContractState, OfferState
from projects.hiring.models import Application, Contract, ContractQuerySet, Offer, TermsSignature
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.listings.queries import Met, funds_minor, requirements_met, standing_of

BEYOND_ANY_CLOCK: Final = 10**12


@dataclass(frozen=True, slots=True)
class AcceptStep:
    """One thing that must be done before an offer can be accepted; `path` leads to where it is done."""

    code: str
    words: str
    done: bool
    path: str = ""


def steps_to_accept(offer: Offer, user: User, *, today: date) -> list[AcceptStep]:
    """
    Return the steps that unlock the acceptance of an offer, done or not, in the order people do them.

    :param today: credentials that expired before this day do not count.
    """
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    expert = offer.application.expert
    asked = requirements_met(expert, offer.application.project, standing_of(expert, today=today))
    signed = TermsSignature.objects.filter(offer=offer, user=user).exists()
    return [
        AcceptStep("email", "verify your e-mail address", verified, "/accounts/email/"),
        *(AcceptStep("requirement", met.words, met.met, _where_to_meet(met)) for met in asked if met.is_required),
        AcceptStep("terms", "sign the terms", signed),
        AcceptStep("payout_account", "set up your payout account", payout_account_ready(user), "/me/payout-account/"),
    ]


def _where_to_meet(met: Met) -> str:
    """Return the page on which an expert can meet a requirement."""
    if met.requirement.credential_kind:
        return "/me/credentials/"
    return "/me/vetting/" if met.requirement.field_id else "/me/profile/"


def application_of(user: User, project: Project) -> Application | None:
    """Return this person's newest application to a project, if there is one."""
    return Application.objects.of_expert(user).filter(project=project).order_by("-pk").first()


def pipeline_counts(lab: Lab, project: Project | None = None) -> dict[str, int]:
    """Return how many applications of the lab stand in each state."""
    rows = Application.objects.of_lab(lab)
    if project is not None:
        rows = rows.filter(project=project)
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def candidates_waiting(lab: Lab) -> int:
    """Return how many applications wait for the lab's decision."""
    return int(Application.objects.of_lab(lab).filter(state__in=WAITING_APPLICATION_STATES).count())


def candidates_in_turn(lab: Lab, project: Project | None = None, state: str = "") -> QuerySet[Application]:
    """
    Return the applications of a lab: those that wait for a decision by their clock, then the rest, the newest first.

    `turn` and the row id are their order: seconds until the clock's end since 1970, or far beyond for the rest.
    """
    rows = Application.objects.of_lab(lab).with_people()
    if project is not None:
        rows = rows.filter(project=project)
    if state:
        rows = rows.filter(state=state)
    waits = When(state__in=WAITING_APPLICATION_STATES, then=Extract("due_at", "epoch"))
    turn = Case(waits, default=Value(BEYOND_ANY_CLOCK) - F("pk"), output_field=FloatField())
    return rows.annotate(turn=turn).order_by("turn", "pk")


def candidates_after(rows: QuerySet[Application], pk: int | None) -> QuerySet[Application]:
    """Return what follows an application in the order of `candidates_in_turn`; the first page if it is not there."""
    last: Any = rows.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(Q(turn__gt=last.turn) | Q(turn=last.turn, pk__gt=last.pk))


def running_first(rows: ContractQuerySet) -> QuerySet[Contract]:
    """Return contracts with what a list shows: active and paused ones, then those that ended; the newest first."""
    ended = Case(When(state=ContractState.ENDED, then=Value(1)), default=Value(0), output_field=IntegerField())
    return rows.with_people().annotate(ended=ended).order_by("ended", "-pk")


def contracts_after(rows: QuerySet[Contract], pk: int | None) -> QuerySet[Contract]:
    """Return what follows a contract in the order of `running_first`; the first page if it is not there."""
    last: Any = rows.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(Q(ended__gt=last.ended) | Q(ended=last.ended, pk__lt=last.pk))


def open_offers(user: User) -> QuerySet[Offer]:
    """Return the offers that wait for this person's answer."""
    return Offer.objects.of_expert(user).with_people().filter(state=OfferState.SENT).order_by("expires_at", "pk")


@dataclass(frozen=True, slots=True)
class Guarantee:
    """How far the project funds reach at the rate of an offer: whole hours, the platform fee included, and whole weeks."""

    minor: int
    hours: int
    weeks: int


def guarantee_of(offer: Offer) -> Guarantee:
    """Return for how long the project funds that lie there now would pay one person at this offer's rate and cap."""
    minor = funds_minor(offer.application.project)
    hours = max(0, minor) // charge_for(offer.rate_minor, offer.fee_bps)
    return Guarantee(minor, hours, hours * 60 // offer.weekly_cap_minutes)


def names_of_contracts(refs: Iterable[UUID]) -> dict[UUID, str]:
    """Return expert and project of the contracts with these public ids, as finance calls them, by one query."""
    contracts = Contract.objects.filter(public_id__in=list(refs)).select_related("expert__user", "project")
    return {contract.public_id: f"{contract.expert.user}, {contract.project.title}" for contract in contracts}


def found_contracts(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return an expert's own contracts, and the contracted experts of a person's labs, that the text names."""
    own = Contract.objects.filter(expert__user=user, project__title__icontains=text).select_related("project")
    named = Q(alias__iexact=text) | Q(expert__user__full_name__icontains=text)
    theirs = Contract.objects.visible_to(user).filter(named).exclude(expert__user=user)
    return [
        (row.project.title, _("Your contract"), reverse("hiring:contract", args=[row.public_id]))
        for row in own.order_by("-pk")[:PALETTE_ROWS]
    ] + [
        (
            row.expert.user.get_full_name(),
            f"{row.alias}, {row.project.title}",
            reverse("hiring:lab_contract", args=[row.lab.slug, row.public_id]),
        )
        for row in theirs.select_related("expert__user", "project", "lab").order_by("-pk")[:PALETTE_ROWS]
    ]
