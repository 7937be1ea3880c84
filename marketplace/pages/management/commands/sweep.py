"""`manage.py sweep`: what beat rings each minute, here by hand or as a loop of its own that needs no Redis."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from marketplace.kernel import clock
from marketplace.kernel.doorbell import by_hand
from marketplace.pages.actions import run_sweeps

WORK_SECONDS: Final = 45.0
"""How long one round may do jobs itself. One more may have begun by then, and takes its time."""


class Command(BaseCommand):
    help = (
        "Ring due jobs again, free expired leases, close clocks that ran out, and check the invariants. "
        "While the broker is away, do the due jobs here instead of ringing for them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on, once a minute, until stopped")
        parser.add_argument("--every", type=float, default=60.0, help="seconds between two rounds of --loop")

    def handle(self, *_args: Any, loop: bool, every: float, **_options: Any) -> None:
        while True:
            with by_hand(seconds=WORK_SECONDS):
                touched = run_sweeps(now=clock.now())
            self.stdout.write(
                ", ".join(f"{name} {count}" for name, count in touched.items()) or "another sweeper is at work"
            )
            if not loop:
                return
            close_old_connections()
            time.sleep(every)
