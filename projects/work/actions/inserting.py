"""Putting tasks into a batch, many at once. Needs an open transaction that holds the batch's row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from marketplace.kernel.ids import new_public_id
from projects.work.models import Batch, Task
from projects.work.reading import Read

# The twin is looked for without an order: with ORDER BY id LIMIT 1 the planner walks the primary key of a young table.
_INSERT = """
WITH given AS MATERIALIZED (
    SELECT sent.*, (
        SELECT other.id FROM work_task other
        WHERE other.project_id = %(project)s AND other.content_sha256 = sent.content AND other.duplicate_of_id IS NULL
        LIMIT 1
    ) AS twin
    FROM unnest(%(public_ids)s::uuid[], %(ids)s::text[], %(contents)s::text[], %(prompts)s::text[], %(metadata)s::text[],
        %(positions)s::bigint[]) AS sent(public_id, external_id, content, prompt, metadata, position)
)
INSERT INTO work_task (public_id, project_id, batch_id, external_id, content_sha256, prompt, metadata, duplicate_of_id,
    state, position, overlap, open_slots, accepted_count, bad_reports, created_at)
SELECT public_id, %(project)s, %(batch)s, external_id, content, prompt::jsonb, metadata::jsonb, twin,
    CASE WHEN twin IS NULL THEN 'OPEN' ELSE 'STAGED' END, position, %(overlap)s, %(overlap)s, 0, 0, %(now)s
FROM given
ON CONFLICT (project_id, external_id) DO NOTHING
RETURNING position, state
"""


@dataclass(frozen=True, slots=True)
class Inserted:
    """What became of some rows, by row number."""

    created: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)  # this external_id is in the project already
    changed: list[int] = field(default_factory=list)  # known, with another content than was sent now
    repeated: list[int] = field(default_factory=list)  # known, and from this very batch


def insert_tasks(batch: Batch, rows: Sequence[tuple[int, Read]], *, now: datetime) -> Inserted:
    """
    Insert what is new and say what was there already; rows that stand are never touched.

    A row whose content the project already has becomes a task that is set aside as a duplicate.

    :param rows: (row number, what was read), numbers not used in this batch before.
    """
    sums = {number: content_sha256(batch.kind, read.prompt) for number, read in rows}
    first: dict[str, int] = {}
    for number, _ in rows:
        first.setdefault(sums[number], number)
    leading = [row for row in rows if first[sums[row[0]]] == row[0]]
    following = [row for row in rows if first[sums[row[0]]] != row[0]]
    states = _insert(batch, leading, sums, now=now) | _insert(batch, following, sums, now=now)
    done = Inserted(
        created=[number for number, state in states.items() if state == "OPEN"],
        duplicates=[number for number, state in states.items() if state == "STAGED"],
    )
    _explain(batch, [row for row in rows if row[0] not in states], sums, done)
    return done


def content_sha256(kind: str, prompt: dict[str, object]) -> str:
    """Return the fingerprint of a prompt: equal prompts of a kind have equal ones, whatever their order of keys."""
    text = json.dumps([kind, prompt], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def id_of(batch: Batch, number: int, read: Read) -> str:
    """Return the lab's id, or one made of the batch and the row when the file has none."""
    return read.external_id or f"{batch.code}-{number}"


def _insert(batch: Batch, rows: list[tuple[int, Read]], sums: dict[int, str], *, now: datetime) -> dict[int, str]:
    """Return the state of each task that was created, by row number."""
    if not rows:
        return {}
    values: dict[str, Any] = {
        "project": batch.project_id,
        "batch": batch.pk,
        "overlap": batch.overlap,
        "now": now,
        "public_ids": [str(new_public_id()) for _ in rows],
        "ids": [id_of(batch, number, read) for number, read in rows],
        "contents": [sums[number] for number, _ in rows],
        "prompts": [json.dumps(read.prompt, ensure_ascii=False) for _, read in rows],
        "metadata": [json.dumps(read.metadata, ensure_ascii=False) for _, read in rows],
        "positions": [batch.position_base + number for number, _ in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return {position - batch.position_base: state for position, state in cursor.fetchall()}


def _explain(batch: Batch, rows: list[tuple[int, Read]], sums: dict[int, str], done: Inserted) -> None:
    """Sort the rows that met a task with their external_id."""
    ids = [id_of(batch, number, read) for number, read in rows]
    there = {
        task.external_id: task
        for task in Task.objects.filter(project_id=batch.project_id, external_id__in=ids).only(
            "external_id", "content_sha256", "batch_id"
        )
    }
    for number, read in rows:
        task = there[id_of(batch, number, read)]
        done.known.append(number)
        if task.batch_id == batch.pk:
            done.repeated.append(number)
        if task.content_sha256 != sums[number]:
            done.changed.append(number)
