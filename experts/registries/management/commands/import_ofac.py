"""`manage.py import_ofac SDN ALT ADD`: OFAC's list of specially designated nationals."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from experts.registries.enums import Register
from experts.registries.management.importing import ImportCommand
from experts.registries.reading import OfacReader


class Command(ImportCommand):
    help = "Import OFAC's sdn.csv, alt.csv and add.csv. Every expert is screened against the new list afterwards."
    register = Register.OFAC

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("sdn", "alt", "add"):
            parser.add_argument(name, type=Path)
        super().add_arguments(parser)

    def handle(self, *_args: Any, sdn: Path, alt: Path, add: Path, **options: Any) -> None:
        self.run(OfacReader(sdn, alt, add), options)
