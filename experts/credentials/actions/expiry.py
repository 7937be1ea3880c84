"""
The clocks of a credential: warned of its last day, lapsed after it, renewed; a staff confirmation that runs out.

Each sweep looks for rows whose day has come and does them one by one, each in a transaction of its own, so that a kill
between two loses nothing and a second sweep finds nothing left.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from experts.credentials import policies
from experts.credentials.actions.credentials import (
    CHECKER,
    fall,
    locked_credential,
    move,
    require_standing,
    step_without_document,
)
from experts.credentials.checkers import checker_for
from experts.credentials.enums import (
    LADDER_MOVES,
    WARNING_DAYS,
    ComparisonOutcome,
    DocumentState,
    LadderStep,
    height,
)
from experts.credentials.models import Credential, ExpiryWarning
from experts.credentials.queries import reached_steps
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

EXPIRY = System("credentials.expiry")
SWEEP_LIMIT = 200


def warn_of_expiry(*, now: datetime) -> int:
    """Tell experts 60, 30 and 7 days before the last day of a credential, once each; return how many were told."""
    told, nearest = 0, -1
    for days in WARNING_DAYS:
        sent = ExpiryWarning.objects.filter(credential=OuterRef("pk"), expires_on=OuterRef("expires_on"), days=days)
        today = now.date()
        due = Credential.objects.counting().filter(
            ~Exists(sent), renewal_expires_on__isnull=True, expires_on__gt=today + timedelta(days=nearest),
            expires_on__lte=today + timedelta(days=days),
        )  # fmt: skip
        nearest = days
        for public_id in list(due.order_by("pk").values_list("public_id", flat=True)[:SWEEP_LIMIT]):
            told += _warn(public_id, days=days, now=now)
    return told


@transaction.atomic(durable=True)
def _warn(credential_id: UUID, *, days: int, now: datetime) -> int:
    credential = locked_credential(credential_id)
    last = credential.expires_on
    if last is None or last < now.date() or credential.withdrawn_at or credential.renewal_expires_on:
        return 0
    facts = {"credential": credential, "expires_on": last, "days": days}
    _warning, is_new = ExpiryWarning.objects.get_or_create(**facts, defaults={"sent_at": now})
    if not is_new:
        return 0
    left = (last - now.date()).days
    words = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
    notify(
        user=credential.expert.user, kind="credentials", now=now, path=renewal_path(credential), button="Renew it",
        title=f"{credential.label} expires {words}",
        body=f"Its last day is {last:%d %b %Y}. After it the credential counts for nothing, also in what you have applied "
             "for, until you renew it and somebody has looked at the renewed one.",
    )  # fmt: skip
    record(what="credentials.warn_of_expiry", by=EXPIRY, about=credential, now=now, after={"days": days})
    return 1


def lapse_expired(*, now: datetime) -> int:
    """Let every credential lapse whose last day has passed; return how many."""
    over = Credential.objects.counting().filter(expires_on__lt=now.date())
    ids = list(over.order_by("pk").values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return sum(_lapse(public_id, now) for public_id in ids)


@transaction.atomic(durable=True)
def _lapse(credential_id: UUID, now: datetime) -> int:
    credential = locked_credential(credential_id)
    last = credential.expires_on
    if last is None or last >= now.date() or credential.withdrawn_at or credential.lapsed_at:
        return 0
    if credential.renewal_expires_on is not None and credential.renewal_expires_on >= now.date():
        _begin_renewed(credential, last, now=now)
        return 1
    reason = f"It expired on {last:%d %b %Y}. It counts for nothing until you renew it."
    if credential.step == LadderStep.DECLARED:
        _tell_of_lapse(credential, reason, now=now)
    else:
        fall(credential, LadderStep.DECLARED, reason=reason, by=EXPIRY, now=now)
    credential.lapsed_at, credential.renewal_expires_on = now, None
    credential.save(update_fields=["lapsed_at", "renewal_expires_on"])
    return 1


def _begin_renewed(credential: Credential, last: date, *, now: datetime) -> None:
    """The old period is over and the renewed one begins, so far on the expert's word and the number alone."""
    credential.expires_on, credential.renewal_expires_on = credential.renewal_expires_on, None
    credential.save(update_fields=["expires_on", "renewal_expires_on"])
    bottom = step_without_document(credential)
    if height(bottom) < height(credential.step):
        reason = f"The period to {last:%d %b %Y} is over. Nobody has looked at the renewed one yet."
        fall(credential, bottom, reason=reason, by=EXPIRY, now=now)


