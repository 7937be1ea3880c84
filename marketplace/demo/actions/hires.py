"""Applications, offers, contracts and payout accounts of the demonstration world, as people press them."""

from __future__ import annotations

import random
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.demo.actions.board import FLAGSHIP, owners_of_labs
from marketplace.demo.actions.people import Invented, invent, personas
from marketplace.demo.actions.vetting import meet_requirements
from payments.payouts.actions.accounts import onboarding_url, refresh_account, start_account
from payments.payouts.enums import PayoutAccountState
from payments.payouts.models import PayoutAccount
from projects.hiring.actions.applications import (
    decline_application,
    save_application,
    shortlist_application,
    start_application,
    submit_application,
)
from projects.hiring.actions.offers import accept_offer, make_offer, sign_terms
from projects.hiring.enums import ApplicationState, DeclineCode
from projects.hiring.models import Application, Contract
from projects.listings.models import Project

CARDIOLOGY = "Cardiology answer review"
TEAMS = (
    (FLAGSHIP, "medicine", 5), (CARDIOLOGY, "medicine", 5), ("Emergency triage scenarios", "medicine", 2),
    ("Commercial lease clauses", "law", 2), ("Feature screenplay coverage", "writing", 2),
    ("Python review, backend", "software", 2), ("Spanish-English medical interpreting", "languages", 2),
    ("Wine pairings, justified", "wine-food", 1), ("Olympiad proofs", "sciences", 2), ("Explain the endgame", "games", 1),
)  # fmt: skip
"""Who works where: the gig, the group of fields, how many."""

CANDIDATES = ((FLAGSHIP, 9), (CARDIOLOGY, 4))
PAID_COUNTRIES = {"US", "GB", "CA", "DE", "FR", "ES", "IT", "IE", "NL", "PT"}
WITHOUT_ACCOUNT = 11
"""Each contract of this many leaves its expert without a payout account, so that a hold is there to see."""

NOTE = "I do this kind of review in my practice every week and would be glad to do it where it is read."
ANSWER = "Mostly the common things, done carefully. The last correction I made was about a dose in renal failure."
NO = "Your experience is strong, but this round needs people who see these patients every week."


@dataclass(frozen=True, slots=True)
class Hire:
    """Who is hired where, at which rate in minor units and weekly hours."""

    user: User
    project: Project
    rate_minor: int
    hours: int


def make_contracts(*, now: datetime) -> None:
    """Hire the teams, set up where they are paid, and leave candidates in every step of two pipelines."""
    chance = random.Random(5)
    people, owners = personas(), owners_of_labs()
    projects = {project.title: project for project in Project.objects.select_related("lab", "terms")}
    left, chosen = invent(), []
    for title, group, count in TEAMS:
        chosen += [(title, one) for one in _pick(left, group, count, chance)]
    waiting = [(title, one) for title, count in CANDIDATES for one in _pick(left, "medicine", count, chance)]
    emails = [one.email for _title, one in (*chosen, *waiting)]
    users = User.objects.in_bulk(emails, field_name="email")
    plans = [
        Hire(people["expert"], projects[CARDIOLOGY], 225_00, 20),
        Hire(people["expert"], projects[FLAGSHIP], 210_00, 10),
        *(_plan(users[one.email], projects[title], chance) for title, one in chosen),
    ]
    began = now - timedelta(days=38)
    contracts = _hire_all(plans, owners, vetter=people["vetting"], began=began)
    _open_accounts(contracts, now=began + timedelta(days=1))
    for title, _count in CANDIDATES:
        candidates = [users[one.email] for where, one in waiting if where == title]
        _make_candidates(projects[title], candidates, by=owners[projects[title].lab_id], now=now)


def _pick(left: list[Invented], group: str, count: int, chance: random.Random) -> list[Invented]:
    """Choose experts of a group of fields, and take them out of those that are left."""
    chosen = chance.sample([one for one in left if one.group == group], count)
    left[:] = [one for one in left if one not in chosen]
    return chosen


def _plan(user: User, project: Project, chance: random.Random) -> Hire:
    if project.title == FLAGSHIP:
        return Hire(user, project, 210_00, 20)
    return Hire(user, project, (project.rate_min_minor or 0) + chance.randrange(0, 3) * 5_00, project.weekly_hours_cap)


# ------------------------------------------------------------------------------------------------------------ hiring


