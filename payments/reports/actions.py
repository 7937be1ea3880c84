"""Running the proofs of the books and keeping what they said."""

from __future__ import annotations

import logging
from datetime import datetime
from time import perf_counter
from typing import Final

from django.db import transaction

from marketplace.kernel import registry
from payments.reports.models import InvariantCheck

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
