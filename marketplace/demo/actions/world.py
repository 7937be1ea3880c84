"""
Making the demonstration world in stages, through the product's own actions.

Nothing is written that an action would refuse, so the books balance, the stand-in for Stripe agrees with them, and every
page tells the same story.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from experts.profiles.actions.profiles import start_expert
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.demo.actions import board, hires, people, weeks, work
from marketplace.demo.actions.hires import Hire, hire, open_payout_account, pick_experts
from marketplace.demo.models import WorldStage
from marketplace.demo.world.standin import stand_in
from marketplace.kernel.errors import Refused
from projects.hiring.models import Contract
from projects.listings.models import Project

STAGES = ("people", "labs and gigs", "vetting", "contracts", "tasks and reviews", "hours and pay")
WORLD = "world"
TEAMS = (
    ("Cardiology answer review", "medicine", 5), ("Emergency triage scenarios", "medicine", 2),
    ("Commercial lease clauses", "law", 3), ("Feature screenplay coverage", "writing", 3),
    ("Python review, backend", "software", 3), ("Spanish-English medical interpreting", "languages", 2),
    ("Wine pairings, justified", "wine-food", 1), ("Olympiad proofs", "sciences", 2), ("Explain the endgame", "games", 1),
)  # fmt: skip
PAID_COUNTRIES = {"US", "GB", "CA", "DE", "FR", "ES", "IT", "IE", "NL", "PT"}


def is_made() -> bool:
    """Whether the world stands, whole."""
    return WorldStage.objects.filter(name=WORLD, done_at__isnull=False).exists()


def make_world(*, now: datetime) -> Iterator[str]:
    """
    Make the world, yielding the name of each stage as it is done.

    :raises Refused: if an earlier try stopped in the middle; a world half made is thrown away, not mended.
    """
    if not _begin(now):
        raise Refused("An earlier try stopped in the middle. ./dev reset starts over.")
    with stand_in():
        personas = people.make_people(now=now)
        yield STAGES[0]
        labs = board.make_labs(personas, now=now - timedelta(days=45))
        board.make_gigs(labs, now=now)
        yield STAGES[1]
        hires.make_persona_expert(personas["expert"], vetter=personas["vetting"], now=now)
        start_expert(by=personas["newcomer"], now=now)
        hires.make_cases(people=personas, now=now)
        yield STAGES[2]
        contracts = _make_contracts(personas, now=now)
        yield STAGES[3]
        _make_work(contracts, personas, now=now)
        yield STAGES[4]
        failing = contracts[-1].expert.user
        for _week in weeks.live_through_weeks(
            contracts, preparer=personas["preparer"], approver=personas["approver"], failing=failing, now=now
        ):
            pass
        yield STAGES[5]
    _finish(now)


@transaction.atomic(durable=True)
def _begin(now: datetime) -> bool:
    _, created = WorldStage.objects.get_or_create(name=WORLD, defaults={"begun_at": now})
    return created


@transaction.atomic(durable=True)
def _finish(now: datetime) -> None:
    WorldStage.objects.filter(name=WORLD).update(done_at=now)


def _make_contracts(personas: dict[str, User], *, now: datetime) -> list[Contract]:
    chance = random.Random(5)
    taken = {user.pk for user in personas.values()}
    began = now - timedelta(days=38)
    projects = {project.title: project for project in Project.objects.select_related("lab")}
    flagship = projects[board.FLAGSHIP]
    imani = personas["expert"]
    plans = [
        Hire(imani, projects["Cardiology answer review"], 225_00, 20),
        Hire(imani, flagship, 210_00, 10),
    ]
    plans += [Hire(user, flagship, 210_00, 20) for user in pick_experts(6, "medicine", chance, taken)]
    for title, field, count in TEAMS:
        project = projects[title]
        rate = (project.rate_min_minor or 0) + chance.randrange(0, 3) * 5_00
        plans += [
            Hire(user, project, rate, project.weekly_hours_cap) for user in pick_experts(count, field, chance, taken)
        ]
    contracts = []
    for number, plan in enumerate(plans):
        _let_vet(plan, now=began - timedelta(days=2))
        contracts.append(hire(plan, now=max(began, plan.project.published_at or began) + timedelta(minutes=number)))
    _open_accounts(contracts, now=began + timedelta(days=1))
    hires.make_candidates(flagship, pick_experts(9, "medicine", chance, taken), now=now)
    hires.make_candidates(projects["Cardiology answer review"], pick_experts(4, "medicine", chance, taken), now=now)
    return contracts


def _let_vet(plan: Hire, *, now: datetime) -> None:
    """Give the expert what the project requires, at the step it requires."""
    hires.meet_requirements(Expert.objects.get(user=plan.user), plan.project, now=now)


def _open_accounts(contracts: list[Contract], *, now: datetime) -> None:
    seen: set[int] = set()
    for number, contract in enumerate(contracts):
        user = contract.expert.user
        if user.pk in seen or number % 11 == 10:  # a few have none yet, so that a hold is there to see
            continue
        seen.add(user.pk)
        country = contract.expert.country if contract.expert.country in PAID_COUNTRIES else "US"
        open_payout_account(user, country, last4=f"{4400 + number}", now=now)


def _make_work(contracts: list[Contract], personas: dict[str, User], *, now: datetime) -> None:
    chance = random.Random(8)
    owner, reviewer = personas["lab-owner"], personas["lab-reviewer"]
    cardiology = next(row.project for row in contracts if row.project.title == "Cardiology answer review")
    flagship = next(row.project for row in contracts if row.project.title == board.FLAGSHIP)
    work.make_batch(cardiology, "Heart failure drugs", prefix="LF", rounds=4, by=owner, now=now - timedelta(days=13))
    work.make_batch(flagship, "First answers", prefix="PTN", rounds=3, by=owner, now=now - timedelta(days=6))
    mine = [row for row in contracts if row.project in {cardiology, flagship}]
    handed_in = []
    for number, contract in enumerate(mine):
        begin = now - timedelta(days=4 if contract.project == flagship else 6, hours=number)
        handed_in += [(contract, one) for one in work.answer_tasks(contract, 5, chance, now=begin)]
    imani = personas["expert"]
    returned = False
    for place, (contract, assignment) in enumerate(handed_in):
        if place % 4 == 3:
            continue  # waits for a reviewer
        sent_back = contract.expert.user == imani and not returned and place % 4 == 2
        returned = returned or sent_back
        moment = now - timedelta(hours=3 + (len(handed_in) - place) * 70 // len(handed_in), minutes=7)
        work.review(assignment, accept=not sent_back, by=reviewer, now=moment)
    work.start_a_task(contracts[0], chance, now=now - timedelta(minutes=12))
