"""
Who an erased person was, sealed, for as long as tax and booking law ask who was paid (GDPR Art. 17(3)(b), Art. 18).

Kept only of people who were paid, opened only with a reason, and destroyed by a sweep when the years are over.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid
from marketplace.privacy import policies
from marketplace.privacy.models import RestrictedIdentity
from marketplace.privacy.queries import keep_identity_until

SWEEPER = System("privacy.restricted")
REASON_MIN_CHARS = 20
SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def keep_identity(*, user: User, names: tuple[str, ...], now: datetime) -> RestrictedIdentity | None:
    """Seal who the person was, if a law asks for it; None if none does. Twice is once: what was sealed first stays."""
    until = keep_identity_until(user)
    if until is None or not names:
        return None
    found: RestrictedIdentity | None = RestrictedIdentity.objects.filter(user=user).first()
    if found is None:
        identity = json.dumps({"names": list(names)}, ensure_ascii=False)
        found = RestrictedIdentity.objects.create(user=user, identity=identity, keep_until=until, created_at=now)
        record(what="privacy.restrict_identity", by=SWEEPER, about=found, now=now, after={"until": until.isoformat()})
    return found


@transaction.atomic(durable=True)
def reveal_identity(*, identity_id: UUID, reason: str, by: User, now: datetime) -> dict[str, Any]:
    """
    Return who an erased person was. This function will write into the trail who asked, and why.

    :raises NotAllowed: for everybody but support.
    :raises Invalid: if the reason has fewer than twenty characters.
    """
    policies.require_support(by)
    if len(reason.strip()) < REASON_MIN_CHARS:
        raise Invalid(f"Say what law or court asks for it, in at least {REASON_MIN_CHARS} characters.", field="reason")
    found: RestrictedIdentity = RestrictedIdentity.objects.get(public_id=identity_id)
    record(what="privacy.reveal_identity", by=by, about=found, now=now, after={"reason": reason.strip()[:500]})
    facts: dict[str, Any] = json.loads(found.identity)
    return facts


@transaction.atomic(durable=True)
def drop_outlived_identities(*, now: datetime) -> int:
    """Destroy what no law asks for any more; return how many. Run by a sweep."""
    rows = RestrictedIdentity.objects.select_for_update(of=("self",), no_key=True)
    found = list(rows.outlived(now.date())[:SWEEP_LIMIT])
    for one in found:
        record(what="privacy.drop_identity", by=SWEEPER, about=one, now=now)
        one.delete()
    return len(found)
