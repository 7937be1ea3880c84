"""Accommodations: asked for privately, answered by staff with a trail, seen by nobody who scores or hires."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.assessments import policies
from experts.assessments.enums import ACCOMMODATION_DAYS, ACCOMMODATION_MOVES, AccommodationState
from experts.assessments.models import Accommodation
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

PAGE = "/me/assessments/accommodations/"


@transaction.atomic(durable=True)
def ask_accommodation(
    *, extra_time: int, may_pause: bool, may_write: bool, words: str, by: User, now: datetime
) -> Accommodation:
    """
    Ask for other conditions. What is granted stays in force until an answer to this replaces it.

    :raises Invalid: if nothing is asked for.
    :raises WrongState: if a request waits already.
    """
    rows = Expert.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    expert = rows.get(user=by)
    if not (extra_time or may_pause or may_write or words.strip()):
        raise Invalid("Choose or write what you need.")
    if expert.accommodations.waiting().exists():
        raise WrongState("Your request waits for an answer already. Withdraw it to send another.")
    request: Accommodation = Accommodation.objects.create(
        expert=expert, extra_time=extra_time, may_pause=may_pause, may_write=may_write, words=words.strip(),
        asked_at=now, due_at=now + timedelta(days=ACCOMMODATION_DAYS), about=by,
    )  # fmt: skip
    record(what="assessments.ask_accommodation", by=by, about=request, now=now)
    return request


@transaction.atomic(durable=True)
def withdraw_accommodation(*, request_id: UUID, by: User, now: datetime) -> Accommodation:
    """Take a request back, or give up what was granted. Attempts that run keep what they began with."""
    request = _locked(request_id)
    policies.require_owner(by, request.expert)
    require_move(ACCOMMODATION_MOVES, current=request.state, target=AccommodationState.WITHDRAWN, what="accommodation")
    before, request.state = request.state, AccommodationState.WITHDRAWN
    request.save(update_fields=["state"])
    record(what="assessments.withdraw_accommodation", by=by, about=request, now=now, before={"state": str(before)})
    return request


@transaction.atomic(durable=True)
def answer_accommodation(
    *,
    request_id: UUID,
    grant: bool,
    extra_time: int,
    may_pause: bool,
    may_write: bool,
    answer: str,
    by: User,
    now: datetime,
) -> Accommodation:
    """
    Grant a request, as asked or otherwise, or decline it with a reason. It counts from the next start on.

    :raises NotAllowed: if `by` is no vetting staff, or it is their own.
    :raises Invalid: if nothing is granted, or a decline gives no reason.
    """
    request = _locked(request_id)
    policies.require_granter(by, request.about_id)
    target = AccommodationState.GRANTED if grant else AccommodationState.DECLINED
    require_move(ACCOMMODATION_MOVES, current=request.state, target=target, what="accommodation")
    if grant and not (extra_time or may_pause or may_write or answer.strip()):
        raise Invalid("Say what is granted.", field="extra_time")
    if not grant and len(answer.strip()) < 20:
        raise Invalid("A decline says why in at least 20 characters.", field="answer")
    if grant:
        _replace_granted(request.expert, by=by, now=now)
        request.extra_time, request.may_pause, request.may_write = extra_time, may_pause, may_write
    request.state, request.answer = target, answer.strip()
    request.answered_by, request.answered_at = by, now
    request.save()
    record(what="assessments.answer_accommodation", by=by, about=request, now=now,
           before={"state": str(AccommodationState.ASKED)},
           after={"state": str(target), "extra_time": extra_time, "may_pause": may_pause, "may_write": may_write})  # fmt: skip
    notify(
        user=request.expert.user, kind="assessments", now=now, path=PAGE, button="See the answer",
        title="Your request for an accommodation is " + ("granted" if grant else "answered"),
        body="It counts from the next assessment or interview you begin." if grant else answer.strip(),
    )  # fmt: skip
    return request


def _replace_granted(expert: Expert, *, by: User, now: datetime) -> None:
    """What was granted before gives way to what is granted now."""
    for old in expert.accommodations.granted().select_for_update(no_key=True).order_by("pk"):
        require_move(ACCOMMODATION_MOVES, current=old.state, target=AccommodationState.WITHDRAWN, what="accommodation")
        old.state = AccommodationState.WITHDRAWN
        old.save(update_fields=["state"])
        record(what="assessments.replace_accommodation", by=by, about=old, now=now)


def _locked(request_id: UUID) -> Accommodation:
    rows = Accommodation.objects.select_related("expert__user").select_for_update(of=("self",), no_key=True)
    found: Accommodation = rows.get(public_id=request_id)
    return found
