"""Who has a case in hand: one person at a time, for as long as they work on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.vetting import policies
from experts.vetting.actions.cases import CLAIM, let_go, locked_case, staff_path
from experts.vetting.enums import CLAIM_HOURS, WHY_MIN_CHARS
from experts.vetting.models import Case
from experts.vetting.queries import next_for
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.notices.actions import notify

CANDIDATES = 20


@transaction.atomic(durable=True)
def claim_case(*, case_id: UUID, by: User, now: datetime) -> Case:
    """
    Take a case in hand. This function will give it to one person only: whoever comes second is told who has it. A claim whose
    time is over, because nobody worked on the case, is anybody's.

    :raises NotAllowed: if `by` may not work on it, or it is about themselves.
    :raises WrongState: if somebody else has it, or it is closed.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    _require_open(case)
    if case.claimed_by is not None and case.claimed_by_id != by.pk and _stands(case, now):
        raise WrongState(
            f"{case.claimed_by.get_full_name()} has this case. Ask them to hand it over, or take it over and say why."
        )
    _give(case, to=by, now=now, what="vetting.claim_case")
    return case


@transaction.atomic(durable=True)
def claim_next_case(*, by: User, now: datetime) -> Case | None:
    """
    Take the case whose clock runs out first among those that nobody has. This function will pass by what somebody else takes at
    this moment; None if nothing is left.
    """
    for public_id in list(next_for(by, now).values_list("public_id", flat=True)[:CANDIDATES]):
        rows = Case.objects.select_related("expert__user", "field").free(now)
        case = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(public_id=public_id).first()
        if case is not None and case.is_open:
            policies.require_worker(by, case)
            _give(case, to=by, now=now, what="vetting.claim_case")
            return case
    return None


@transaction.atomic(durable=True)
def take_over_case(*, case_id: UUID, why: str, by: User, now: datetime) -> Case:
    """
    Take a case that a colleague has. This function will tell them who took it and why.

    :raises NotAllowed: if `by` may not work on it.
    :raises WrongState: if nobody else has it, or it is closed.
    :raises Invalid: without a reason.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    _require_open(case)
    before = case.claimed_by
    if before is None or before.pk == by.pk:
        raise WrongState("Nobody else has this case, so there is nobody to take it over from.")
    if len(why.strip()) < WHY_MIN_CHARS:
        raise Invalid("Say in a few words why you take it over; your colleague reads it.", field="why")
    _give(case, to=by, now=now, what="vetting.take_over_case", why=why.strip())
    notify(
        user=before, kind="vetting_queue", now=now, path=staff_path(case), button="Open the case",
        title=f"{by.get_full_name()} took over {case}", body=why.strip(),
    )  # fmt: skip
    return case


@transaction.atomic(durable=True)
def keep_claim(*, case_id: UUID, by: User, now: datetime) -> datetime | None:
    """Go on holding a case on which one works. Returns until when it is theirs now; None if it is not theirs any more."""
    case = locked_case(case_id)
    if case.claimed_by_id != by.pk or not case.is_open:
        return None
    renew(case, now=now)
    return case.claimed_until


@transaction.atomic(durable=True)
def release_case(*, case_id: UUID, by: User, now: datetime) -> Case:
    """
    Hand a case back to the queue.

    :raises WrongState: if `by` does not have it.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    if case.claimed_by_id != by.pk:
        raise WrongState("You do not have this case, so you cannot hand it over.")
    let_go(case)
    case.save(update_fields=CLAIM)
    record(what="vetting.release_case", by=by, about=case, now=now)
    return case


def renew(case: Case, *, now: datetime) -> None:
    """Let a claim hold for another while, because its holder works. Needs an open transaction and the case's lock."""
    case.claimed_until = now + timedelta(hours=CLAIM_HOURS)
    case.save(update_fields=["claimed_until"])


def require_holder(case: Case, by: User) -> None:
    """
    Let the person pass who has the case in hand. A claim that ran out is still theirs until somebody else takes it.

    :raises WrongState: for everybody else.
    """
    if case.claimed_by_id != by.pk:
        who = case.claimed_by.get_full_name() if case.claimed_by else "Nobody"
        raise WrongState(f"{who} has this case now. Claim it before you decide it.")


def _stands(case: Case, now: datetime) -> bool:
    return case.claimed_until is not None and case.claimed_until > now


def _require_open(case: Case) -> None:
    if not case.is_open:
        raise WrongState(f"This case is closed: {case.get_state_display().lower()}.")


def _give(case: Case, *, to: User, now: datetime, what: str, why: str = "") -> None:
    before = case.claimed_by
    is_new = case.claimed_by_id != to.pk
    case.claimed_by = to
    case.claimed_at = now if is_new else case.claimed_at
    case.claimed_until = now + timedelta(hours=CLAIM_HOURS)
    case.save(update_fields=CLAIM)
    if is_new:
        record(what=what, by=to, about=case, now=now, before={"claimed_by": before.actor_ref if before else ""},
               after={"why": why} if why else {})  # fmt: skip
