"""`manage.py import_fide FILE`: the rating list of FIDE."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from experts.registries.enums import Register
from experts.registries.management.importing import ImportCommand
from experts.registries.reading import FideReader


class Command(ImportCommand):
    help = "Import FIDE's rating list: players_list_xml.zip, or the XML inside. A stopped import goes on."
    register = Register.FIDE

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        super().add_arguments(parser)

    def handle(self, *_args: Any, file: Path, **options: Any) -> None:
        self.run(FideReader(file), options)
