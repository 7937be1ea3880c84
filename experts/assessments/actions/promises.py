"""What happens when staff were promised to be quicker: they are told, and the clock that both sides see goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from experts.assessments.enums import LATE_DAYS, AccommodationState, ScriptState
from experts.assessments.models import Accommodation, Script
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify

CLOCK = System("assessments.clock")
SWEEP_LIMIT = 200


def remind_of_overdue_scripts(*, now: datetime) -> int:
    """Tell the scorers who may still score it of each script whose day has passed; return how many. Run by a sweep."""
    ids = list(Script.objects.overdue(now).values_list("pk", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda pk: _remind_of_script(pk, now=now), sweep="assessments.overdue_scripts")


@transaction.atomic(durable=True)
def _remind_of_script(script_id: int, *, now: datetime) -> bool:
    script: Script = Script.objects.select_for_update(of=("self",), no_key=True).get(pk=script_id)
    if script.state == ScriptState.SETTLED or script.due_at > now:
        return False
    script.due_at = now + timedelta(days=LATE_DAYS)
    script.save(update_fields=["due_at"])
    record(what="assessments.remind_of_script", by=CLOCK, about=script, now=now)
    done = set(script.sheets.scored().values_list("scorer_id", flat=True)) | {script.about_id}
    for person in staff_with_role(StaffRoleKind.VETTING):
        if person.pk not in done:
            notify(
                user=person, kind="scoring", now=now, path="/vetting/scoring/", button="Open the queue",
                title=f"{script} is over its time", body="The expert was promised their scores. Whoever is free takes it.",
            )  # fmt: skip
    return True


def remind_of_overdue_requests(*, now: datetime) -> int:
    """Tell staff of each request for an accommodation whose day has passed; return how many. Run by a sweep."""
    ids = list(Accommodation.objects.overdue(now).values_list("pk", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda pk: _remind_of_request(pk, now=now), sweep="assessments.overdue_requests")


@transaction.atomic(durable=True)
def _remind_of_request(request_id: int, *, now: datetime) -> bool:
    rows = Accommodation.objects.select_for_update(of=("self",), no_key=True)
    request: Accommodation = rows.get(pk=request_id)
    if request.state != AccommodationState.ASKED or request.due_at > now:
        return False
    request.due_at = now + timedelta(days=LATE_DAYS)
    request.save(update_fields=["due_at"])
    record(what="assessments.remind_of_request", by=CLOCK, about=request, now=now)
    for person in staff_with_role(StaffRoleKind.VETTING):
        if person.pk != request.about_id:
            notify(
                user=person, kind="scoring", now=now, path="/vetting/accommodations/", button="Open the requests",
                title="A request for an accommodation is over its time",
                body="The expert was promised an answer, and waits with the assessment until it comes.",
            )  # fmt: skip
    return True
