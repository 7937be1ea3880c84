"""The labs of the demonstration world, their gigs, and the money on deposit for them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from experts.credentials.enums import LadderStep
from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.demo.actions.people import address_of, personas
from marketplace.demo.world.gigs import GIGS, DemoGig
from marketplace.demo.world.labs import LABS, DemoLab
from marketplace.demo.world.standin import order
from payments.funding.actions import deliver_event, fold_checkout_session
from payments.funding.enums import DepositState
from payments.funding.models import Deposit, FundingEvent
from projects.labs.actions import accept_invitation, create_lab, invite_member, send_invitation_again
from projects.labs.enums import LabRole
from projects.labs.models import Lab, Membership
from projects.listings.actions.funding import fund_project
from projects.listings.actions.projects import create_project, pause_project, publish_project
from projects.listings.actions.shape import Listing, Wanted
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from projects.listings.starters import STANDARD_TERMS

FLAGSHIP = "Physician Talent Network"
FLAGSHIP_FUNDS = 120_000_00
PAUSED = "Bridge bidding reasons"


def make_board(*, now: datetime) -> None:
    """Found the labs, then post, fund and publish their gigs over the last weeks; one is paused, one stays a draft."""
    labs = _make_labs(now=now - timedelta(days=45))
    owners = owners_of_labs()
    there = {project.title: project for project in Project.objects.select_related("lab", "terms")}
    for plan in _plans(now=now):
        post_gig(plan, there.get(plan.listing.title), labs[plan.lab], by=owners[labs[plan.lab].pk])
    paused = Project.objects.get(title=PAUSED)
    if paused.state == ProjectState.OPEN:
        pause_project(
            project_id=paused.pk,
            reason="The tasks of the next round are being rewritten after the first reviews.",
            expected_back_on=(now + timedelta(days=9)).date(),
            by=owners[paused.lab_id],
            now=now - timedelta(days=2),
        )


def owners_of_labs() -> dict[int, User]:
    """Return who owns each lab, by the lab's key."""
    rows = Membership.objects.filter(role=LabRole.OWNER, lab__is_demonstration=True).select_related("user")
    return {row.lab_id: row.user for row in rows}


# --------------------------------------------------------------------------------------------------------------- labs


def _make_labs(*, now: datetime) -> list[Lab]:
    """Found the labs; the persona who owns the first one brings in a reviewer."""
    founders = User.objects.in_bulk([address_of(demo.owner) for demo in LABS], field_name="email")
    there = {lab.name: lab for lab in Lab.objects.filter(created_by__in=founders.values())}
    labs = [_make_lab(demo, founders[address_of(demo.owner)], there.get(demo.name), now=now) for demo in LABS]
    join(labs[0], {"lab-reviewer": LabRole.REVIEWER}, now=now)
    return labs


def join(lab: Lab, roles: dict[str, LabRole], *, now: datetime) -> None:
    """Have the owner of the first lab bring personas in, unless they belong to it."""
    people = personas()
    known = set(Membership.objects.filter(lab=lab).values_list("user", flat=True))
    for slug, role in roles.items():
        if people[slug].pk not in known:
            _invite(lab, people[slug], role, by=people["lab-owner"], now=now)


def _invite(lab: Lab, person: User, role: LabRole, *, by: User, now: datetime) -> None:
    """Invite somebody and let them accept; go on with an invitation that an earlier try has sent."""
    sent = lab.invitations.unanswered().filter(email__iexact=person.email).first()
    if sent is None:
        _invitation, token = invite_member(lab_id=lab.pk, email=person.email, role=role, by=by, now=now)
    else:
        _invitation, token = send_invitation_again(invitation_id=sent.public_id, by=by, now=now)
    accept_invitation(token=token, by=person, now=now)


def _make_lab(demo: DemoLab, owner: User, lab: Lab | None, *, now: datetime) -> Lab:
    if lab is None:
        lab = create_lab(name=demo.name, by=owner, now=now, country=demo.country, about=demo.about)
    if not lab.is_demonstration:
        Lab.objects.filter(pk=lab.pk).update(
            is_demonstration=True, is_anonymous=demo.is_anonymous, legal_name=f"{demo.name} (invented)"
        )
    return lab


# --------------------------------------------------------------------------------------------------------------- gigs


@dataclass(frozen=True, slots=True)
class GigPlan:
    """A gig to be posted: by which lab, when, and with which funds in minor units; without funds it stays a draft."""

    lab: int
    listing: Listing
    funds_minor: int
    posted: datetime


def _plans(*, now: datetime) -> list[GigPlan]:
    """Plan every gig before the first is posted, so that a second try plans the same."""
    chance = random.Random(11)
    codes = dict(Field.objects.values_list("code", "pk"))
    plans = [GigPlan(0, _flagship(codes), FLAGSHIP_FUNDS, now - timedelta(days=40))]
    for number, gig in enumerate(GIGS):
        posted = now - timedelta(days=chance.randint(1, 35), minutes=chance.randint(0, 1200))
        listing = _listing(gig, codes, chance, now=now)
        weeks = chance.choice([2, 4, 8, 12])
        funds = round(gig.high * 1.1) * gig.hours * min(gig.places, 6) * weeks * 100
        is_draft = number == len(GIGS) - 1
        plans.append(GigPlan(gig.lab, listing, 0 if is_draft else min(max(funds, 2_000_00), 400_000_00), posted))
    return plans


def post_gig(plan: GigPlan, project: Project | None, lab: Lab, *, by: User) -> None:
    """Post a gig, or go on with one that an earlier try has posted."""
    if project is not None and project.state != ProjectState.DRAFT:
        return
    begun = _deposit_of(project) if project is not None else None
    if project is None:
        project = create_project(lab_id=lab.pk, listing=plan.listing, by=by, now=plan.posted)
    if plan.funds_minor:
        _fund(project, plan.funds_minor, begun, by=by, now=plan.posted)
        publish_project(project_id=project.pk, by=by, now=plan.posted)


def _deposit_of(project: Project) -> Deposit | None:
    """Return the deposit of a project that has a page to be paid on."""
    rows = Deposit.objects.filter(project_ref=project.public_id, stripe_session_id__isnull=False)
    return rows.order_by("pk").first()


def _fund(project: Project, amount_minor: int, begun: Deposit | None, *, by: User, now: datetime) -> None:
    """Pay in through Checkout as a lab does: the stand-in presses its own button, then the deposit is folded."""
    deposit = begun or fund_project(project_id=project.pk, amount_minor=amount_minor, by=by, now=now)
    session = str(deposit.stripe_session_id)
    if begun is not None:  # An earlier try may have paid and not heard of it.
        deposit = fold_checkout_session(session_id=session, now=now) or deposit
    if deposit.state == DepositState.STARTED:
        order("pay", {"session": session, "button": "card", "at_once": True})
        fold_checkout_session(session_id=session, now=now)
    for event_id in FundingEvent.objects.due(now).values_list("pk", flat=True):
        deliver_event(event_id=event_id, now=now)


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