def _hire_all(plans: list[Hire], owners: dict[int, User], *, vetter: User, began: datetime) -> list[Contract]:
    rows = Contract.objects.select_related("expert__user")
    there = {(row.expert.user_id, row.project_id): row for row in rows}
    experts = {row.user_id: row for row in Expert.objects.filter(user__in=[plan.user for plan in plans])}
    contracts = []
    for number, plan in enumerate(plans):
        contract = there.get((plan.user.pk, plan.project.pk))
        if contract is None:
            expert, by = experts[plan.user.pk], owners[plan.project.lab_id]
            meet_requirements(expert, plan.project, vetter=vetter, now=began - timedelta(days=2))
            moment = max(began, plan.project.published_at or began) + timedelta(minutes=number)
            contract = hire(plan, by=by, now=moment)
        contracts.append(contract)
    return contracts


def hire(plan: Hire, *, by: User, now: datetime) -> Contract:
    """Apply, be shortlisted, get an offer, sign and accept: six actions, or those of them that are left."""
    application = apply(plan.user, plan.project, now=now)
    if application.state == ApplicationState.SUBMITTED:
        application = shortlist_application(application_id=application.public_id, by=by, now=now + timedelta(hours=3))
    if application.state == ApplicationState.SHORTLISTED:
        offer = make_offer(
            application_id=application.public_id,
            by=by,
            rate_minor=plan.rate_minor,
            weekly_cap_hours=plan.hours,
            starts_on=(now + timedelta(days=1)).date(),
            message="We would like to work with you.",
            now=now + timedelta(hours=4),
        )
    else:
        offer = application.offers.order_by("-pk")[0]
    signed = now + timedelta(hours=6)
    sign_terms(offer_id=offer.public_id, by=plan.user, typed_name=plan.user.full_name, address="127.0.0.1", now=signed)
    return accept_offer(offer_id=offer.public_id, by=plan.user, defer_payout_account=True, now=signed)


def apply(user: User, project: Project, *, now: datetime) -> Application:
    """Fill an application in and submit it; one that was begun is gone on with."""
    application = start_application(project_id=project.public_id, by=user, now=now)
    if application.state != ApplicationState.STARTED:
        return application
    save_application(
        application_id=application.public_id,
        by=user,
        now=now,
        version=application.version,
        note=NOTE,
        answers=[ANSWER for _ in application.answers],
        conflicts="",
        work_authorised=True,
        conflicts_declared=True,
    )
    return submit_application(application_id=application.public_id, by=user, now=now + timedelta(minutes=9))


def _make_candidates(project: Project, users: list[User], *, by: User, now: datetime) -> None:
    """People in the pipeline: submitted, shortlisted, with an open offer, and one declined."""
    for number, user in enumerate(users):
        moment = now - timedelta(days=1 + number, hours=number)
        if Application.objects.filter(expert__user=user, project=project, state=ApplicationState.DECLINED).exists():
            continue
        application = apply(user, project, now=moment)
        if application.state != ApplicationState.SUBMITTED:
            continue
        later = moment + timedelta(hours=5)
        if number in (1, 7):
            shortlist_application(application_id=application.public_id, by=by, now=later)
        elif number == 4:
            make_offer(
                application_id=application.public_id, by=by, rate_minor=project.rate_min_minor or 100_00,
                weekly_cap_hours=10, starts_on=(now + timedelta(days=3)).date(), message="", now=later,
            )  # fmt: skip
        elif number == 5:
            decline_application(
                application_id=application.public_id, by=by, code=DeclineCode.EXPERIENCE, reason=NO, now=later
            )


# ------------------------------------------------------------------------------------------------------ payout accounts


def _open_accounts(contracts: list[Contract], *, now: datetime) -> None:
    there = {row.user_id: row for row in PayoutAccount.objects.all()}
    seen: set[int] = set()
    for number, contract in enumerate(contracts):
        user = contract.expert.user
        if user.pk in seen or number % WITHOUT_ACCOUNT == WITHOUT_ACCOUNT - 1:
            continue
        seen.add(user.pk)
        account = there.get(user.pk)
        if account is None or account.state != PayoutAccountState.READY:
            country = contract.expert.country if contract.expert.country in PAID_COUNTRIES else "US"
            _open_account(user, account, country, last4=f"{4400 + number}", now=now)


def _open_account(user: User, account: PayoutAccount | None, country: str, *, last4: str, now: datetime) -> None:
    """Set up where a person is paid, by filling in the stand-in's own form."""
    if account is None or not account.stripe_account_id:
        account = start_account(country=country, by=user, now=now)
    link = onboarding_url(by=user, refresh_url="http://127.0.0.1/", return_url="http://127.0.0.1/")
    form = urllib.parse.urlencode({"country": country, "last4": last4, "choice": "finish"}).encode()
    urllib.request.build_opener(_StayHere).open(link, data=form, timeout=15).close()
    refresh_account(stripe_account_id=str(account.stripe_account_id), now=now)


class _StayHere(urllib.request.HTTPRedirectHandler):
    """The form leads back to the product; the world only needs its effect."""

    def http_error_303(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        return fp

    http_error_302 = http_error_303
