"""Deciding about many candidates at once: held for a few minutes, undone with one press, told only when it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from projects.hiring import policies
from projects.hiring.actions.applications import locked_application, put_on_shortlist, require_sentence, say_no
from projects.hiring.enums import (
    APPLICATION_MOVES,
    BULK_MAX,
    HELD_MOVES,
    HOLD_MINUTES,
    WAITING_APPLICATION_STATES,
    ApplicationState,
    DeclineCode,
    HeldKind,
    HeldState,
)
from projects.hiring.models import Application, HeldDecision
from projects.labs.models import Lab
from projects.labs.queries import may_manage

SWEEP_LIMIT = 200
TARGETS = {HeldKind.SHORTLIST: ApplicationState.SHORTLISTED, HeldKind.DECLINE: ApplicationState.DECLINED}


@dataclass(frozen=True, slots=True)
class Held:
    """What was decided with one press: how many of the chosen it is about, and from when it counts."""

    group: UUID
    count: int
    left_out: int
    applies_at: datetime


@transaction.atomic(durable=True)
def hold_decisions(
    *,
    lab_id: int,
    application_ids: Iterable[UUID],
    kind: HeldKind,
    by: User,
    now: datetime,
    code: DeclineCode | None = None,
    reason: str = "",
) -> Held:
    """
    Decide about several candidates of a lab. Nobody is told for some minutes, and until then it can be undone.

    Candidates of whom this cannot be said, because they were decided about, withdrew, or wait for another decision, are
    left out.

    :raises Refused: if nobody is left, too many were chosen, or a decline has no sentence.
    """
    lab: Lab = Lab.objects.get(pk=lab_id)
    policies.require_hiring_manager(by, lab)
    wanted = set(application_ids)
    if len(wanted) > BULK_MAX:
        raise Refused(f"Decide about at most {BULK_MAX} candidates at once.")
    if kind == HeldKind.DECLINE:
        require_sentence(reason)
    rows = Application.objects.of_lab(lab).filter(public_id__in=wanted).exclude(expert__user=by)
    locked = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    waiting = set(HeldDecision.objects.held().filter(application__in=locked).values_list("application_id", flat=True))
    chosen = [row for row in locked if row.pk not in waiting and _may_become(row, kind, now=now)]
    if not chosen:
        raise Refused("None of the chosen candidates waits for this decision any more.")
    group, applies_at = new_public_id(), now + timedelta(minutes=HOLD_MINUTES)
    HeldDecision.objects.bulk_create(
        HeldDecision(
            group=group, application=row, kind=kind, held_from=row.state, code=code or "", reason=reason.strip(),
            decided_by=by, held_at=now, applies_at=applies_at,
        )
        for row in chosen
    )  # fmt: skip
    for row in chosen:
        record(what=f"hiring.hold_{kind.lower()}", by=by, about=row, now=now)
    return Held(group, len(chosen), len(wanted) - len(chosen), applies_at)


def _may_become(application: Application, kind: HeldKind, *, now: datetime) -> bool:
    is_in_time = application.due_at is not None and application.due_at > now
    waits = application.state in WAITING_APPLICATION_STATES
    return waits and is_in_time and TARGETS[kind] in APPLICATION_MOVES[application.state]


@transaction.atomic(durable=True)
def undo_decisions(*, lab_id: int, group: UUID, by: User, now: datetime) -> int:
    """
    Undo what was decided with one press, as far as it does not count yet; return for how many candidates.

    :raises WrongState: if all of it counts already, and the experts were told.
    """
    lab: Lab = Lab.objects.get(pk=lab_id)
    policies.require_hiring_manager(by, lab)
    ids = HeldDecision.objects.of_lab(lab).filter(group=group).values("application")
    list(Application.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True).order_by("pk"))
    rows = HeldDecision.objects.held().filter(group=group, application__project__lab=lab, applies_at__gt=now)
    held = list(rows.select_related("application").order_by("pk"))
    if not held:
        raise WrongState("This counts already, and the experts were told. It cannot be undone any more.")
    for row in held:
        _settle(row, HeldState.UNDONE, now=now)
        record(what="hiring.undo_decision", by=by, about=row.application, now=now)
    return len(held)


def apply_held_decisions(*, now: datetime) -> int:
    """Let decisions count whose minutes are over, each in its own transaction; return how many. Run by a sweep."""
    ids = list(HeldDecision.objects.due(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _apply(public_id, now=now), sweep="hiring.held_decisions")


@transaction.atomic(durable=True)
def _apply(held_id: UUID, *, now: datetime) -> bool:
    application = locked_application(HeldDecision.objects.values_list("application__public_id", flat=True).get(
        public_id=held_id
    ))  # fmt: skip
    held: HeldDecision = HeldDecision.objects.select_related("decided_by").get(public_id=held_id)
    if held.state != HeldState.HELD or held.applies_at > now:
        return False
    if application.state != held.held_from:
        _settle(
            held, HeldState.DROPPED, now=now, words=f"It moved on meanwhile: {application.get_state_display().lower()}."
        )
        return True
    if not may_manage(application.project.lab, held.decided_by):
        _settle(held, HeldState.DROPPED, now=now, words="Whoever decided it does not manage the lab any more.")
        return True
    _settle(held, HeldState.APPLIED, now=now)
    if held.kind == HeldKind.SHORTLIST:
        put_on_shortlist(application, by=held.decided_by, now=now)
    else:
        say_no(application, code=DeclineCode(held.code), reason=held.reason, by=held.decided_by, now=now)
    return True


def _settle(held: HeldDecision, target: HeldState, *, now: datetime, words: str = "") -> None:
    require_move(HELD_MOVES, current=held.state, target=target, what="decision")
    held.state, held.settled_at, held.words = target, now, words
    held.save(update_fields=["state", "settled_at", "words"])
