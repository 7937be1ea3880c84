"""Vetting in the demonstration world: credentials, cases and decisions, through the product's own actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from experts.credentials.actions.credentials import climb_ladder, declare_credential
from experts.credentials.enums import CredentialKind, LadderStep
from experts.credentials.models import Credential
from experts.profiles.actions import (
    AboutYou,
    ConflictFacts,
    EducationFacts,
    WorkFacts,
    WorkTerms,
    add_entry,
    edit_profile,
    start_expert,
)
from experts.profiles.models import Expert, Field
from experts.vetting.actions.cases import open_case
from experts.vetting.actions.checks import work_check
from experts.vetting.actions.claims import claim_case
from experts.vetting.actions.decisions import decide_case
from experts.vetting.enums import CaseState, Outcome, ReasonCode
from experts.vetting.models import Case
from marketplace.accounts.models import User
from marketplace.demo.actions.people import personas
from projects.listings.models import Project

CASES = 14
DECLINED, ASKED, TAKEN, LEFT_TO_THE_WORKER = 12, 8, 7, 13
"""What becomes of some of the cases, by their number; from 9 on they are decided, below 7 they wait."""

ASK = "Please add a picture or PDF of the degree; we have only what you declared."
NO = (
    "The degree and the years in your profile do not agree: it was awarded after the first years that you list. "
    "Correct the dates, or explain them, and ask again."
)


def make_cases(*, now: datetime) -> None:
    """Vet the first persona, and make cases in every state: most wait for a person, one had more asked."""
    people = personas()
    vetter, second = people["vetting"], people["second-vetter"]
    _vet_first_persona(people["expert"], vetter=vetter, now=now)
    start_expert(by=people["newcomer"], now=now)
    experts = Expert.objects.filter(user__email__startswith="expert").select_related("user").order_by("pk")[:CASES]
    for number, expert in enumerate(experts):
        moment = now - timedelta(hours=6 + 5 * number)
        field = expert.field_entries.select_related("field").order_by("pk")[0].field
        declare(expert, CredentialKind.DEGREE, title=f"Degree in {field.name}", issuer="Invented University",
                awarded_year=2008, now=moment)  # fmt: skip
        case = case_of(expert, field, now=moment)
        if number == LEFT_TO_THE_WORKER:
            continue
        work_checks(case, now=moment + timedelta(minutes=2))
        if number == DECLINED:
            decide(
                case, Outcome.DECLINE, ReasonCode.STATEMENTS_DISAGREE, NO, by=second, now=moment + timedelta(hours=5)
            )
        elif number > ASKED:
            approve(case, by=second, now=moment + timedelta(hours=5))
        elif number == ASKED:
            decide(
                case, Outcome.ASK_FOR_MORE, ReasonCode.DOCUMENT_MISSING, ASK, by=second, now=moment + timedelta(hours=1)
            )
        elif number == TAKEN:
            claim_case(case_id=case.public_id, by=vetter, now=now - timedelta(minutes=20))


def _vet_first_persona(user: User, *, vetter: User, now: datetime) -> None:
    """Dr Imani Okafor: a complete profile, a licence and an NPI, vetted in cardiology."""
    began = now - timedelta(days=44)
    expert = start_expert(by=user, now=began)
    cardiology = Field.objects.get(code="cardiology")
    edit_profile(
        expert_id=expert.public_id,
        by=user,
        now=began,
        about=AboutYou(
            headline="Cardiologist, heart failure clinic",
            about="Eleven years in a heart failure clinic. I teach residents to say what they do not know.",
            country="US",
            years_experience=11,
        ),
        fields={cardiology.pk: 11},
        languages={"en": "NATIVE", "ig": "C1"},
        terms=WorkTerms(rate_desired_minor=220_00, rate_minimum_minor=180_00, weekly_hours=20),
        free_hours={(day, hour) for day in (1, 2, 4) for hour in range(19, 22)} | {(6, hour) for hour in range(8, 13)},
    )
    _write_history(expert, now=began)
    expires = date(now.year + 2, 6, 30)
    declare(expert, CredentialKind.NPI, number="1234567893", now=began)
    declare(expert, CredentialKind.MEDICAL_LICENCE, country="US", region="MA", number="212345", expires_on=expires,
            now=began)  # fmt: skip
    case = case_of(expert, cardiology, now=began)
    work_checks(case, now=began + timedelta(minutes=1))
    approve(case, by=vetter, now=began + timedelta(days=1))


def _write_history(expert: Expert, *, now: datetime) -> None:
    """What she did, where she learned it, and whose data she may not see; nothing twice when a stage is gone on with."""
    if expert.work.exists():
        return
    clinic = "Brightwater Heart Clinic, Boston"
    facts = (
        EducationFacts("Invented University of Lagos", "MBBS", "Medicine", date(2003, 9, 1), date(2009, 6, 1)),
        WorkFacts("Resident in internal medicine", "Invented General Hospital", date(2010, 7, 1), date(2013, 6, 1)),
        ConflictFacts("Cardexa Pharma", date(2021, 3, 1), note="I sit on an advisory board of theirs."),
        WorkFacts("Attending cardiologist, heart failure", clinic, date(2015, 1, 1), summary="Clinic and teaching."),
    )
    for one in facts:
        add_entry(expert_id=expert.public_id, facts=one, by=expert.user, now=now)


# ------------------------------------------------------------------------------------------------------------- cases


def declare(expert: Expert, kind: CredentialKind, *, now: datetime, **facts: Any) -> Credential:
    """Declare a credential, unless the expert has one of this kind."""
    credential: Credential | None = expert.credentials.standing().filter(kind=kind).first()
    return credential or declare_credential(expert_id=expert.public_id, kind=kind, by=expert.user, now=now, **facts)


def case_of(expert: Expert, field: Field, *, now: datetime) -> Case:
    """Ask to be vetted, unless the expert has done so."""
    case: Case | None = Case.objects.filter(expert=expert, field=field).order_by("-pk").first()
    return case or open_case(expert_id=expert.public_id, field_id=field.pk, by=expert.user, now=now)


def work_checks(case: Case, *, now: datetime) -> None:
    """Do what the worker would with the checks of a case."""
    for check_id in case.checks.due(now).values_list("pk", flat=True):
        work_check(check_id=check_id, now=now)


def approve(case: Case, *, by: User, now: datetime) -> None:
    """Take the case and approve it, unless that was done."""
    decide(case, Outcome.APPROVE, ReasonCode.MEETS_STANDARD, "Experience and documents agree.", by=by, now=now)


def decide(case: Case, outcome: Outcome, code: ReasonCode, reason: str, *, by: User, now: datetime) -> None:
    """Take the case and decide it, unless that was done."""
    case.refresh_from_db(fields=["state"])
    if case.state != CaseState.AWAITING_DECISION:
        return
    claim_case(case_id=case.public_id, by=by, now=now)
    evidence = list(case.checks.values_list("pk", flat=True)[:1]) if outcome != Outcome.ASK_FOR_MORE else []
    decide_case(
        case_id=case.public_id, outcome=outcome, reason_code=code, reason=reason, evidence_check_ids=evidence, by=by,
        now=now + timedelta(minutes=40),
    )  # fmt: skip


# ------------------------------------------------------------------------------------- what a listing asks for


def meet_requirements(expert: Expert, project: Project, *, vetter: User, now: datetime) -> None:
    """Let the expert have declared, and staff have confirmed, what the project requires."""
    _live_and_speak(expert, project, now=now)
    for asked in project.requirements.filter(is_required=True).select_related("field"):
        if asked.field is not None:
            _vet(expert, asked.field, vetter, now=now)
        else:
            _confirm(expert, CredentialKind(asked.credential_kind), asked.step, vetter, now=now)


def _live_and_speak(expert: Expert, project: Project, *, now: datetime) -> None:
    """Move the expert to a country of the listing, and let them speak its languages."""
    country = expert.country if not project.countries or expert.country in project.countries else project.countries[0]
    spoken = dict(expert.languages.values_list("code", "level"))
    if country == expert.country and set(project.languages) <= set(spoken):
        return
    about = AboutYou(expert.headline, expert.about, country, expert.years_experience)
    languages = dict.fromkeys(project.languages, "C2") | spoken
    edit_profile(expert_id=expert.public_id, by=expert.user, now=now, about=about, languages=languages)
    expert.refresh_from_db()


def _vet(expert: Expert, field: Field, vetter: User, *, now: datetime) -> None:
    if Case.objects.approved().filter(expert=expert, field=field).exists():
        return
    years = dict(expert.field_entries.values_list("field_id", "years"))
    if field.pk not in years:
        edit_profile(expert_id=expert.public_id, by=expert.user, now=now, fields={**years, field.pk: 5})
    if not expert.credentials.exists():
        _confirm(expert, CredentialKind.DEGREE, LadderStep.DECLARED, vetter, now=now)
    case = case_of(expert, field, now=now)
    work_checks(case, now=now + timedelta(minutes=1))
    approve(case, by=vetter, now=now + timedelta(hours=2))


def _confirm(expert: Expert, kind: CredentialKind, step: str, vetter: User, *, now: datetime) -> None:
    numbered: dict[CredentialKind, dict[str, Any]] = {
        CredentialKind.MEDICAL_LICENCE: {
            "number": f"{200000 + expert.pk}", "country": "US", "region": "MA", "expires_on": date(now.year + 2, 1, 31),
        },
        CredentialKind.FIDE: {"number": f"{2000000 + expert.pk}"},
        CredentialKind.BAR_ADMISSION: {"number": f"{300000 + expert.pk}", "country": "US", "region": "NY"},
    }  # fmt: skip
    titled = {"title": kind.label, "issuer": "Invented issuer", "awarded_year": 2010}
    credential = declare(expert, kind, now=now, **numbered.get(kind, titled))
    if not credential.stands_at_least_at(step):
        climb_ladder(
            credential_id=credential.public_id, to_step=LadderStep.CONFIRMED, by=vetter, now=now,
            source="Issuer's public register", seen_on=now.date(), explanation="Name and number agree.",
        )  # fmt: skip
