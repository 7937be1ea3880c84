"""
A worker as one would write it at first: a fresh key for each try, and no look-up. For the negative control only.

    celery -A tests.faults.naive worker -Q money
"""

from __future__ import annotations

import uuid
from typing import Any

from celery.signals import worker_process_init

from marketplace.celery import app

__all__ = ["app"]


@worker_process_init.connect
def forget_the_rules(**_facts: Any) -> None:
    """Replace the two functions that carry the rules: the key, and what a look-up finds."""
    from payments.gateway import client
    from payments.payouts.actions import sending

    def send_with_a_fresh_key(**request: Any) -> Any:
        return real(**request | {"idempotency_key": str(uuid.uuid4())})

    real = client.create_transfer
    sending.client = _With(client, create_transfer=send_with_a_fresh_key)  # type: ignore[attr-defined]
    client.list_transfers = lambda _group: []  # type: ignore[assignment]


class _With:
    """A module with one function replaced."""

    def __init__(self, module: Any, **replaced: Any) -> None:
        self.__dict__.update(vars(module) | replaced)
