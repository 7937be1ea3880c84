"""Beginning and ending an impersonation. Both are audited, and the person is told at once, with the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, NotAllowed
from marketplace.notices.actions import notify
from marketplace.support import policies
from marketplace.support.models import Impersonation

REASON_MIN_CHARS = 20
LONGEST = timedelta(minutes=30)


@transaction.atomic(durable=True)
def start_impersonation(*, person_ref: UUID, reason: str, by: User, now: datetime) -> Impersonation:
    """
    Let support see a person's pages as they see them, for thirty minutes, changing nothing. Another one that runs ends.

    :raises NotAllowed: for everybody but support, and about staff or oneself.
    :raises Invalid: if the reason has fewer than twenty characters.
    :raises User.DoesNotExist: if there is no such person.
    """
    policies.require_support(by)
    # Both people's rows, in the order of their keys: the staff member's is the lock that keeps it to one at a time.
    people = {
        user.pk: user
        for user in User.objects.select_for_update(no_key=True)
        .filter(public_id__in=[person_ref, by.public_id])
        .order_by("pk")
    }
    person = next((user for user in people.values() if user.public_id == person_ref), None)
    if person is None:
        raise User.DoesNotExist
    if person.pk == by.pk or not policies.may_be_impersonated(person):
        raise NotAllowed("Pages of staff, and of people who cannot sign in, are not opened this way.")
    words = " ".join(reason.split())
    if len(words) < REASON_MIN_CHARS:
        raise Invalid(f"Say why, in at least {REASON_MIN_CHARS} characters. The person reads it.", field="reason")
    _end(Impersonation.objects.filter(staff=by, ended_at__isnull=True), by=by, now=now)
    row = Impersonation.objects.create(
        staff=by, person=person, reason=words[:500], started_at=now, ends_at=now + LONGEST
    )
    record(what="support.start_impersonation", by=by, about=person, now=now, after={"reason": row.reason})
    notify(
        user=person,
        kind="support",
        title=_("Support opened your pages"),
        body=_(
            "%(name)s of our support sees your pages as you see them, for half an hour at most, and can change nothing.\n\n"
            "The reason given: %(reason)s\n\nIf you did not expect this, answer to this e-mail."
        )
        % {"name": by.get_full_name(), "reason": row.reason},
        path="/me/privacy/",
        button=_("See who looked"),
        now=now,
    )
    return row


@transaction.atomic(durable=True)
def end_impersonation(*, by: User, now: datetime) -> bool:
    """End the one that this member of support has under way; whether there was one."""
    rows = Impersonation.objects.select_for_update(of=("self",), no_key=True).filter(staff=by, ended_at__isnull=True)
    return _end(rows, by=by, now=now)


def _end(rows: object, *, by: User, now: datetime) -> bool:
    ended = False
    for row in rows.order_by("pk"):  # type: ignore[attr-defined]
        row.ended_at = min(now, row.ends_at)
        row.save(update_fields=["ended_at"])
        record(what="support.end_impersonation", by=by, about=row.person, now=now)
        ended = True
    return ended
