"""Offers: making, signing, accepting. Places are never overfilled."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify
from projects.hiring import policies
from projects.hiring.actions.closing import close_offer
from projects.hiring.actions.ending import end_of_day
from projects.hiring.enums import (
    APPLICATION_MOVES,
    OFFER_DAYS,
    OFFER_MOVES,
    ApplicationState,
    OfferState,
)
from projects.hiring.errors import NoPlaceLeft
from projects.hiring.models import Application, Contract, ContractVersion, Offer, TermsSignature
from projects.hiring.queries import steps_to_accept
from projects.labs.queries import managers_of
from projects.listings.enums import ProjectState
from projects.listings.models import Project, Terms

SWEEP_LIMIT = 200
EARLIEST_ZONE = timedelta(hours=12)
"""Where it is still yesterday in UTC terms, a manager may mean that day by today."""


@transaction.atomic(durable=True)
def make_offer(
    *,
    application_id: UUID,
    by: User,
    rate_minor: int,
    weekly_cap_hours: int,
    starts_on: date,
    message: str,
    now: datetime,
    ends_on: date | None = None,
) -> Offer:
    """
    Offer the candidate a contract: a rate within or above the listing's range, a weekly cap, the listing's terms.

    :param rate_minor: per hour, in minor units of the project's currency.
    :param ends_on: the last day, at the end of which the contract ends by itself; None for no end.
    :raises Refused: if the rate is below the range, the cap above the listing's, the first day is past, the last day before
        the first, or the project has no terms.
    :raises WrongState: if the project is closed or has no place left.
    """
    rows = Application.objects.select_related("expert__user", "project__lab", "project__terms")
    application = rows.select_for_update(of=("self",), no_key=True).get(public_id=application_id)
    project = application.project
    policies.require_hiring_manager(by, project.lab, about=application.expert.user)
    require_move(APPLICATION_MOVES, current=application.state, target=ApplicationState.OFFERED, what="application")
    _require_place(project)
    _check_days(starts_on, ends_on, now=now)
    terms = _check_promises(project, rate_minor=rate_minor, weekly_cap_hours=weekly_cap_hours)
    offer = Offer.objects.create(
        application=application,
        rate_minor=rate_minor,
        currency=project.currency,
        weekly_cap_minutes=weekly_cap_hours * 60,
        fee_bps=project.lab.fee_bps,
        starts_on=starts_on,
        ends_on=ends_on,
        message=message,
        terms=terms,
        sent_at=now,
        sent_by=by,
        expires_at=now + timedelta(days=OFFER_DAYS),
    )
    _move(application, ApplicationState.OFFERED)
    after = {"rate_minor": rate_minor, "weekly_cap_hours": weekly_cap_hours}
    record(what="hiring.make_offer", by=by, about=offer, now=now, after=after)
    notify(
        user=application.expert.user,
        kind="applications",
        title=f"An offer: {project.title}",
        body=f"{format_money(rate_minor, project.currency)} an hour, up to {weekly_cap_hours} hours a week, "
        f"from {starts_on:%-d %B}{f' to {ends_on:%-d %B %Y}' if ends_on else ''}. You have {OFFER_DAYS} days to answer, then the offer expires.",
        path=f"/me/offers/{offer.public_id}/",
        button="Read the offer",
        now=now,
    )
    return offer


def _require_place(project: Project) -> None:
    """:raises WrongState: if the project is closed or every place is taken."""
    if project.state == ProjectState.CLOSED:
        raise WrongState("This project is closed, so nobody can be hired for it.")
    if project.places_left < 1:
        raise WrongState("All places of this project are filled. Add places to the listing first.")


def _check_days(starts_on: date, ends_on: date | None, *, now: datetime) -> None:
    """:raises Refused: if the first day is past, or the last one lies before it."""
    if starts_on < (now - EARLIEST_ZONE).date():
        raise Refused("The first day lies in the past. Choose today or a later day.", field="starts_on")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The last day lies before the first day.", field="ends_on")


def _check_promises(project: Project, *, rate_minor: int, weekly_cap_hours: int) -> Terms:
    """Keep an offer within what the listing promised; return the terms it is made on."""
    floor = project.rate_min_minor or 1
    if rate_minor < floor:
        raise Refused(
            f"The listing promises at least {format_money(floor, project.currency)} an hour. Offer that or more.",
            field="rate",
        )
    if not 1 <= weekly_cap_hours <= project.weekly_hours_cap:
        raise Refused(f"The listing allows 1 to {project.weekly_hours_cap} hours a week.", field="weekly_cap_hours")
    if project.terms is None:
        raise Refused("This project has no terms yet. Write them in the listing first.")
    return project.terms


@transaction.atomic(durable=True)
def sign_terms(*, offer_id: UUID, by: User, typed_name: str, address: str, now: datetime) -> TermsSignature:
    """
    Sign the terms of an offer electronically: the typed name, the time, the address, the hash of the text.

    Signing twice returns the first signature.

    :raises Refused: if the typed name is not the person's name.
    :raises WrongState: if the offer is no longer open.
    """
    offer = _locked(offer_id)
    policies.require_offeree(by, offer)
    existing: TermsSignature | None = TermsSignature.objects.filter(offer=offer).first()
    if existing is not None:
        return existing
    if offer.state != OfferState.SENT or offer.expires_at <= now:
        raise WrongState("This offer is no longer open, so there is nothing to sign.")
    if not by.full_name.strip():
        raise Refused("Add your full name to your account first: it is what you sign with.", field="typed_name")
    if _plain(typed_name) != _plain(by.full_name):
        raise Refused(f"Type your name as it stands in your account: {by.full_name}.", field="typed_name")
    signature = TermsSignature.objects.create(
        offer=offer,
        user=by,
        typed_name=typed_name.strip(),
        text_sha256=offer.terms.sha256,
        signed_at=now,
        address=address[:45],
    )
    record(what="hiring.sign_terms", by=by, about=offer, now=now, after={"terms_sha256": offer.terms.sha256})
    return signature


def accept_offer(*, offer_id: UUID, by: User, defer_payout_account: bool, now: datetime) -> Contract:
    """
    Turn the offer into a contract and fill one place.

    Two experts racing for the last place: the project row is locked, the second is refused and stays unhired.

    :param defer_payout_account: the expert chooses to set up the payout account later; pay then waits, held.
    :raises Refused: with the list of what is still missing.
    :raises NoPlaceLeft: if the last place has gone; the lab is told then.
    :raises WrongState: if the offer was answered, withdrawn or expired, or the project is closed.
    """
    try:
        return _accept(offer_id=offer_id, by=by, defer_payout_account=defer_payout_account, now=now)
    except NoPlaceLeft:
        _tell_lab_that_places_are_short(offer_id=offer_id, now=now)
        raise


@transaction.atomic(durable=True)
def _accept(*, offer_id: UUID, by: User, defer_payout_account: bool, now: datetime) -> Contract:
    offer = _locked(offer_id)
    policies.require_offeree(by, offer)
    require_move(OFFER_MOVES, current=offer.state, target=OfferState.ACCEPTED, what="offer")
    if offer.expires_at <= now:
        raise WrongState("This offer has expired. Ask the lab to send it again.")
    if offer.ends_on is not None and end_of_day(offer.ends_on) <= now:
        raise WrongState("The last day of this offer is over. Ask the lab to send a new one.")
    open_steps = [
        step.words
        for step in steps_to_accept(offer, by, today=now.date())
        if not step.done and not (step.code == "payout_account" and defer_payout_account)
    ]
    if open_steps:
        raise Refused(f"Still to do before you can accept: {'; '.join(open_steps)}.")
    rows = Project.objects.select_related("lab").select_for_update(of=("self",), no_key=True)
    project: Project = rows.get(pk=offer.application.project_id)
    if project.state == ProjectState.CLOSED:
        raise WrongState("The lab has closed this project, so the offer cannot be accepted any more.")
    if project.places_left < 1:
        raise NoPlaceLeft("The last place was filled a moment ago. The lab was told that you wanted to accept.")
    contract = _write_contract(offer, project, now=now)
    Project.objects.filter(pk=project.pk).update(places_filled=F("places_filled") + 1)
    offer.state = OfferState.ACCEPTED
    offer.answered_at = now
    offer.save(update_fields=["state", "answered_at"])
    _move(offer.application, ApplicationState.HIRED, decided_at=now)
    record(what="hiring.accept_offer", by=by, about=offer, now=now, after={"contract": str(contract.public_id)})
    for manager in managers_of(project.lab):
        notify(
            user=manager,
            kind="candidates",
            title=f"{by.get_full_name()} accepted your offer",
            body=f"{project.title}, as {contract.alias}. Work can start.",
            path=f"/lab/{project.lab.slug}/contracts/{contract.public_id}/",
            now=now,
        )
    return contract


@transaction.atomic(durable=True)
def _tell_lab_that_places_are_short(*, offer_id: UUID, now: datetime) -> None:
    """Tell the managers, after the refusal has rolled everything else back."""
    offer = Offer.objects.select_related("application__expert", "application__project__lab").get(public_id=offer_id)
    application = offer.application
    for manager in managers_of(application.project.lab):
        notify(
            user=manager,
            kind="candidates",
            title=f"Somebody wanted to accept, but all places are filled: {application.project.title}",
            body=f"{application.expert.headline or 'An expert'} wanted to accept your offer. Add a place to the listing, "
            "or withdraw the offer so that nobody waits for it.",
            path=f"/lab/{application.project.lab.slug}/candidates/{application.public_id}/",
            now=now,
        )


def _write_contract(offer: Offer, project: Project, *, now: datetime) -> Contract:
    number = Contract.objects.filter(project=project).count() + 1
    contract = Contract.objects.create(
        offer=offer,
        lab=project.lab,
        project=project,
        expert=Expert.objects.get(pk=offer.application.expert_id),
        alias=f"E-{number}",
        currency=offer.currency,
        started_at=now,
        ends_at=end_of_day(offer.ends_on) if offer.ends_on else None,
    )
    contract.current_version = ContractVersion.objects.create(
        contract=contract,
        number=1,
        pay_kind=offer.pay_kind,
        rate_minor=offer.rate_minor,
        weekly_cap_minutes=offer.weekly_cap_minutes,
        fee_bps=offer.fee_bps,
        ends_on=offer.ends_on,
        effective_from=now,
        accepted_at=now,
        created_at=now,
    )
    contract.save(update_fields=["current_version"])
    return contract


@transaction.atomic(durable=True)
def decline_offer(*, offer_id: UUID, by: User, now: datetime) -> Offer:
    """Say no to the offer. The application returns to the shortlist, so a better offer can follow."""
    offer = _locked(offer_id)
    policies.require_offeree(by, offer)
    _close(offer, OfferState.DECLINED, by=by, now=now)
    for manager in managers_of(offer.application.project.lab):
        notify(
            user=manager,
            kind="candidates",
            title=f"An offer was declined: {offer.application.project.title}",
            body="The candidate is back on your shortlist.",
            path=f"/lab/{offer.application.project.lab.slug}/candidates/{offer.application.public_id}/",
            now=now,
        )
    return offer


@transaction.atomic(durable=True)
def withdraw_offer(*, offer_id: UUID, by: Actor, now: datetime) -> Offer:
    """Take an unanswered offer back. The candidate is told and stays on the shortlist."""
    offer = _locked(offer_id)
    policies.require_hiring_manager(by, offer.application.project.lab, about=offer.application.expert.user)
    _close(offer, OfferState.WITHDRAWN, by=by, now=now)
    _tell_expert(offer, title="The lab withdrew its offer", now=now)
    return offer


def expire_overdue_offers(*, now: datetime) -> int:
    """End offers that nobody answered in time; each in its own transaction. Return how many."""
    ids = list(Offer.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _expire(public_id, now=now), sweep="hiring.expire_offers")


@transaction.atomic(durable=True)
def _expire(offer_id: UUID, *, now: datetime) -> bool:
    offer = _locked(offer_id)
    if offer.state != OfferState.SENT or offer.expires_at > now:
        return False
    _close(offer, OfferState.EXPIRED, by=System("clock"), now=now)
    _tell_expert(offer, title="Your offer has expired", now=now)
    return True


def _close(offer: Offer, target: OfferState, *, by: Actor, now: datetime) -> None:
    """End the offer and put the candidate back on the shortlist, with a new clock for the lab."""
    close_offer(offer, target, by=by, now=now)
    if offer.application.state == ApplicationState.OFFERED:
        _move(offer.application, ApplicationState.SHORTLISTED, due_at=now + timedelta(days=OFFER_DAYS))


def _tell_expert(offer: Offer, *, title: str, now: datetime) -> None:
    notify(
        user=offer.application.expert.user,
        kind="applications",
        title=f"{title}: {offer.application.project.title}",
        body="You are still on the shortlist; the lab can send a new offer.",
        path=f"/me/applications/{offer.application.public_id}/",
        now=now,
    )


def _move(application: Application, target: ApplicationState, **changes: datetime) -> None:
    require_move(APPLICATION_MOVES, current=application.state, target=target, what="application")
    application.state = target
    for name, value in changes.items():
        setattr(application, name, value)
    application.save(update_fields=["state", *changes])


def _plain(name: str) -> str:
    """Names are compared without regard to case, spaces, and how their accents are encoded."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _locked(offer_id: UUID) -> Offer:
    """The application first, then its offer: the order that every action keeps, so none waits in a circle."""
    application_pk = Offer.objects.values_list("application_id", flat=True).get(public_id=offer_id)
    Application.objects.select_for_update(of=("self",), no_key=True).get(pk=application_pk)
    rows = Offer.objects.select_related("application__expert__user", "application__project__lab", "terms")
    return rows.select_for_update(of=("self",), no_key=True).get(public_id=offer_id)
