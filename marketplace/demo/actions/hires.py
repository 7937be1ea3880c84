"""Vetting, applications, offers and contracts of the demonstration world, through the product's own actions."""

from __future__ import annotations

import random
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from experts.credentials.actions.credentials import climb_ladder, declare_credential
from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.actions.profiles import AboutYou, WorkTerms, edit_profile, start_expert
from experts.profiles.models import Expert, Field
from experts.vetting.actions.cases import claim_case, open_case
from experts.vetting.actions.checks import settle_checked_cases, work_check
from experts.vetting.actions.decisions import decide_case
from experts.vetting.models import Case, Check
from marketplace.accounts.models import User
from payments.payouts.actions.accounts import onboarding_url, refresh_account, start_account
from payments.payouts.models import PayoutAccount
from projects.hiring.actions.applications import (
    decline_application,
    save_application,
    shortlist_application,
    start_application,
    submit_application,
)
from projects.hiring.actions.offers import accept_offer, make_offer, sign_terms
from projects.hiring.enums import DeclineCode
from projects.hiring.models import Application, Contract
from projects.labs.enums import LabRole
from projects.listings.models import Project

NOTE = "I do this kind of review in my practice every week and would be glad to do it where it is read."
ANSWER = "Mostly the common things, done carefully. The last correction I made was about a dose in renal failure."
DECLINED = "Your experience is strong, but this round needs people who see these patients every week."


def make_persona_expert(user: User, *, vetter: User, now: datetime) -> Expert:
    """Dr Imani Okafor: a complete profile, a licence and an NPI, vetted in cardiology."""
    began = now - timedelta(days=44)
    expert = start_expert(by=user, now=began)
    field_id = Field.objects.get(code="cardiology").pk
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
        fields={field_id: 11},
        languages={"en": "NATIVE", "ig": "C1"},
        terms=WorkTerms(rate_desired_minor=220_00, rate_minimum_minor=180_00, weekly_hours=20),
        conflicts=["Any maker of heart failure drugs"],
    )
    _declare(expert, user, now=began)
    case = open_case(expert_id=expert.public_id, field_id=field_id, by=user, now=began)
    work_checks(now=began + timedelta(minutes=1))
    _approve(case, vetter, now=began + timedelta(days=1))
    return expert


def _declare(expert: Expert, user: User, *, now: datetime) -> None:
    declare_credential(expert_id=expert.public_id, kind=CredentialKind.NPI, number="1234567893", by=user, now=now)
    declare_credential(
        expert_id=expert.public_id,
        kind=CredentialKind.MEDICAL_LICENCE,
        country="US",
        region="MA",
        number="212345",
        expires_on=date(now.year + 2, 6, 30),
        by=user,
        now=now,
    )


def make_cases(*, people: dict[str, User], now: datetime) -> None:
    """Cases in every state: most wait for a person, some are claimed, some decided, one had more asked."""
    vetter, second = people["vetting"], people["second-vetter"]
    experts = list(Expert.objects.exclude(user__in=people.values()).select_related("user").order_by("pk")[:14])
    for number, expert in enumerate(experts):
        moment = now - timedelta(hours=6 + 5 * number)
        entry = expert.field_entries.select_related("field").order_by("pk")[0]
        declare_credential(
            expert_id=expert.public_id, kind=CredentialKind.DEGREE, title="Degree in " + entry.field.name,
            issuer="Invented University", awarded_year=2008, by=expert.user, now=moment,
        )  # fmt: skip
        case = open_case(expert_id=expert.public_id, field_id=entry.field_id, by=expert.user, now=moment)
        if number == 13:
            continue  # its checks are left to the worker
        work_checks(now=moment + timedelta(minutes=2))
        if number >= 9:
            _approve(case, second, now=moment + timedelta(hours=5))
        elif number == 8:
            claim_case(case_id=case.public_id, by=second, now=moment + timedelta(hours=1))
            decide_case(
                case_id=case.public_id, outcome="ASK_FOR_MORE", reason_code="DOCUMENT_MISSING",
                reason="Please add a picture or PDF of the degree; we have only what you declared.",
                evidence_check_ids=[], by=second, now=moment + timedelta(hours=2),
            )  # fmt: skip
        elif number == 7:
            claim_case(case_id=case.public_id, by=vetter, now=moment + timedelta(hours=1))


