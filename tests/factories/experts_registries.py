"""Public registers as they are after an import, and the sample files in their real formats. Every person is invented."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO
from itertools import count
from typing import Any

from django.core.management import call_command

from experts.registries import actions
from experts.registries.enums import Register
from experts.registries.models import RegistryImport
from experts.registries.reading import Record, Row
from tests.architecture.house import ROOT
from tests.factories.experts_profiles import NOW

DATA = ROOT / "tests" / "data"
NPPES_FILE = DATA / "npidata_pfile_20050523-20261109.csv"
FIDE_FILE = DATA / "players_list_xml.xml"
OFAC_FILES = (DATA / "sdn.csv", DATA / "alt.csv", DATA / "add.csv")

_numbers = count(1)


def provider(number: str = "1234567893", last: str = "OKAFOR", first: str = "IMANI", **facts: Any) -> Row:
    """Return a person of NPPES; facts overrule single columns."""
    texts = ("middle_name", "credential_text", "other_last_name", "other_first_name", "other_middle_name")
    values: dict[str, Any] = {"number": number, "last_name": last, "first_name": first} | dict.fromkeys(texts, "")
    values |= {"practice_state": "MA", "country": "US", "licences": []}
    days = ("enumerated_on", "updated_on", "deactivated_on", "reactivated_on")
    return Row("nppesprovider", values | dict.fromkeys(days) | facts)


def licence(number: str, state: str, taxonomy: str = "207RC0000X") -> dict[str, Any]:
    return {"taxonomy": taxonomy, "number": number, "state": state, "primary": True}


def player(number: str = "99900015", name: str = "Okafor, Imani", **facts: Any) -> Row:
    """Return a player of FIDE's list; facts overrule single columns."""
    values = {
        "number": number, "name": name, "federation": "USA", "sex": "F", "title": "", "women_title": "", "other_titles": "",
        "rating": 1650, "birth_year": 1986, "flag": "",
    }  # fmt: skip
    return Row("fideplayer", values | facts)


def entry(ent_num: int = 900101, name: str = "KORVAREN, Oleksandr Petrovich", **facts: Any) -> Row:
    """Return a person of OFAC's list; facts overrule single columns."""
    values = {"ent_num": ent_num, "name": name, "kind": "individual", "program": "INVENTED-1", "title": "",
              "remarks": "DOB 12 Mar 1961"}  # fmt: skip
    return Row("sanctionentry", values | facts)


def alias(ent_num: int, name: str, alt_num: int = 910001) -> Row:
    return Row(
        "sanctionalias", {"entry_id": ent_num, "alt_num": alt_num, "alias_type": "aka", "name": name, "remarks": ""}
    )


def import_list(
    register: Register, *records: Record, now: datetime = NOW, list_on: date | None = None, **options: Any
) -> RegistryImport:
    """Import these records as a list of the register, in one batch."""
    started = begin(register, now=now, list_on=list_on, **options)
    actions.write_batch(import_id=started.public_id, position=0, records=list(records), now=now)
    return actions.finish_import(import_id=started.public_id, now=now, accept_shrinkage=True)


def begin(
    register: Register, *, now: datetime = NOW, list_on: date | None = None, sha256: str = "", is_whole: bool = True
) -> RegistryImport:
    """Begin an import of a file that is unlike any other."""
    return actions.begin_import(
        register=register, file_name="list.csv", sha256=sha256 or f"{next(_numbers):064d}", size_bytes=1000,
        list_on=list_on or now.date(), is_whole=is_whole, now=now,
    )  # fmt: skip


def run(command: str, *arguments: Any, **options: Any) -> str:
    """Run an import command; return what it said."""
    output = StringIO()
    call_command(command, *map(str, arguments), stdout=output, **options)
    return output.getvalue()
