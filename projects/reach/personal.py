"""What this room holds of a person: the searches they saved, and what those found."""

from __future__ import annotations

from marketplace.kernel.personal import Delete, Personal, Room

ROOM = Room(
    name="reach",
    label="Saved searches",
    tables=(
        Personal("reach.FoundGig", Delete(), person="search__user", title="Gigs that your searches found",
                 columns=("search__name", "project__title", "found_at", "told_at")),
        Personal("reach.SavedSearch", Delete(), person="user", title="Saved searches",
                 columns=("name", "query", "frequency", "state", "created_at", "looked_at", "seen_at", "told_at")),
    ),
)  # fmt: skip
