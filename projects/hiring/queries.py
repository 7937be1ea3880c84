"""Questions about hiring that pages and other rooms ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Count, QuerySet

from marketplace.accounts.models import User
from payments.payouts.queries import payout_account_ready
from projects.hiring.enums import ApplicationState
from projects.hiring.models import Application, Contract, Offer, TermsSignature
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.listings.queries import requirements_met


@dataclass(frozen=True, slots=True)
class AcceptStep:
    """One thing that must be done before an offer can be accepted; `path` leads to where it is done."""

    code: str
    words: str
    done: bool
    path: str = ""


def steps_to_accept(offer: Offer, user: User) -> list[AcceptStep]:
    """Return the steps that unlock the acceptance of an offer, done or not, in the order people do them."""
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    steps = [AcceptStep("email", "verify your e-mail address", verified, "/accounts/email/")]
    expert = offer.application.expert
    for met in requirements_met(expert, offer.application.project):
        if met.requirement.is_required:
            steps.append(AcceptStep("requirement", met.words, met.met, "/me/credentials/"))
    signed = TermsSignature.objects.filter(offer=offer, user=user).exists()
    steps.append(AcceptStep("terms", "sign the terms", signed))
    steps.append(
        AcceptStep("payout_account", "set up your payout account", payout_account_ready(user), "/me/payout-account/")
    )
    return steps


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
    waiting = [ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED]
    return int(Application.objects.of_lab(lab).filter(state__in=waiting).count())


def contracts_of(user: User) -> QuerySet[Contract]:
    """Return a person's contracts as an expert, running ones first, with what a list shows."""
    return Contract.objects.of_expert(user).with_people().order_by("state", "-pk")  # type: ignore[no-any-return]


def open_offers(user: User) -> QuerySet[Offer]:
    """Return the offers that wait for this person's answer."""
    return Offer.objects.of_expert(user).with_people().filter(state="SENT").order_by("expires_at")  # type: ignore[no-any-return]


def names_of_contracts(refs: Iterable[UUID]) -> dict[UUID, str]:
    """Return expert and project of the contracts with these public ids, as finance calls them, by one query."""
    contracts = Contract.objects.filter(public_id__in=list(refs)).select_related("expert__user", "project")
    return {contract.public_id: f"{contract.expert.user}, {contract.project.title}" for contract in contracts}
