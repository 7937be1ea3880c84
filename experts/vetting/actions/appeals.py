"""Appeals: filed by the expert against a decline, judged by another person, final."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.assessments.actions import close_ask
from experts.vetting import policies
from experts.vetting.actions.cases import CLAIM, let_go, locked_case, own_path, staff_path
from experts.vetting.actions.checks import start_checks
from experts.vetting.actions.claims import require_holder
from experts.vetting.actions.decisions import require_checked, require_no_hit
from experts.vetting.enums import (
    APPEAL_LEADS_TO,
    APPEAL_MIN_CHARS,
    CASE_MOVES,
    DECISION_DAYS,
    JUDGE_DAYS,
    JUDGED_MIN_CHARS,
    AppealOutcome,
    CaseState,
)
from experts.vetting.models import Appeal, Case, Decision
from experts.vetting.queries import judges_of
from marketplace.accounts.models import User
from marketplace.accounts.queries import active_superusers
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify


@transaction.atomic(durable=True)
def file_appeal(*, case_id: UUID, text: str, by: User, now: datetime) -> Appeal:
    """
    Appeal against a decline. This function will send the case to another person than who declined it, with a clock.

    :raises NotAllowed: if it is not their own case.
    :raises WrongState: if the case is not declined, or the time to appeal is over.
    :raises Refused: if this decline was looked at again already, or the field was asked for anew.
    :raises Invalid: if it does not say why.
    """
    case = locked_case(case_id)
    policies.require_applicant(by, case.expert)
    require_move(CASE_MOVES, current=case.state, target=CaseState.APPEALED, what="case")
    decision: Decision = case.decisions.order_by("-pk")[0]
    _require_appealable(case, decision, now=now)
    if len(text.strip()) < APPEAL_MIN_CHARS:
        raise Invalid(f"Say in at least {APPEAL_MIN_CHARS} characters what was overlooked or is wrong.", field="text")
    due = now + timedelta(days=JUDGE_DAYS)
    appeal: Appeal = Appeal.objects.create(
        case=case, decision=decision, about=by, against=decision.decided_by, second=decision.second_by,
        text=text.strip(), filed_at=now, promised_for=due,
    )  # fmt: skip
    case.state, case.decided_at, case.due_at = CaseState.APPEALED, None, due
    let_go(case)
    case.save(update_fields=["state", "decided_at", "due_at", *CLAIM])
    record(what="vetting.file_appeal", by=by, about=case, now=now, before={"state": str(CaseState.DECLINED)},
           after={"state": str(case.state), "against": decision.decided_by.actor_ref})  # fmt: skip
    _tell_that_it_is_filed(case, now=now)
    return appeal


def _require_appealable(case: Case, decision: Decision, *, now: datetime) -> None:
    if Appeal.objects.filter(decision=decision).exists():
        raise Refused("Another person has looked at this decision already, and what they said is final.")
    if now > decision.appeal_until:
        raise WrongState("The time to appeal is over, so the decision stands. You can ask to be vetted again.")
    later = Case.objects.filter(expert=case.expert_id, field=case.field_id).exclude(pk=case.pk)
    if later.open().exists() or later.approved().exists():
        raise Refused(f"You asked again for {case.field.name}. That case counts instead of this one.")


@transaction.atomic(durable=True)
def judge_appeal(*, case_id: UUID, outcome: str, reason: str, by: User, now: datetime) -> Appeal:
    """
    Say whether a decline stands. This function will close the case, approve it, or have its checks run anew; the outcome is
    final, and both the expert and whoever declined read why.

    :raises NotAllowed: if `by` declined it, gave the second opinion, or it is about themselves.
    :raises WrongState: if somebody else has the case, it is not appealed, or a check runs again.
    :raises Invalid: if the reason is too short.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    require_holder(case, by)
    chosen = AppealOutcome(outcome)
    target = APPEAL_LEADS_TO[chosen]
    if case.state != CaseState.APPEALED:
        raise WrongState("No appeal waits in this case.")
    require_move(CASE_MOVES, current=case.state, target=target, what="case")
    require_checked(case)
    if chosen == AppealOutcome.APPROVED:
        require_no_hit(case)
    if len(reason.strip()) < JUDGED_MIN_CHARS:
        raise Invalid(f"Say why in at least {JUDGED_MIN_CHARS} characters; both sides read it.", field="reason")
    rows = Appeal.objects.select_related("against").select_for_update(of=("self",), no_key=True)
    appeal: Appeal = rows.get(case=case, outcome="")
    appeal.outcome, appeal.reason, appeal.judged_by, appeal.judged_at = chosen, reason.strip(), by, now
    appeal.save(update_fields=["outcome", "reason", "judged_by", "judged_at"])
    case.state = target
    _set_clocks(case, now=now)
    record(what="vetting.judge_appeal", by=by, about=case, now=now, before={"state": str(CaseState.APPEALED)},
           after={"state": str(target), "outcome": str(chosen)})  # fmt: skip
    _tell_the_outcome(case, appeal, now=now)
    return appeal


def _set_clocks(case: Case, *, now: datetime) -> None:
    let_go(case)
    if case.state == CaseState.CHECKING:
        case.round, case.due_at = case.round + 1, now + timedelta(days=DECISION_DAYS)
    else:
        case.decided_at = now
    case.save(update_fields=["state", "round", "due_at", "decided_at", *CLAIM])
    if case.state == CaseState.CHECKING:
        start_checks(case, now=now)
    else:
        close_ask(purpose_kind="case", purpose_ref=case.public_id, now=now)


def _tell_that_it_is_filed(case: Case, *, now: datetime) -> None:
    field = case.field.name
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), button="See your case",
        title=f"{field}: your appeal is here",
        body=f"Another person than the one who decided looks at everything again, within {JUDGE_DAYS} days. You can add documents "
        "and credentials meanwhile; they see them.",
    )  # fmt: skip
    judges = judges_of(case)
    for person in judges or active_superusers():
        if person.pk != case.expert.user_id:
            words = "" if judges else " Nobody in vetting may judge it: give the role to one more person."
            notify(
                user=person, kind="vetting_queue", now=now, path=staff_path(case), button="Open the appeal",
                title=f"An appeal in {case}", body=f"{field}: another person must judge it within {JUDGE_DAYS} days.{words}",
            )  # fmt: skip


def _tell_the_outcome(case: Case, appeal: Appeal, *, now: datetime) -> None:
    field = case.field.name
    titles = {
        AppealOutcome.UPHELD: f"{field}: the decision stands after your appeal",
        AppealOutcome.APPROVED: f"Your appeal was right: you are vetted for {field}",
        AppealOutcome.REOPENED: f"Your appeal was right: {field} is checked again",
    }
    ends = {
        AppealOutcome.UPHELD: "This is final for this case. You can ask again when something has changed.",
        AppealOutcome.APPROVED: "It counts for every gig that asks for it, from now on.",
        AppealOutcome.REOPENED: f"The checks run on everything you have now. Then a person decides, within {DECISION_DAYS} days, "
        "and not the one whose decision was overturned.",
    }
    outcome = AppealOutcome(appeal.outcome)
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), button="See your case",
        title=titles[outcome], body=f"{appeal.reason}\n\n{ends[outcome]}",
    )  # fmt: skip
    notify(
        user=appeal.against, kind="vetting_queue", now=now, path=staff_path(case), button="Read why",
        title=f"{case}: your decline {'stands' if outcome == AppealOutcome.UPHELD else 'was overturned'}",
        body=appeal.reason,
    )  # fmt: skip
