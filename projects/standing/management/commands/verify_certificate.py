"""`manage.py verify_certificate file.json --keys did.json [--revocations list.json]`: no database, no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.standing import offline


class Command(BaseCommand):
    help = "Check a certificate offline. The same program stands alone at /verify/check_certificate.py."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("certificate", type=Path, help="the certificate as JSON")
        parser.add_argument("--keys", type=Path, required=True, help="the issuer's did.json")
        parser.add_argument("--revocations", type=Path, help="the signed revocation list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was found; fail if the certificate does not hold."""
        try:
            verdict = offline.check_files(options["certificate"], options["keys"], options["revocations"])
        except (OSError, offline.Malformed) as why:
            raise CommandError(str(why), returncode=2) from why
        if not verdict.holds:
            raise CommandError(f"{verdict.state}: {verdict.sentence}")
        self.stdout.write(self.style.SUCCESS(f"{verdict.state}: {verdict.sentence}"))
