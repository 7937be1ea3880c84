"""Cases: asked for, answered and withdrawn by an expert, with a clock that both sides see."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from experts.assessments.actions import close_ask
from experts.profiles.models import Expert, Field
from experts.profiles.queries import missing_from_profile
from experts.vetting import policies
from experts.vetting.actions.checks import start_checks
from experts.vetting.enums import (
    ANSWER_DAYS,
    CASE_MOVES,
    DECISION_DAYS,
    PASSED_ON_DAYS,
    WAITING_FOR_STAFF,
    CaseState,
    Outcome,
)
from experts.vetting.models import Answer, Case, Decision, Opinion
from experts.vetting.queries import has_evidence, judges_of
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import active_superusers, staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, Refused
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

CLOCK = System("vetting.clock")
CLAIM = ("claimed_by", "claimed_at", "claimed_until")
SWEEP_LIMIT = 200
ANSWER_CHARS = 10


@transaction.atomic(durable=True)
def open_case(*, expert_id: UUID, field_id: int, by: User, now: datetime) -> Case:
    """
    Ask to be vetted for a field. This function will create the checks and ring for each; a person decides.

    :raises NotAllowed: if it is not their own profile.
    :raises Refused: if the profile is incomplete, there is nothing to look at, the field is not claimed, or they are
        vetted for it or waiting for it already.
    """
    expert = Expert.objects.select_related("user").select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    policies.require_applicant(by, expert)
    field = Field.objects.get(pk=field_id)
    _require_ready(expert, field)
    case: Case = Case.objects.create(
        number=next_case_number(), expert=expert, field=field, opened_at=now, due_at=now + timedelta(days=DECISION_DAYS)
    )
    start_checks(case, now=now)
    record(what="vetting.open_case", by=by, about=case, now=now, after={"field": field.code})
    return case


def _require_ready(expert: Expert, field: Field) -> None:
    missing = missing_from_profile(expert)
    if missing:
        raise Refused(f"Your profile is not complete yet. Still missing: {', '.join(missing)}.")
    if not expert.field_entries.filter(field=field).exists():
        raise Refused(f"Add {field.name} to the fields of your profile first, with the years you have in it.")
    if not has_evidence(expert):
        raise Refused("Send a résumé or declare a credential first, so that there is something to look at.")
    if Case.objects.approved().filter(expert=expert, field=field).exists():
        raise Refused(f"You are vetted for {field.name} already.")
    if Case.objects.open().filter(expert=expert, field=field).exists():
        raise Refused(f"Your case for {field.name} is open already.")


def next_case_number() -> int:
    """Return the number people say, "V-1182"; drawn from a sequence, so that no two cases wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('vetting_case_number')")
        return int(cursor.fetchone()[0])


@transaction.atomic(durable=True)
def answer_case(*, case_id: UUID, text: str, by: User, now: datetime) -> Case:
    """
    Answer what more was asked. This function will begin the next round of checks with whatever was added since.

    :raises Invalid: if the answer says nothing.
    :raises WrongState: if nothing is asked.
    """
    case = locked_case(case_id)
    policies.require_applicant(by, case.expert)
    require_move(CASE_MOVES, current=case.state, target=CaseState.CHECKING, what="case")
    if len(text.strip()) < ANSWER_CHARS:
        raise Invalid("Say in a sentence what you added or want to explain.", field="text")
    question = Decision.objects.filter(case=case, outcome=Outcome.ASK_FOR_MORE).order_by("-pk")[0]
    Answer.objects.create(decision=question, text=text.strip(), answered_at=now)
    case.state, case.round = CaseState.CHECKING, case.round + 1
    case.due_at = now + timedelta(days=DECISION_DAYS)
    case.save(update_fields=["state", "round", "due_at"])
    start_checks(case, now=now)
    record(what="vetting.answer_case", by=by, about=case, now=now, after={"round": case.round})
    if case.claimed_by is not None:
        notify(
            user=case.claimed_by, kind="vetting_queue", now=now, path=staff_path(case), button="Open the case",
            title=f"{case.expert.user.get_full_name()} answered in {case}", body="The checks run again with what was added.",
        )  # fmt: skip
    return case


@transaction.atomic(durable=True)
def withdraw_case(*, case_id: UUID, by: User, now: datetime) -> Case:
    """Take back the request to be vetted. This function will close the case without a decision."""
    case = locked_case(case_id)
    policies.require_applicant(by, case.expert)
    require_move(CASE_MOVES, current=case.state, target=CaseState.WITHDRAWN, what="case")
    case.state = CaseState.WITHDRAWN
    case.save(update_fields=["state"])
    close_ask(purpose_kind="case", purpose_ref=case.public_id, now=now)
    withdraw_open(case, now=now)
    record(what="vetting.withdraw_case", by=by, about=case, now=now)
    return case


