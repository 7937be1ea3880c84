"""Applications, offers and contracts for tests, made through the product's own actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from threading import Barrier, Thread
from typing import Any

from django.db import connections

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.notices.models import Notification
from projects.hiring.actions import applications, offers
from projects.hiring.models import Application, Contract, Offer
from projects.labs.models import Lab
from projects.listings.models import Project
from tests.factories.experts_profiles import make_expert as make_profile
from tests.factories.payments_payouts import make_account
from tests.factories.projects_labs import NOW, make_lab, make_person, owner_of
from tests.factories.projects_listings import make_gig as make_listing

__all__ = ["NOW", "at_once", "make_applicant", "make_expert", "make_gig", "make_lab", "make_offer", "owner_of"]

RATE = 210_00
CAP_HOURS = 20


def make_expert(name: str = "Imani Okafor", *, zone: str = "UTC", **facts: Any) -> Expert:
    """An expert with a whole profile and a verified address, who meets what `make_gig` asks for."""
    user = make_person(name)
    if zone != "UTC":
        user.time_zone = zone
        user.save(update_fields=["time_zone"])
    return make_profile(user, **facts)


def make_gig(lab: Lab | None = None, *, now: datetime = NOW, **parts: Any) -> Project:
    """An open gig that asks for no credentials, with a cap of 40 hours a week and $20,000 of funds."""
    return make_listing(lab, now=now, **({"weekly_hours_cap": 40, "rate_min_minor": 1_00} | parts))


def start(project: Project, expert: Expert | None = None, *, now: datetime = NOW) -> Application:
    """An application that has just been begun."""
    expert = expert or make_expert()
    return applications.start_application(project_id=project.public_id, by=expert.user, now=now)


def fill(application: Application, *, now: datetime = NOW, **changes: Any) -> Application:
    """Fill an application in completely; changes overrule single parts."""
    parts: dict[str, Any] = {
        "version": application.version,
        "note": "Fifteen years of clinic.",
        "answers": ["The one on potassium." for _entry in application.answers],
        "conflicts": "",
        "work_authorised": True,
        "conflicts_declared": True,
    } | changes
    return applications.save_application(
        application_id=application.public_id, by=application.expert.user, now=now, **parts
    )


def make_applicant(project: Project, expert: Expert | None = None, *, now: datetime = NOW) -> Application:
    """An application that the lab has on its desk."""
    application = fill(start(project, expert, now=now), now=now)
    return applications.submit_application(application_id=application.public_id, by=application.expert.user, now=now)


def make_offer(
    application: Application,
    *,
    rate_minor: int = RATE,
    cap_hours: int = CAP_HOURS,
    starts_on: date | None = None,
    now: datetime = NOW,
) -> Offer:
    """An offer that waits for its answer."""
    return offers.make_offer(
        application_id=application.public_id,
        by=owner_of(application.project.lab),
        rate_minor=rate_minor,
        weekly_cap_hours=cap_hours,
        starts_on=starts_on or now.date(),
        message="We would like you to begin this week.",
        now=now,
    )


def sign(offer: Offer, *, now: datetime = NOW) -> Offer:
    """Sign the terms of an offer as the person it was made to."""
    user = offer.application.expert.user
    offers.sign_terms(offer_id=offer.public_id, by=user, typed_name=user.full_name, address="192.0.2.7", now=now)
    return offer


def accept(offer: Offer, *, now: datetime = NOW) -> Contract:
    """Accept a signed offer; the payout account may come later."""
    return offers.accept_offer(
        offer_id=offer.public_id, by=offer.application.expert.user, defer_payout_account=True, now=now
    )


def make_contract(
    project: Project | None = None,
    expert: Expert | None = None,
    *,
    rate_minor: int = RATE,
    cap_hours: int = CAP_HOURS,
    starts_on: date | None = None,
    now: datetime = NOW,
) -> Contract:
    """A contract that came about as contracts do."""
    project = project or make_gig(now=now)
    application = make_applicant(project, expert, now=now)
    offer = make_offer(application, rate_minor=rate_minor, cap_hours=cap_hours, starts_on=starts_on, now=now)
    return accept(sign(offer, now=now), now=now)


def ready_account(expert: Expert) -> None:
    """Give an expert a payout account that can be paid to."""
    make_account(expert.user)


def told(user: User, kind: str) -> list[str]:
    """The titles of the notices of this kind that a person got, in their order."""
    return list(Notification.objects.filter(user=user, kind=kind).order_by("pk").values_list("title", flat=True))


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run the works in threads that start together; return what each returned or raised, in their order."""
    barrier = Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(index: int, work: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            results[index] = work()
        except Exception as error:  # noqa: BLE001 -- the test looks at what was raised
            results[index] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
