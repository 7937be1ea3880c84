"""What the three import commands share: one run from a file to a list that counts."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experts.registries import actions
from experts.registries.enums import SHORT_NAMES, Register
from experts.registries.management.progress import Progress
from experts.registries.models import RegistryImport
from experts.registries.reading import Reader, fingerprint
from marketplace.kernel import clock
from marketplace.kernel.errors import Refused

BATCH = 2000
"""Records that go into the database together. Memory grows with it, and with nothing else."""


class ImportCommand(BaseCommand):
    """A command that imports one register."""

    register: Register

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--date", type=_day, help="the day of the list, 2026-11-28; else the file's name or age says it"
        )
        parser.add_argument("--give-up", action="store_true", help="give up an import of another file that was stopped")
        parser.add_argument(
            "--accept-shrinkage", action="store_true", help="yes, more than a fifth of the rows have left the list"
        )

    def run(self, reader: Reader, options: dict[str, Any]) -> None:
        """
        Import the reader's files.

        :raises CommandError: with the sentence of the refusal. Before the first batch nothing is left behind; after it,
            the same command goes on.
        """
        try:
            self._run(reader, options)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def _run(self, reader: Reader, options: dict[str, Any]) -> None:
        reader.check()
        if options["give_up"] and (old := actions.give_up_import(register=self.register, now=clock.now())):
            self.stdout.write(f"Gave up {old.file_name} after {old.position:,} records.")
        row = self._begin(reader, options["date"])
        if row.position:
            self.stdout.write(f"Going on with {row.file_name} after {row.position:,} records.")
        try:
            row = self._write(reader, row)
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was read is kept; the same command goes on from there.") from None
        row = actions.finish_import(
            import_id=row.public_id, now=clock.now(), accept_shrinkage=options["accept_shrinkage"]
        )
        self.stdout.write(self.style.SUCCESS(summary(row)))

    def _begin(self, reader: Reader, given: date | None) -> RegistryImport:
        progress = Progress(self.stdout)
        self.stdout.write(
            f"Reading {', '.join(path.name for path in reader.paths)} once, to know it again by its hash."
        )
        sha256 = fingerprint(reader.paths, lambda done, total: progress.show(done=done, total=total))
        progress.end()
        newest = max(path.stat().st_mtime for path in reader.paths)
        list_on = given or reader.list_on() or datetime.fromtimestamp(newest, tz=UTC).date()
        return actions.begin_import(
            register=self.register,
            file_name=", ".join(path.name for path in reader.paths),
            sha256=sha256,
            size_bytes=sum(path.stat().st_size for path in reader.paths),
            list_on=list_on,
            is_whole=reader.is_whole,
            now=clock.now(),
        )

    def _write(self, reader: Reader, row: RegistryImport) -> RegistryImport:
        progress, records = Progress(self.stdout), reader.records()
        for number, _skipped in enumerate(islice(records, row.position), start=1):
            if number % BATCH == 0:
                done, total = reader.progress()
                progress.show(done=done, total=total, records=number)
        progress.begin_at(row.position)
        while batch := list(islice(records, BATCH)):
            row = actions.write_batch(import_id=row.public_id, position=row.position, records=batch, now=clock.now())
            done, total = reader.progress()
            progress.show(done=done, total=total, records=row.position)
        done, total = reader.progress()
        progress.show(done=total, total=total, records=row.position, force=True)
        progress.end()
        return row


def summary(row: RegistryImport) -> str:
    """Return in a few sentences what an import did."""
    parts = [
        f"{SHORT_NAMES[Register(row.register)]}, list of {row.list_on}: {row.rows_new:,} new, {row.rows_changed:,} changed, "
        f"{row.rows_same:,} as before, {row.rows_gone:,} not listed any more."
    ]
    if row.rows_left_out:
        parts.append(f"{row.rows_left_out:,} records are of a kind that is not kept.")
    if row.rows_unreadable:
        parts.append(f"{row.rows_unreadable:,} could not be read; the first: {row.first_unreadable}.")
    if not row.is_whole:
        parts.append("It is an update, so nothing was marked as gone.")
    return " ".join(parts)


def _day(text: str) -> date:
    return date.fromisoformat(text)
