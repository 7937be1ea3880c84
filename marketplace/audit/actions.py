"""Writing the audit trail, and sealing it into a hash chain."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, models, transaction

from marketplace.audit.models import AuditEvent, AuditSeal
from marketplace.kernel.actors import Actor

GENESIS = "0" * 64
SEAL_BATCH = 1000
_CHAIN_LOCK = 7_346_201


def record(
    *,
    what: str,
    by: Actor,
    about: models.Model | tuple[str, object],
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """
    Write who did what, in the caller's transaction, so that the deed and its record commit together.

    :param what: "room.verb_noun", for example "payouts.approve_run".
    :param about: the row it is about (its `public_id` is kept), or a pair (kind, reference).
    :raises RuntimeError: if no transaction is open.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event belongs to the transaction that it tells of.")
    kind, ref = about if isinstance(about, tuple) else (about._meta.model_name or "", _ref(about))
    context = structlog.contextvars.get_contextvars()
    return AuditEvent.objects.create(
        at=now,
        what=what,
        actor_kind=by.actor_kind,
        actor_ref=by.actor_ref,
        actor_name="" if by.actor_kind == "user" else str(by)[:160],
        about_kind=str(kind),
        about_ref=str(ref),
        before=before or {},
        after=after or {},
        request_id=str(context.get("request_id", ""))[:64],
        address=str(context.get("ip", ""))[:45],
    )


def _ref(row: models.Model) -> str:
    return str(getattr(row, "public_id", row.pk))


@transaction.atomic(durable=True)
def seal_events(*, now: datetime) -> int:
    """
    Chain the events that no seal covers yet, in order; return how many. One sealer at a time.

    Done by a sweep, never inside the deed's own action, which would make everybody wait for everybody.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-number").first()
    number, previous = (last.number, last.sha256) if last else (0, GENESIS)
    seals = []
    for event in AuditEvent.objects.unsealed()[:SEAL_BATCH]:
        number += 1
        digest = _link(previous, event)
        seals.append(AuditSeal(event=event, number=number, previous_sha256=previous, sha256=digest, sealed_at=now))
        previous = digest
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def broken_links() -> list[str]:
    """Recompute the whole chain and name each event that no longer fits; empty when all is well."""
    previous, found = GENESIS, []
    for seal in AuditSeal.objects.select_related("event").order_by("number").iterator(chunk_size=2000):
        if seal.previous_sha256 != previous or seal.sha256 != _link(previous, seal.event):
            found.append(f"Audit event {seal.event.public_id} ({seal.event.what}) was changed after it was sealed.")
        previous = seal.sha256
    return found


def _link(previous: str, event: AuditEvent) -> str:
    """Every column but the number of the row goes in, in this order."""
    facts = [
        str(event.public_id), event.at.isoformat(), event.what, event.actor_kind, event.actor_ref, event.actor_name,
        event.about_kind, event.about_ref, event.before, event.after, event.request_id, event.address,
    ]  # fmt: skip
    return hashlib.sha256((previous + json.dumps(facts, sort_keys=True)).encode()).hexdigest()
