"""The labs of the demonstration world, their gigs, and the money on deposit for them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from experts.credentials.enums import LadderStep
from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.demo.actions.people import make_owner
from marketplace.demo.queries import PASSWORD
from marketplace.demo.world.gigs import GIGS, DemoGig
from marketplace.demo.world.labs import LABS, DemoLab
from marketplace.demo.world.standin import order
from payments.funding.actions import deliver_event, fold_checkout_session
from payments.funding.models import FundingEvent
from projects.labs.actions import add_member, create_lab
from projects.labs.enums import LabRole
from projects.labs.models import Lab
from projects.listings.actions.funding import fund_project
from projects.listings.actions.projects import create_project, pause_project, publish_project
from projects.listings.actions.shape import Listing, Wanted
from projects.listings.models import Project
from projects.listings.starters import STANDARD_TERMS

FLAGSHIP = "Physician Talent Network"
FLAGSHIP_FUNDS = 120_000_00


def make_labs(people: dict[str, User], *, now: datetime) -> list[Lab]:
    """Found the labs; the persona who owns the first one invites a reviewer."""
    password = make_password(PASSWORD)
    labs = [_make_lab(demo, make_owner(demo.owner, password=password), now=now) for demo in LABS]
    add_member(
        lab_id=labs[0].pk, email=people["lab-reviewer"].email, role=LabRole.REVIEWER, by=people["lab-owner"], now=now
    )
    return labs


def _make_lab(demo: DemoLab, owner: User, *, now: datetime) -> Lab:
    lab = create_lab(name=demo.name, by=owner, now=now, country=demo.country, about=demo.about)
    Lab.objects.filter(pk=lab.pk).update(
        is_demonstration=True, is_anonymous=demo.is_anonymous, legal_name=f"{demo.name} (invented)"
    )
    return lab


def make_gigs(labs: list[Lab], *, now: datetime) -> list[Project]:
    """Post, fund and publish the gigs over the last weeks; one is paused and one stays a draft."""
    chance = random.Random(11)
    codes = dict(Field.objects.values_list("code", "pk"))
    flagship = _publish(labs[0], _flagship(codes), FLAGSHIP_FUNDS, now=now - timedelta(days=40))
    projects = [flagship]
    for number, gig in enumerate(GIGS):
        posted = now - timedelta(days=chance.randint(1, 35), minutes=chance.randint(0, 1200))
        listing = _listing(gig, codes, chance, now=now)
        weeks = chance.choice([2, 4, 8, 12])
        funds = round(gig.high * 1.1) * gig.hours * min(gig.places, 6) * weeks * 100
        if number == len(GIGS) - 1:
            projects.append(
                create_project(lab_id=labs[gig.lab].pk, listing=listing, by=_owner(labs[gig.lab]), now=posted)
            )
        else:
            projects.append(_publish(labs[gig.lab], listing, min(max(funds, 2_000_00), 400_000_00), now=posted))
    paused = next(row for row in projects if row.title == "Bridge bidding reasons")
    pause_project(
        project_id=paused.pk,
        reason="The tasks of the next round are being rewritten after the first reviews.",
        expected_back_on=(now + timedelta(days=9)).date(),
        by=_owner(paused.lab),
        now=now - timedelta(days=2),
    )
    return projects


def _publish(lab: Lab, listing: Listing, funds_minor: int, *, now: datetime) -> Project:
    owner = _owner(lab)
    project = create_project(lab_id=lab.pk, listing=listing, by=owner, now=now)
    fund(project, funds_minor, by=owner, now=now)
    return publish_project(project_id=project.pk, by=owner, now=now)


def fund(project: Project, amount_minor: int, *, by: User, now: datetime) -> None:
    """Pay in through Checkout as a lab does: the stand-in presses its own button, then the deposit is folded."""
    deposit = fund_project(project_id=project.pk, amount_minor=amount_minor, by=by, now=now)
    order("pay", {"session": deposit.stripe_session_id, "button": "card", "at_once": True})
    fold_checkout_session(session_id=str(deposit.stripe_session_id), now=now)
    for event_id in FundingEvent.objects.due(now).values_list("pk", flat=True):
        deliver_event(event_id=event_id, now=now)


def _owner(lab: Lab) -> User:
    return User.objects.get(lab_memberships__lab=lab, lab_memberships__role=LabRole.OWNER)


def _flagship(codes: dict[str, int]) -> Listing:
    return Listing(
        title=FLAGSHIP,
        summary="Doctors of any specialty write clinical scenarios, review model answers and give expert feedback, "
        "up to $250 an hour, whenever suits them.",
        sections=_sections(
            "decide what a careful doctor would say, and where a model's answer departs from it",
            "Larkfield Labs is testing whether a medical model gives advice a careful doctor would sign. Every case is "
            "invented; no patient data is used.",
            250,
        ),
        field_ids=(codes["medicine"], codes["internal-medicine"]),
        kinds=("SCENARIO", "ANSWER_REVIEW", "FEEDBACK"),
        rate_min_minor=180_00,
        rate_max_minor=250_00,
        weekly_hours_min=5,
        weekly_hours_cap=30,
        expected_weeks=12,
        places_wanted=40,
        countries=(),
        languages=("en",),
        questions=(
            "Which conditions do you see most often?",
            "Describe an answer you once had to correct, and how you explained it.",
        ),
        requirements=(Wanted(credential_kind="MEDICAL_LICENCE", step=LadderStep.FORMAT_VALID),),
        terms_text=STANDARD_TERMS,
    )


def _listing(gig: DemoGig, codes: dict[str, int], chance: random.Random, *, now: datetime) -> Listing:
    requirements = [Wanted(field_id=codes[gig.fields[0]], is_required=chance.random() < 0.5)]
    if gig.credential:
        requirements.append(Wanted(credential_kind=gig.credential, step=LadderStep.DOCUMENT_SEEN))
    closes = now + timedelta(days=chance.randint(2, 45), hours=chance.randint(0, 20))
    return Listing(
        title=gig.title,
        summary=gig.about,
        sections=_sections(gig.about[:1].lower() + gig.about[1:].rstrip("."), gig.about, gig.high),
        field_ids=tuple(codes[code] for code in gig.fields),
        kinds=gig.kinds,
        rate_min_minor=gig.low * 100,
        rate_max_minor=gig.high * 100,
        weekly_hours_min=max(2, gig.hours // 3),
        weekly_hours_cap=gig.hours,
        expected_weeks=chance.choice([4, 6, 8, 12]),
        closes_at=closes,
        places_wanted=gig.places,
        countries=gig.countries,
        languages=gig.languages,
        questions=("What in your work has prepared you for this?",),
        requirements=tuple(requirements),
        terms_text=STANDARD_TERMS,
    )


def _sections(task: str, why: str, high: int) -> dict[str, str]:
    return {
        "role": why,
        "what_you_will_do": f"You {task}.\n\n- Each task shows its instructions and how long it should take\n"
        "- Drafts are saved as you type\n- A second expert reads a share of the work and says exactly what to fix",
        "who_you_are": "You practise what the tasks are about, write plainly, and say when you are not sure.",
        "what_success_looks_like": "A colleague who reads your work can act on it without asking you anything.",
        "time_and_place": "In the browser, at hours of your choice, up to the weekly limit.",
        "pay_and_terms": f"Up to ${high} an hour, paid every Friday for the week before. The fee comes on top.",
        "steps_to_apply": "Answer the screening questions, declare conflicts of interest, submit. The lab answers "
        "within ten days.",
    }