def _approve(case: Case, vetter: User, *, now: datetime) -> None:
    claim_case(case_id=case.public_id, by=vetter, now=now)
    decide_case(
        case_id=case.public_id, outcome="APPROVE", reason_code="MEETS_STANDARD", reason="Experience and documents agree.",
        evidence_check_ids=list(case.checks.values_list("pk", flat=True)[:1]), by=vetter, now=now,
    )  # fmt: skip


def work_checks(*, now: datetime) -> None:
    """Do what the worker would: run the checks that are due, then settle the cases."""
    for check_id in Check.objects.due(now).values_list("pk", flat=True):
        work_check(check_id=check_id, now=now)
    settle_checked_cases(now=now)


@dataclass(frozen=True, slots=True)
class Hire:
    """Who is hired where, at which rate in minor units and weekly hours."""

    user: User
    project: Project
    rate_minor: int
    hours: int


def hire(plan: Hire, *, now: datetime) -> Contract:
    """Apply, be shortlisted, get an offer, sign and accept: six actions, as people press them."""
    manager = _manager(plan.project)
    application = _apply(plan.user, plan.project, now=now)
    shortlist_application(application_id=application.public_id, by=manager, now=now + timedelta(hours=3))
    offer = make_offer(
        application_id=application.public_id,
        by=manager,
        rate_minor=plan.rate_minor,
        weekly_cap_hours=plan.hours,
        starts_on=(now + timedelta(days=1)).date(),
        message="We would like to work with you.",
        now=now + timedelta(hours=4),
    )
    signed = now + timedelta(hours=6)
    sign_terms(offer_id=offer.public_id, by=plan.user, typed_name=plan.user.full_name, address="127.0.0.1", now=signed)
    return accept_offer(offer_id=offer.public_id, by=plan.user, defer_payout_account=True, now=signed)


def _apply(user: User, project: Project, *, now: datetime) -> Application:
    application = start_application(project_id=project.public_id, by=user, now=now)
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


def _manager(project: Project) -> User:
    return User.objects.filter(lab_memberships__lab=project.lab, lab_memberships__role=LabRole.OWNER).get()


def make_candidates(project: Project, users: list[User], *, now: datetime) -> None:
    """People in the pipeline: submitted, shortlisted, with an open offer, and one declined."""
    manager = _manager(project)
    for number, user in enumerate(users):
        moment = now - timedelta(days=1 + number, hours=number)
        application = _apply(user, project, now=moment)
        later = moment + timedelta(hours=5)
        if number % 3 == 1:
            shortlist_application(application_id=application.public_id, by=manager, now=later)
        if number == 4:
            make_offer(
                application_id=application.public_id, by=manager, rate_minor=project.rate_min_minor or 100_00,
                weekly_cap_hours=10, starts_on=(now + timedelta(days=3)).date(), message="", now=later,
            )  # fmt: skip
        if number == 5:
            decline_application(
                application_id=application.public_id,
                by=manager,
                code=DeclineCode.EXPERIENCE,
                reason=DECLINED,
                now=later,
            )


def open_payout_account(user: User, country: str, *, last4: str, now: datetime) -> PayoutAccount:
    """Set up where a person is paid, by filling in the stand-in's own form."""
    start_account(country=country, by=user, now=now)
    link = onboarding_url(by=user, refresh_url="http://127.0.0.1/", return_url="http://127.0.0.1/")
    form = urllib.parse.urlencode({"country": country, "last4": last4, "choice": "finish"}).encode()
    opener = urllib.request.build_opener(_StayHere)
    opener.open(link, data=form, timeout=15).close()
    account = PayoutAccount.objects.get(user=user)
    refresh_account(stripe_account_id=str(account.stripe_account_id), now=now)
    return PayoutAccount.objects.get(user=user)


