"""Run the local stand-in for Stripe in a process of its own."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.gateway.simulator.server import Config, Simulator
from payments.gateway.simulator.webhooks import Endpoint


class Command(BaseCommand):
    help = "Run the local stand-in for Stripe. It moves no real money and refuses to start in production."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        port = urlsplit(settings.STRIPE_SIMULATOR_URL).port
        parser.add_argument("--port", type=int, default=port, help="0 takes a free port")
        parser.add_argument(
            "--db", type=Path, default=settings.STRIPE_SIMULATOR_DB, help="the SQLite file that keeps its state"
        )
        parser.add_argument(
            "--webhook-url",
            default=f"{settings.SITE_URL}/stripe/webhooks/",
            help="where the product listens; thin events go to the same address with v2/ added; empty for nowhere",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The stand-in for Stripe runs only where DJANGO_DEBUG is on: it would accept any key.")
        Path(options["db"]).parent.mkdir(parents=True, exist_ok=True)
        endpoint = None
        if options["webhook_url"]:
            endpoint = Endpoint(
                url=options["webhook_url"],
                secret=settings.STRIPE_WEBHOOK_SECRET,
                connect_secret=settings.STRIPE_CONNECT_WEBHOOK_SECRET,
                thin_secret=settings.STRIPE_THIN_WEBHOOK_SECRET,
            )
        try:
            simulator = Simulator(
                Config(path=options["db"], host=options["host"], port=options["port"], endpoint=endpoint)
            )
        except OSError as error:
            where = f"{options['host']}:{options['port']}"
            raise CommandError(f"The stand-in for Stripe cannot listen on {where}: {error.strerror}.") from error
        self.stdout.write(f"Stand-in for Stripe at {simulator.address} (no real money).")
        self.stdout.flush()
        signal.signal(signal.SIGTERM, _leave)
        with suppress(KeyboardInterrupt):
            simulator.serve()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End at once: each effect is committed before its answer, so there is nothing to finish."""
    raise SystemExit(0)
