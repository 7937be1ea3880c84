"""
A vetting worker whose sources fail: they refuse, hang, or take the process with them, by chance; some always. For fault
tests only.

    celery -A tests.faults.providers worker -Q vetting
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_init

from marketplace.celery import app

__all__ = ["app"]

REFUSES, HANGS, KILLS = 0.12, 0.004, 0.008
SECONDS = 1
"""What an attempt may take here, where the product gives it a minute."""

app.conf.task_annotations = {"vetting.work_check": {"soft_time_limit": SECONDS, "time_limit": 3 * SECONDS}}


def always_refuses(kind: str, number: int) -> bool:
    """Whether the source of this check of this case never answers but with an error."""
    return kind == "DUPLICATE" and number % 20 == 7


def always_hangs(kind: str, number: int) -> bool:
    """Whether the source of this check of this case never answers at all."""
    return kind == "RESUME" and number % 97 == 3


@worker_process_init.connect
def let_sources_fail(**_facts: Any) -> None:
    """Wrap every kind of check in this process."""
    from experts.vetting.checks import registered

    chance = random.Random(f"{os.environ['PRECEPTOR_FAULT_SEED']}-{os.getpid()}")
    for kind, look in list(registered.items()):
        registered[kind] = _unreliable(kind, look, chance)


def _unreliable(kind: str, look: Callable[[Any], Any], chance: random.Random) -> Callable[[Any], Any]:
    def look_if_it_answers(check: Any) -> Any:
        number, luck = check.case.number, chance.random()
        if always_refuses(kind, number) or luck < REFUSES:
            raise ConnectionError("The source refused the connection.")
        if always_hangs(kind, number) or luck < REFUSES + HANGS:
            time.sleep(60)
        if luck > 1 - KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        return look(check)

    return look_if_it_answers
