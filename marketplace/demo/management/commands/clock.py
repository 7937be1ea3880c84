"""`manage.py clock +3d`: move the business clock of a development stack."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.demo.actions.clock import move_clock, parse_step, reset_clock
from marketplace.kernel import clock
from marketplace.kernel.errors import Refused


class Command(BaseCommand):
    help = "Move the business clock of a development stack: +3d, -2h, +1d12h, reset, or show."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("step", nargs="?", default="show")

    def handle(self, *_args: Any, step: str, **_options: Any) -> None:
        try:
            if step == "reset":
                reset_clock()
            elif step != "show":
                move_clock(step=parse_step(step))
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(
            f"The business clock says {clock.now():%a %-d %b %Y %H:%M} UTC ({clock.offset()} from real time)."
        )
