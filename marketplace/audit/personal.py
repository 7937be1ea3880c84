"""What the audit trail holds of a person: what they did. It names them by an opaque id, and their name is looked up."""

from __future__ import annotations

from marketplace.kernel.personal import Keep, Personal, Room

ROOM = Room(
    name="audit",
    label="What you did here",
    tables=(
        Personal(
            "audit.AuditEvent",
            Keep("The trail is append-only and proves who decided what; it names people by an opaque id."),
            ref="actor_ref",
            title="Record of your acts",
            columns=("at", "what", "about_kind", "address"),
        ),
    ),
)