def _tell_of_lapse(credential: Credential, reason: str, *, now: datetime) -> None:
    record(what="credentials.lapse", by=EXPIRY, about=credential, now=now, after={"reason": reason})
    notify(
        user=credential.expert.user, kind="credentials", now=now, path=renewal_path(credential), button="Renew it",
        title=f"{credential.label} has expired", body=reason,
    )  # fmt: skip


@transaction.atomic(durable=True)
def renew_credential(*, credential_id: UUID, expires_on: date, by: User, now: datetime) -> Credential:
    """
    Say that the same credential was renewed and until when. This function will leave one that is in force on its step
    until its old last day, or until somebody has looked; a lapsed one begins again with its number.

    :raises NotAllowed: if it is not their own.
    :raises Invalid: if the new last day is not later than the old one, or has passed.
    :raises WrongState: if it was withdrawn, or never ends.
    """
    credential = locked_credential(credential_id)
    policies.require_owner(by, credential.expert)
    require_standing(credential)
    old = credential.expires_on
    if old is None:
        raise WrongState("This credential has no last day, so there is nothing to renew.")
    if expires_on <= old:
        raise Invalid(f"The renewed one must end after {old:%d %b %Y}.", field="expires_on")
    if expires_on < now.date():
        raise Invalid("That day has passed already.", field="expires_on")
    if old >= now.date():
        credential.renewal_expires_on = expires_on
        credential.save(update_fields=["renewal_expires_on"])
    else:
        credential.expires_on, credential.lapsed_at, credential.renewal_expires_on = expires_on, None, None
        credential.save(update_fields=["expires_on", "lapsed_at", "renewal_expires_on"])
        _start_again(credential, old, now=now)
    record(what="credentials.renew_credential", by=by, about=credential, now=now,
           before={"expires_on": str(old)}, after={"expires_on": str(expires_on)})  # fmt: skip
    return credential


def _start_again(credential: Credential, old: date, *, now: datetime) -> None:
    """Put a renewed credential where its number alone puts it, whatever it stood at before."""
    outcome = checker_for(credential.kind).check(credential)
    words = f"Renewed after {old:%d %b %Y}. {outcome.explanation}"
    move(credential, outcome.step, by=CHECKER, now=now, source=outcome.source, explanation=words)


# ------------------------------------------------------------------------------------------- a confirmation runs out


def lapse_confirmations(*, now: datetime) -> int:
    """Bring credentials down whose staff confirmation is too old to count; return how many."""
    over = Credential.objects.standing().filter(step=LadderStep.CONFIRMED, confirmed_until__lt=now.date())
    ids = list(over.order_by("confirmed_until", "pk").values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return sum(_lapse_confirmation(public_id, now) for public_id in ids)


@transaction.atomic(durable=True)
def _lapse_confirmation(credential_id: UUID, now: datetime) -> int:
    credential = locked_credential(credential_id)
    until = credential.confirmed_until
    if until is None or until >= now.date() or credential.withdrawn_at:
        return 0
    step = step_below(credential, LadderStep.CONFIRMED)
    require_move(LADDER_MOVES, current=credential.step, target=step, what="credential")
    reason = f"The look of our staff counted until {until:%d %b %Y}. It goes up again when somebody has looked anew."
    fall(credential, step, reason=reason, by=EXPIRY, now=now)
    return 1


def step_below(credential: Credential, ceiling: LadderStep) -> LadderStep:
    """Return the highest step under a ceiling that still holds: by document, register or number."""
    steps = [step_without_document(credential)]
    document = credential.document
    if LadderStep.DOCUMENT_SEEN in reached_steps(credential) and document and document.state == DocumentState.CLEAN:
        steps.append(LadderStep.DOCUMENT_SEEN)
    comparison = getattr(credential, "comparison", None)
    if comparison is not None and comparison.outcome == ComparisonOutcome.MATCHED:
        steps.append(LadderStep.REGISTRY_MATCHED)
    return max((step for step in steps if height(step) < height(ceiling)), key=height)


def renewal_path(credential: Credential) -> str:
    return f"/me/credentials/{credential.public_id}/renew/"
