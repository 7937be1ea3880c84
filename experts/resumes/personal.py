"""What résumés hold of a person: what was read out of theirs."""

from __future__ import annotations

from marketplace.kernel.personal import Delete, Personal, Room

ROOM = Room(
    name="resumes",
    label="Résumé suggestions",
    tables=(
        Personal("resumes.Suggestion", Delete(), person="expert__user", title="Suggestions from your résumé",
                 columns=("kind", "value", "page", "line", "quote", "state", "decided_at")),
        Personal("resumes.Reading", Delete(), person="expert__user", title="Readings of your résumé",
                 columns=("document__original_name", "state", "queued_at", "finished_at")),
    ),
)  # fmt: skip
