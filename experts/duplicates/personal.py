"""What the guard against second accounts holds of a person: hashes that say nothing, and what staff found out."""

from __future__ import annotations

from experts.duplicates.actions import forget_person
from marketplace.kernel.personal import Keep, Personal, Room

GUARDED = "Telling people what their account is compared by would show the others how to pass."
STAYS = "Deleted with the person, unless fraud was suspected: then the hash stays, so that nobody comes back unnoticed."

ROOM = Room(
    name="duplicates",
    label="One account per person",
    also=forget_person,
    acts=("duplicates.Answer",),
    tables=(
        Personal("duplicates.Identifier", Keep(STAYS), person="user", unseen=GUARDED),
        Personal("duplicates.Question", Keep(STAYS), person="first", unseen=GUARDED),
        Personal("duplicates.Question", Keep(STAYS), person="second", unseen=GUARDED),
    ),
)
