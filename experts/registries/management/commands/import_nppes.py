"""`manage.py import_nppes FILE`: the register of providers of the United States."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from experts.registries.enums import Register
from experts.registries.management.importing import ImportCommand
from experts.registries.reading import NppesReader


class Command(ImportCommand):
    help = "Import NPPES: the monthly or weekly zip of CMS, or its npidata_pfile_*.csv. A stopped import goes on."
    register = Register.NPPES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        super().add_arguments(parser)

    def handle(self, *_args: Any, file: Path, **options: Any) -> None:
        self.run(NppesReader(file), options)