class _StayHere(urllib.request.HTTPRedirectHandler):
    """The form leads back to the product; the world only needs its effect."""

    def http_error_303(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        return fp

    http_error_302 = http_error_303


def pick_experts(count: int, field: str | None, chance: random.Random, taken: set[int]) -> list[User]:
    """Choose experts of a field (or any) who are not taken yet."""
    rows = Expert.objects.filter(user__email__startswith="expert").exclude(user_id__in=taken).select_related("user")
    if field is not None:
        rows = rows.filter(field_entries__field__parent__code=field)
    found = list(rows.order_by("pk").distinct())
    chosen = [expert.user for expert in chance.sample(found, min(count, len(found)))]
    taken.update(user.pk for user in chosen)
    return chosen


def meet_requirements(expert: Expert, project: Project, *, now: datetime) -> None:
    """Let the expert have declared, and staff have confirmed, what the project requires."""
    staff = User.objects.get(email="vera.castillo@demo.preceptor.example")
    _live_and_speak(expert, project, now=now)
    for asked in project.requirements.filter(is_required=True).select_related("field"):
        if asked.field is not None:
            _vet(expert, asked.field, staff, now=now)
        else:
            _confirm(expert, asked.credential_kind, asked.step, staff, now=now)


def _live_and_speak(expert: Expert, project: Project, *, now: datetime) -> None:
    """Move the expert to a country of the listing, and let them speak its languages."""
    country = expert.country if not project.countries or expert.country in project.countries else project.countries[0]
    spoken = dict(expert.languages.values_list("code", "level"))
    about = AboutYou(expert.headline, expert.about, country, expert.years_experience)
    languages = dict.fromkeys(project.languages, "C2") | spoken
    edit_profile(expert_id=expert.public_id, by=expert.user, now=now, about=about, languages=languages)
    expert.refresh_from_db()


def _vet(expert: Expert, field: Field, staff: User, *, now: datetime) -> None:
    if Case.objects.filter(expert=expert, field=field, state="APPROVED").exists():
        return
    years = dict(expert.field_entries.values_list("field_id", "years"))
    if field.pk not in years:
        edit_profile(expert_id=expert.public_id, by=expert.user, now=now, fields={**years, field.pk: 5})
    if not expert.credentials.exists():
        _confirm(expert, CredentialKind.DEGREE, LadderStep.DECLARED, staff, now=now)
    case = open_case(expert_id=expert.public_id, field_id=field.pk, by=expert.user, now=now)
    work_checks(now=now + timedelta(minutes=1))
    _approve(case, staff, now=now + timedelta(hours=2))


def _confirm(expert: Expert, kind: str, step: str, staff: User, *, now: datetime) -> None:
    credential = expert.credentials.standing().filter(kind=kind).first()
    if credential is None:
        numbered = {
            CredentialKind.MEDICAL_LICENCE: {"number": f"{200000 + expert.pk}", "country": "US", "region": "MA"},
            CredentialKind.FIDE: {"number": f"{2000000 + expert.pk}"},
            CredentialKind.BAR_ADMISSION: {"number": f"{300000 + expert.pk}", "country": "US", "region": "NY"},
        }
        facts: dict[str, Any] = numbered.get(CredentialKind(kind), {})
        if kind == CredentialKind.MEDICAL_LICENCE:
            facts["expires_on"] = date(now.year + 2, 1, 31)
        titled = {"title": CredentialKind(kind).label, "issuer": "Invented issuer", "awarded_year": 2010}
        credential = declare_credential(
            expert_id=expert.public_id, kind=kind, by=expert.user, now=now, **(facts or titled)
        )
    if not credential.stands_at_least_at(step):
        climb_ladder(
            credential_id=credential.public_id, to_step=LadderStep.CONFIRMED, by=staff, now=now,
            source="Issuer's public register", seen_on=now.date(), explanation="Name and number agree.",
        )  # fmt: skip
