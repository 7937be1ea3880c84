"""`manage.py seed_demo`: make the demonstration world, once."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.demo.actions.world import STAGES, make_world
from marketplace.demo.queries import begun_at, is_made
from marketplace.kernel import clock
from marketplace.kernel.errors import Refused


class Command(BaseCommand):
    help = "Make the demonstration world, or what is missing of it. Running it again changes nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration world is for development only.")
        if is_made():
            self.stdout.write("The demonstration world is here already.")
            return
        began = begun_at()
        if began is not None:
            self.stdout.write(f"Going on with the world that was begun on {began:%a %-d %b %Y at %H:%M} UTC.")
        logging.getLogger().setLevel(logging.WARNING)  # thousands of small actions; the stages below are enough
        started = time.monotonic()
        try:
            for number, name in enumerate(make_world(now=clock.now()), 1):
                self.stdout.write(f"  {number}/{len(STAGES)} {name} ({time.monotonic() - started:.1f} s)")
                self.stdout.flush()
        except Refused as refusal:
            raise CommandError(
                f"{refusal.sentence} What was made is kept; seed_demo goes on with it, ./dev reset starts over."
            ) from refusal
