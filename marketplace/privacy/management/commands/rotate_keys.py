"""`manage.py rotate_keys`: seal everything with the first key of FIELD_ENCRYPTION_KEYS, so that old keys can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.kernel.crypto import encryption_key_id
from marketplace.privacy.actions.rotation import BATCH, Report, rotate, survey


class Command(BaseCommand):
    help = "Seal every encrypted value with the present key. Stop it at any time; started again, it goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count values by key, and change nothing")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"rows in one transaction (default {BATCH})")

    def handle(self, *_args: Any, dry_run: bool, batch: int, **_options: Any) -> None:
        self.stdout.write(f"The present key is {encryption_key_id()}.")
        if dry_run:
            for report in survey():
                self._say(report, f"{report.old} to seal anew")
            return
        last: dict[str, Report] = {}
        for report in rotate(batch=max(1, batch)):
            last[report.place] = report
            self._say(report, f"{report.done} sealed anew")
        self._verify(list(last.values()))

    def _say(self, report: Report, words: str) -> None:
        keys = ", ".join(f"{key or 'none'}: {count}" for key, count in sorted(report.by_key.items())) or "empty"
        self.stdout.write(f"{report.place}: {words} ({keys})")

    def _verify(self, reports: list[Report]) -> None:
        broken = [f"{report.place}, rows {report.broken[:10]}" for report in reports if report.broken]
        old = sum(report.old for report in reports)
        if broken:
            raise CommandError(
                f"No key opens these, so they were left alone: {'; '.join(broken)}. Look into the backup."
            )
        if old:
            raise CommandError(
                f"{old} values came in with an old key meanwhile. Restart web and workers, then run it again."
            )
        self.stdout.write("0 values are left with another key. The old ones may leave FIELD_ENCRYPTION_KEYS.")
