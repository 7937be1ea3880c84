"""What this room holds of a person: who of us opened their pages, when and why; and, of staff, what they opened."""

from __future__ import annotations

from marketplace.kernel.personal import Blank, Personal, Room

WHY = "That staff looked at somebody's pages stays, without the words of its reason, so that it can be answered for."

ROOM = Room(
    name="support",
    label="Support",
    tables=(
        Personal("support.Impersonation", Blank({"reason": ""}, WHY), person="person", title="When support looked at your pages",
                 columns=("started_at", "ended_at", "reason")),
    ),
)  # fmt: skip