def pass_on_overdue_cases(*, now: datetime) -> int:
    """Give cases whose promised day has passed back to the queue; return how many. Run by a sweep."""
    ids = list(Case.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return sum(_pass_on(public_id, now) for public_id in ids)


@transaction.atomic(durable=True)
def _pass_on(case_id: UUID, now: datetime) -> int:
    case = locked_case(case_id)
    if case.state not in WAITING_FOR_STAFF or case.due_at > now:
        return 0
    before = case.claimed_by
    let_go(case)
    case.due_at = now + timedelta(days=PASSED_ON_DAYS)
    case.save(update_fields=[*CLAIM, "due_at"])
    record(what="vetting.pass_on_case", by=CLOCK, about=case, now=now,
           before={"claimed_by": before.actor_ref if before else ""})  # fmt: skip
    if case.state == CaseState.APPEALED:
        _say_that_the_appeal_is_late(case, now=now)
    else:
        _say_that_the_decision_is_late(case, now=now)
    return 1


def _say_that_the_decision_is_late(case: Case, *, now: datetime) -> None:
    for person in staff_with_role(StaffRoleKind.VETTING):
        if person.pk != case.expert.user_id:
            notify(
                user=person, kind="vetting_queue", now=now, path=staff_path(case), button="Open the case",
                title=f"{case} is over its time", body=f"{case.field.name}: nobody decided in time. Whoever is free takes it.",
            )  # fmt: skip
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), button="See your case",
        title=f"{case.field.name}: it takes longer than we promised",
        body="Nobody decided in time. Your case went back to the front of the queue; another person takes it within a day.",
    )  # fmt: skip


def _say_that_the_appeal_is_late(case: Case, *, now: datetime) -> None:
    """No program judges an appeal. Whoever may judge is told, and whoever leads: they can give the role to somebody else."""
    judges, leaders = judges_of(case), active_superusers()
    for person in {one.pk: one for one in (*judges, *leaders)}.values():
        if person.pk == case.expert.user_id:
            continue
        words = (
            "Whoever is free takes it."
            if judges
            else "Nobody in vetting may judge it. Give the role to one more person."
        )
        notify(
            user=person, kind="vetting_queue", now=now, path=staff_path(case), button="Open the appeal",
            title=f"The appeal in {case} is over its time", body=f"{case.field.name}: nobody judged it in time. {words}",
        )  # fmt: skip
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), button="See your case",
        title=f"{case.field.name}: your appeal takes longer than we promised",
        body="Nobody judged it in time. It stands at the head of the queue now, whoever leads vetting was told, and it counts "
        "as late in our public figures. No program will decide it.",
    )  # fmt: skip


def close_unanswered_cases(*, now: datetime) -> int:
    """Close cases in which what was asked was never answered; return how many. No decision is made. Run by a sweep."""
    ids = list(Case.objects.unanswered(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return sum(_close_unanswered(public_id, now) for public_id in ids)


@transaction.atomic(durable=True)
def _close_unanswered(case_id: UUID, now: datetime) -> int:
    case = locked_case(case_id)
    if case.state != CaseState.MORE_ASKED or case.due_at > now:
        return 0
    require_move(CASE_MOVES, current=case.state, target=CaseState.WITHDRAWN, what="case")
    case.state = CaseState.WITHDRAWN
    case.save(update_fields=["state"])
    close_ask(purpose_kind="case", purpose_ref=case.public_id, now=now)
    record(what="vetting.close_unanswered_case", by=CLOCK, about=case, now=now)
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), button="See your case",
        title=f"{case.field.name}: your case closed without a decision",
        body=f"We asked for more and heard nothing for {ANSWER_DAYS} days. Nothing was decided; you can ask again at any time.",
    )  # fmt: skip
    return 1


def locked_case(case_id: UUID) -> Case:
    """
    Return the case with its row locked. Needs an open transaction.

    Who claimed it is not joined: after waiting for the lock Postgres gives the new row, but the joined ones as they
    were before the wait, and two people would both find the case free.
    """
    rows = Case.objects.select_related("expert__user", "field")
    found: Case = rows.select_for_update(of=("self",), no_key=True).get(public_id=case_id)
    return found


def let_go(case: Case) -> None:
    """Take the case out of whoever's hands. The caller saves the columns of `CLAIM`."""
    case.claimed_by, case.claimed_at, case.claimed_until = None, None, None


def withdraw_open(case: Case, *, now: datetime) -> int:
    """Ask no more. Needs an open transaction and the case's lock."""
    return int(Opinion.objects.open().filter(case=case).update(withdrawn_at=now))


def own_path(case: Case) -> str:
    return f"/me/vetting/{case.public_id}/"


def staff_path(case: Case) -> str:
    return f"/vetting/cases/{case.public_id}/"
