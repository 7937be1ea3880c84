"""Exports of accepted work for tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from projects.delivery.actions import request_export, write_export
from projects.delivery.models import Export
from projects.hiring.models import Contract
from tests.factories.projects_labs import owner_of
from tests.factories.projects_work import NOW

LATER = NOW + timedelta(days=8)


def export_of(contract: Contract, *, now: datetime = LATER) -> Export:
    """An export of everything in the contract's project, asked for by the lab's owner and written."""
    project = contract.project
    export = request_export(project=project, kind="", by=owner_of(project.lab), now=now)
    write_export(export_id=export.pk, now=now)
    export.refresh_from_db()
    return export


def lines_of(export: Export) -> list[dict[str, object]]:
    """The rows of an export's file."""
    with export.file.open("rb") as file:
        return [json.loads(line) for line in file]
