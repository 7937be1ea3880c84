"""Running the proofs of the books and keeping what they said; setting parked money jobs due again."""

from __future__ import annotations

import logging
from datetime import datetime
from time import perf_counter
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import jobs, registry
from marketplace.kernel.errors import NotAllowed, WrongState
from payments.reports import policies
from payments.reports.models import InvariantCheck
from payments.reports.queries.parked import MONEY_JOBS

logger = logging.getLogger(__name__)

MOST_SENTENCES: Final = 20


def check_invariants(*, now: datetime) -> dict[str, list[str]]:
    """
    Run every registered invariant and keep what it said; return the violations of the red ones.

    Each is read on its own, with no transaction around them all, because a proof over many rows takes its time. A proof
    that fails to run is red: not knowing is not green.
    """
    red: dict[str, list[str]] = {}
    for name, check in registry.invariants.items():
        began = perf_counter()
        try:
            violations = check()[:MOST_SENTENCES]
        except Exception as error:  # whatever went wrong must be seen on the cockpit
            logger.exception("invariant.failed", extra={"invariant": name})
            violations = [f"The proof could not be run: {type(error).__name__}."]
        if violations:
            logger.error("invariant.red", extra={"invariant": name, "violations": violations})
            red[name] = violations
        _keep(name=name, violations=violations, took_ms=round(1000 * (perf_counter() - began)), now=now)
    return red


@transaction.atomic(durable=True)
def _keep(*, name: str, violations: list[str], took_ms: int, now: datetime) -> None:
    facts = {"checked_at": now, "took_ms": took_ms, "violations": violations}
    InvariantCheck.objects.update_or_create(name=name, defaults=facts)


@transaction.atomic(durable=True)
def try_job_again(*, kind: str, job_id: int, by: User, now: datetime) -> None:
    """
    Set a parked job of the money rooms due again; the next sweep rings it.

    It is the same row and does the same work: a pay run goes on under the keys that its items have, after the look-up
    that every start of sending begins with.

    :param kind: as in MONEY_JOBS.
    :raises NotAllowed: if `by` is not finance staff.
    :raises WrongState: if it is not parked, or not any more.
    """
    if not policies.may_see_books(by):
        raise NotAllowed(_("Only finance staff may try a money job again."))
    _room, model = MONEY_JOBS[kind]
    job = model.objects.parked().select_for_update(of=("self",), no_key=True).filter(pk=job_id).first()
    if job is None:
        raise WrongState(_("This job is not parked any more. Somebody has tried it again before you."))
    facts = {"attempts": job.attempts, "last_error": job.last_error[:300]}
    record(what="reports.try_job_again", by=by, about=job, now=now, before=facts)
    jobs.try_again(model.objects.filter(pk=job_id), now=now)
