"""Twelve weeks of decided cases for the pictures of vetting, with second opinions and appeals in every state."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from experts.credentials.enums import CredentialKind
from experts.profiles.models import Expert
from experts.vetting.actions.appeals import file_appeal, judge_appeal
from experts.vetting.actions.claims import claim_case
from experts.vetting.actions.opinions import ask_opinion, give_opinion
from experts.vetting.enums import AppealOutcome, CaseState, Outcome, ReasonCode
from experts.vetting.models import Appeal, Case, Hit, Opinion
from marketplace.accounts.models import User
from marketplace.demo.actions.people import personas
from marketplace.demo.actions.vetting import approve, case_of, decide, declare, work_checks

HISTORY = 36
"""How many experts, the last that were invented, have a case that was decided some time ago."""

EVERY_DECLINED, EVERY_APPEALED = 4, 2
NO = (
    "You showed three years in this field, from 2021 to 2024. It asks for more practice than that, because experts here "
    "judge the answers of others. Ask again when more of it is behind you, or show work that we have not seen."
)
OBJECTION = (
    "My first four years are under “Education” in the profile, because I was paid as a resident then. They were clinical "
    "work in this very field; the contract is among my documents."
)
STANDS = (
    "I read the contract and the profile again. The four years were in another field for most of the time, as the contract "
    "itself says on its second page, so the years that count stay three."
)
OVERTURNED = (
    "The contract shows four years of clinical work in this field before the first year that was counted. They were left "
    "out because they stand under education. With them there are seven, which is what the field asks for."
)
LOOK = "Please look at the dates of the degree and of the first post."
SECOND = "The dates fit if the residency is counted as work, which I would do. I see nothing that speaks against it."


def make_verdicts(*, now: datetime) -> None:
    """Decide cases over twelve weeks, a quarter of them against the expert, let half of those appeal, and ask for opinions."""
    people = personas()
    deciders = (people["second-vetter"], people["vetting"])
    experts = Expert.objects.filter(user__email__startswith="expert").select_related("user").order_by("-pk")[:HISTORY]
    chance = random.Random(50)
    for number, expert in enumerate(experts):
        opened = now - timedelta(days=3 + 2.25 * number, hours=chance.randrange(9))
        decided = opened + timedelta(hours=chance.choice([5, 9, 20, 26, 31, 44, 52, 70]) if number else 20)
        decider, judge = deciders[number % 2], deciders[(number + 1) % 2]
        case = _asked(expert, now=opened)
        if Hit.objects.blocking().filter(expert=expert).exists():
            continue  # A name like one on the list: people compare them first.
        if number % EVERY_DECLINED:
            approve(case, by=decider, now=decided)
            continue
        decide(case, Outcome.DECLINE, ReasonCode.EXPERIENCE_TOO_SHORT, NO, by=decider, now=decided)
        if number // EVERY_DECLINED % EVERY_APPEALED == 0:
            outcome = None if not number else AppealOutcome.APPROVED if number % 3 == 0 else AppealOutcome.UPHELD
            _appeal(case, outcome, by=judge, now=decided + timedelta(hours=18))
    _ask_for_opinions(people, now=now)


def _ask_for_opinions(people: dict[str, User], *, now: datetime) -> None:
    """In two of the waiting cases, a second opinion: one asked of the persona, one given to them."""
    if Opinion.objects.exists():
        return
    vetter, second = people["vetting"], people["second-vetter"]
    waiting = Case.objects.awaiting_decision().filter(claimed_by__isnull=True).order_by("pk")[:2]
    for case, asks, gives in zip(waiting, (second, vetter), (vetter, second), strict=False):
        claim_case(case_id=case.public_id, by=asks, now=now - timedelta(hours=1))
        ask_opinion(case_id=case.public_id, own_leaning=Outcome.ASK_FOR_MORE, by=asks, of_id=gives.public_id, question=LOOK,
                    now=now - timedelta(minutes=50))  # fmt: skip
        if gives == second:
            give_opinion(case_id=case.public_id, leaning=Outcome.APPROVE, words=SECOND, by=gives,
                         now=now - timedelta(minutes=20))  # fmt: skip


def _asked(expert: Expert, *, now: datetime) -> Case:
    field = expert.field_entries.select_related("field").order_by("pk")[0].field
    declare(expert, CredentialKind.DEGREE, title=f"Degree in {field.name}", issuer="Invented University",
            awarded_year=2012, now=now)  # fmt: skip
    case = case_of(expert, field, now=now)
    work_checks(case, now=now + timedelta(minutes=2))
    return case


def _appeal(case: Case, outcome: AppealOutcome | None, *, by: User, now: datetime) -> None:
    """File an appeal and have it judged, as far as that was not done."""
    case.refresh_from_db()
    if case.state == CaseState.DECLINED and not Appeal.objects.filter(case=case).exists():
        file_appeal(case_id=case.public_id, text=OBJECTION, by=case.expert.user, now=now)
        case.refresh_from_db()
    if outcome is None or case.state != CaseState.APPEALED:
        return
    moment = now + timedelta(days=2)
    claim_case(case_id=case.public_id, by=by, now=moment)
    words = STANDS if outcome == AppealOutcome.UPHELD else OVERTURNED
    judge_appeal(case_id=case.public_id, outcome=outcome, reason=words, by=by, now=moment + timedelta(minutes=40))
