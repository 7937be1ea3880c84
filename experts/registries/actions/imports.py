"""
Importing a register: begun, written batch by batch, finished or given up.

The position moves in the transaction of the rows before it, so a killed import goes on where it was and no record is
written twice or left out. The newest finished import is the list that counts; who depends on it looks for it in a sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from experts.registries.actions.upserts import Tally, upsert
from experts.registries.enums import IMPORT_MOVES, LARGEST_SHRINKAGE, SHORT_NAMES, ImportState, Register
from experts.registries.models import ROWS_OF, RegistryImport, RegistryRow, missing_from
from experts.registries.reading import LEFT_OUT, Record, Row, Unreadable
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Conflict, Refused
from marketplace.kernel.states import require_move

IMPORTER = System("registries.import")


@transaction.atomic(durable=True)
def begin_import(
    *, register: str, file_name: str, sha256: str, size_bytes: int, list_on: date, is_whole: bool, now: datetime
) -> RegistryImport:
    """
    Begin an import, or return the one of the same file that was stopped on its way.

    :raises Conflict: if the import of another file was stopped on its way.
    :raises Refused: if this file was imported before, or a newer list stands.
    """
    called = SHORT_NAMES[Register(register)]
    imports = RegistryImport.objects.of(register)
    running: RegistryImport | None = imports.running().select_for_update(of=("self",), no_key=True).first()
    if running is not None and running.sha256 == sha256:
        return running
    if running is not None:
        raise Conflict(
            f"The import of {running.file_name} stopped after {running.position:,} records. Run it again with that file "
            "to finish it, or add --give-up to go on with this one."
        )
    newest: RegistryImport | None = imports.done().first()
    if newest is not None and newest.sha256 == sha256:
        raise Refused(f"This file was imported on {newest.started_at:%d %b %Y}: {called}, list of {newest.list_on}.")
    if newest is not None and list_on < newest.list_on:
        raise Refused(f"{called}: the list of {newest.list_on} stands, and this one is older: {list_on}.")
    started: RegistryImport = RegistryImport.objects.create(
        register=register, file_name=file_name[:255], sha256=sha256, size_bytes=size_bytes, list_on=list_on,
        is_whole=is_whole, started_at=now, advanced_at=now,
    )  # fmt: skip
    record(what="registries.begin_import", by=IMPORTER, about=started, now=now,
           after={"register": str(register), "sha256": sha256, "list_on": str(list_on)})  # fmt: skip
    return started


@transaction.atomic(durable=True)
def write_batch(*, import_id: UUID, position: int, records: Sequence[Record], now: datetime) -> RegistryImport:
    """
    Write the records that follow after `position`, and move the position behind them in the same transaction.

    :raises Conflict: if another process imports this register and has gone on meanwhile, or somebody gave it up.
    """
    row = _locked(import_id)
    if row.state != ImportState.RUNNING or row.position != position:
        raise Conflict("Another process works on this import. Nothing of this batch was written.")
    _count(row, records)
    for model in ROWS_OF[Register(row.register)]:
        tally = upsert(model, _rows_for(model, records), seen_in=row)
        _add(row, tally)
    row.position += len(records)
    row.advanced_at = now
    row.save(update_fields=[
        "position", "advanced_at", "rows_new", "rows_changed", "rows_same", "rows_left_out", "rows_unreadable",
        "first_unreadable",
    ])  # fmt: skip
    return row


def _rows_for(model: type[RegistryRow], records: Sequence[Record]) -> list[dict[str, object]]:
    table = model._meta.model_name
    return [one.values for one in records if isinstance(one, Row) and one.table == table]


def _count(row: RegistryImport, records: Sequence[Record]) -> None:
    row.rows_left_out += sum(one == LEFT_OUT for one in records)
    strange = [one.words for one in records if isinstance(one, Unreadable)]
    row.rows_unreadable += len(strange)
    if strange and not row.first_unreadable:
        row.first_unreadable = strange[0][:300]


def _add(row: RegistryImport, tally: Tally) -> None:
    row.rows_new += tally.new
    row.rows_changed += tally.changed
    row.rows_same += tally.same


@transaction.atomic(durable=True)
def finish_import(*, import_id: UUID, now: datetime, accept_shrinkage: bool = False) -> RegistryImport:
    """
    Make this list the one that counts. Of a whole list, rows that it does not have any more are marked, never deleted.

    :param accept_shrinkage: that it is meant when more than a fifth of the rows would go.
    :raises Conflict: if it is not running any more.
    :raises Refused: if more than a fifth would go, as with half a file; or nothing in it could be read.
    """
    row = _locked(import_id)
    if row.state != ImportState.RUNNING:
        raise Conflict("This import has ended already.")
    if row.rows_new + row.rows_changed + row.rows_same == 0:
        raise Refused(f"Not one row of {row.file_name} could be read. First: {row.first_unreadable or 'it is empty'}.")
    if row.is_whole:
        for model in ROWS_OF[Register(row.register)]:
            _mark_missing(model, row, accept_shrinkage=accept_shrinkage)
    require_move(IMPORT_MOVES, current=row.state, target=ImportState.DONE, what="import")
    row.state, row.finished_at, row.advanced_at = ImportState.DONE, now, now
    row.save(update_fields=["state", "finished_at", "advanced_at", "rows_gone"])
    record(what="registries.finish_import", by=IMPORTER, about=row, now=now, after=_figures(row))
    return row


def _mark_missing(model: type[RegistryRow], row: RegistryImport, *, accept_shrinkage: bool) -> None:
    missing = missing_from(model, row)
    going, standing = missing.count(), model.objects.standing().count()
    if going > standing * LARGEST_SHRINKAGE and not accept_shrinkage:
        raise Refused(
            f"{going:,} of {standing:,} rows are not in {row.file_name}: more than a fifth. Is it the whole list? If it "
            "is, run the command again with --accept-shrinkage; if not, with --give-up and the right file."
        )
    row.rows_gone += missing.update(gone_in=row)


@transaction.atomic(durable=True)
def give_up_import(*, register: str, now: datetime) -> RegistryImport | None:
    """
    Give up an import that was stopped on its way; return it, or None where there is none. What it wrote stays: those
    are newer facts. Which rows have gone is said by the next whole list.
    """
    rows = RegistryImport.objects.of(register).running()
    row: RegistryImport | None = rows.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        return None
    require_move(IMPORT_MOVES, current=row.state, target=ImportState.GIVEN_UP, what="import")
    row.state, row.finished_at = ImportState.GIVEN_UP, now
    row.save(update_fields=["state", "finished_at"])
    record(what="registries.give_up_import", by=IMPORTER, about=row, now=now, after=_figures(row))
    return row


def _figures(row: RegistryImport) -> dict[str, int]:
    names = ("position", "rows_new", "rows_changed", "rows_same", "rows_gone", "rows_left_out", "rows_unreadable")
    return {name: getattr(row, name) for name in names}


def _locked(import_id: UUID) -> RegistryImport:
    rows = RegistryImport.objects.select_for_update(of=("self",), no_key=True)
    found: RegistryImport = rows.get(public_id=import_id)
    return found
