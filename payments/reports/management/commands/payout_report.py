"""The payout register from a shell: `manage.py payout_report --week 2026-W47 --format csv > register.csv`."""

from __future__ import annotations

from argparse import ArgumentParser
from io import TextIOWrapper
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel import clock
from payments.reports.forms import WeekForm
from payments.reports.queries import PayoutRegister
from payments.reports.writers import csv_file


class Command(BaseCommand):
    help = "Write the payout register of one week."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="for example 2026-W47")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--format", default="csv", choices=["csv"])
        parser.add_argument("--output", help="a file; without it, the register goes to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        form = WeekForm({"week": options["week"], "currency": options["currency"]})
        if not form.is_valid():
            raise CommandError(str(next(iter(form.errors.values()))[0]))
        report = PayoutRegister(period=form.cleaned_data["week"], currency=form.cleaned_data["currency"].upper())
        if report.run is None:
            raise CommandError(f"There is no pay run for {options['week']} in {report.currency}.")
        out, stamp = csv_file.spooled(report, by="manage.py payout_report", now=clock.now())
        with out:
            if options["output"]:
                with Path(options["output"]).open("wb") as target:
                    copyfileobj(out, target)
            else:
                for line in TextIOWrapper(out, encoding="utf-8", newline=""):
                    self.stdout.write(line, ending="")
        self.stderr.write(f"{stamp.rows} rows, SHA-256 {stamp.sha256}")
