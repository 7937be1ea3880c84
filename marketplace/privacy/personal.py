"""What this room itself holds of a person: copies of their data, and that they asked to be erased."""

from __future__ import annotations

from marketplace.kernel.personal import Delete, Keep, Personal, Room

PROOF = "That it was asked for and done, under the pseudonym."

ROOM = Room(
    name="privacy",
    label="Copies and erasure",
    tables=(
        Personal("privacy.DataCopy", Delete(), person="user", title="Copies of your data", files=("file",),
                 gives_files=False, columns=("asked_at", "state", "ready_at", "expires_at", "size_bytes")),
        Personal("privacy.ErasureRequest", Keep(PROOF), person="user", title="Requests to be erased",
                 columns=("asked_at", "state", "due_at", "cancelled_at", "done_at")),
        Personal("privacy.RestrictedIdentity",
                 Keep("Sealed: who was paid, as long as tax and booking law ask. Then a sweep destroys it."), person="user",
                 unseen="It is made while somebody is erased, so there is nobody left to give it to."),
    ),
)  # fmt: skip
