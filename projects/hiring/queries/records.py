"""What experts have done here so far, told by the rooms above: work is done after hiring, so it fills this in itself."""

from __future__ import annotations

from collections.abc import Callable, Collection

from projects.hiring.figures import Record

__all__ = ["Record", "Records", "records", "records_of"]

Records = Callable[[Collection[int]], dict[int, Record]]
"""function(ids of experts) -> what each of them has done, by one query; who has done nothing may be left out."""

records: dict[str, Records] = {}
"""Filled by `projects.work` in its AppConfig.ready()."""


def records_of(expert_ids: Collection[int]) -> dict[int, Record]:
    """Return the record of each expert, added up over all rooms that know one."""
    found: dict[int, Record] = {}
    for ask in records.values():
        for expert_id, record in ask(expert_ids).items():
            known = found.get(expert_id, Record())
            found[expert_id] = Record(
                accepted=known.accepted + record.accepted,
                reviewed=known.reviewed + record.reviewed,
                on_time=known.on_time + record.on_time,
                taken=known.taken + record.taken,
            )
    return found
