"""
Public registers of the demonstration world: short lists of invented people, imported as the commands import real ones.

At first nobody is like a name on the sanctions list. At the end a newer one comes with two names that are like those of
experts who wait, so that staff have somebody to compare, and one of them has been looked at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from experts.credentials.actions import compare_due
from experts.credentials.enums import CredentialKind
from experts.credentials.models import Credential
from experts.profiles.models import Expert
from experts.registries.actions import Row, begin_import, finish_import, write_batch
from experts.registries.enums import ImportState, Register
from experts.registries.models import RegistryImport
from experts.vetting.actions import decide_hit, screen_expert
from experts.vetting.enums import OPEN_CASE_STATES, HitState, Verdict
from experts.vetting.models import Hit
from marketplace.demo.actions.people import personas

LICENCE = {"taxonomy": "207RC0000X", "number": "212345", "state": "MA", "primary": True}
PROVIDERS: tuple[tuple[str, str, str, list[dict[str, Any]]], ...] = (
    ("1234567893", "OKAFOR", "IMANI", [LICENCE]),
    ("2000000010", "HALVORSEN", "SIGRID", []),
)
LISTED = ("KORVAREN, Oleksandr Petrovich", "ZHORANKOV, Vsevolod", "QUISTANGUY-PRATT, Xiomara", "UZZELVANDT, Jvarton")
FIRST_ENTRY = 900101
"""Entries 9001.. are given to nobody on the real list."""

SAID = "Name, country and profession agree with the remarks of the entry; nothing of what we hold speaks against it."


def import_lists(*, now: datetime) -> None:
    """Import a short NPPES and a short sanctions list from before anybody was vetted."""
    then = now - timedelta(days=50)
    _import(Register.NPPES, [_provider(*facts) for facts in PROVIDERS], now=then)
    _import(Register.OFAC, [_entry(number, name) for number, name in enumerate(LISTED)], now=then)


def import_newer_lists(*, now: datetime) -> None:
    """Import a rating list and a newer sanctions list, and look at what they say of people who wait to be vetted."""
    players = [
        _player(row) for row in Credential.objects.filter(kind=CredentialKind.FIDE).select_related("expert__user")
    ]
    then = now - timedelta(hours=3)
    if players:
        _import(Register.FIDE, players, now=then)
        compare_due(now=then)
    waiting = list(_who_wait()[:2])
    entries = [_entry(number, name) for number, name in enumerate(LISTED)]
    entries += [_like(len(LISTED) + number, expert) for number, expert in enumerate(waiting)]
    _import(Register.OFAC, entries, now=then)
    for expert in waiting:
        screen_expert(expert_id=expert.public_id, now=then)
    hit: Hit | None = Hit.objects.filter(expert__in=waiting, state=HitState.OPEN).order_by("-pk").first()
    if hit is not None and not Hit.objects.filter(state=HitState.MATCH_SAID).exists():
        decide_hit(hit_id=hit.public_id, verdict=Verdict.MATCH, reason=SAID, by=personas()["second-vetter"],
                   now=now - timedelta(hours=1))  # fmt: skip


def _who_wait() -> Any:
    """Experts with an open case whom no lab has hired, so that no money of the world is held."""
    rows = Expert.objects.filter(cases__state__in=OPEN_CASE_STATES, contracts__isnull=True).select_related("user")
    return rows.distinct().order_by("pk")


def _import(register: Register, rows: Sequence[Row], *, now: datetime) -> None:
    """Import a list, unless it was imported."""
    text = json.dumps([row.values for row in rows], default=str, sort_keys=True).encode()
    sha256 = hashlib.sha256(text).hexdigest()
    if RegistryImport.objects.filter(register=register, sha256=sha256, state=ImportState.DONE).exists():
        return
    started = begin_import(
        register=register, file_name=f"invented-{register.lower()}.csv", sha256=sha256, size_bytes=len(text),
        list_on=now.date(), is_whole=True, now=now,
    )  # fmt: skip
    if started.position == 0:
        write_batch(import_id=started.public_id, position=0, records=list(rows), now=now)
    finish_import(import_id=started.public_id, now=now, accept_shrinkage=True)


def _provider(number: str, last: str, first: str, licences: list[dict[str, Any]]) -> Row:
    texts = ("middle_name", "credential_text", "other_last_name", "other_first_name", "other_middle_name")
    days = ("enumerated_on", "updated_on", "deactivated_on", "reactivated_on")
    values: dict[str, Any] = {"number": number, "last_name": last, "first_name": first} | dict.fromkeys(texts, "")
    values |= {"practice_state": "MA", "country": "US", "licences": licences} | dict.fromkeys(days)
    return Row("nppesprovider", values)


def _player(credential: Credential) -> Row:
    given, _space, family = credential.expert.user.full_name.rpartition(" ")
    title = credential.title if len(credential.title) <= 4 else ""
    return Row(
        "fideplayer",
        {
            "number": credential.number.lstrip("0"), "name": f"{family}, {given}", "federation": "", "sex": "",
            "title": title.upper(), "women_title": "", "other_titles": "", "rating": 2200, "birth_year": None, "flag": "",
        },
    )  # fmt: skip


def _entry(number: int, name: str, **facts: Any) -> Row:
    values = {
        "ent_num": FIRST_ENTRY + number, "name": name, "kind": "individual", "program": "INVENTED", "title": "",
        "remarks": "DOB 12 Mar 1961; POB Nowhere; every person on this list is invented.",
    }  # fmt: skip
    return Row("sanctionentry", values | facts)


def _like(number: int, expert: Expert) -> Row:
    given, _space, family = expert.user.full_name.rpartition(" ")
    return _entry(number, f"{family.upper()}, {given} Aurel", title="Trader")
