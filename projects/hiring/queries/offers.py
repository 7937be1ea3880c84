"""Questions about offers: what is left to do before one is accepted, and how far its money reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from marketplace.accounts.models import User
from marketplace.kernel.money import charge_for
from payments.payouts.queries import payout_account_ready
from projects.hiring.enums import OfferState
from projects.hiring.models import Offer, TermsSignature
from projects.listings.queries import Met, funds_minor, requirements_met, standing_of
from projects.listings.queries.funds import LONGEST


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


def open_offers(user: User) -> QuerySet[Offer]:
    """Return the offers that wait for this person's answer."""
    return Offer.objects.of_expert(user).with_people().filter(state=OfferState.SENT).order_by("expires_at", "pk")


@dataclass(frozen=True, slots=True)
class Guarantee:
    """
    How far the project funds reach at the rate of an offer: whole hours, the platform fee included, whole weeks, and the day
    on which they are used up at the weekly cap; None when nothing is funded or more than two years are.
    """

    minor: int
    hours: int
    weeks: int
    until: date | None = None


def guarantee_of(offer: Offer, *, today: date | None = None) -> Guarantee:
    """Return for how long the project funds that lie there now would pay one person at this offer's rate and cap."""
    minor = funds_minor(offer.application.project)
    hours = max(0, minor) // charge_for(offer.rate_minor, offer.fee_bps)
    lasting = timedelta(days=hours * 60 * 7 // offer.weekly_cap_minutes)
    begins = max(offer.starts_on, today or offer.starts_on)
    until = begins + lasting if hours and lasting <= LONGEST else None
    return Guarantee(minor, hours, hours * 60 // offer.weekly_cap_minutes, until)
