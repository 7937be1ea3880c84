"""`manage.py seed_demo`: make the demonstration world, once."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.demo.actions.world import STAGES, is_made, make_world
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Make the demonstration world. Running it again changes nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration world is for development only.")
        if is_made():
            self.stdout.write("The demonstration world is here already.")
            return
        logging.getLogger().setLevel(logging.WARNING)  # thousands of small actions; the stages below are enough
        started = time.monotonic()
        for number, name in enumerate(make_world(now=clock.now()), 1):
            self.stdout.write(f"  {number}/{len(STAGES)} {name} ({time.monotonic() - started:.1f} s)")
            self.stdout.flush()
