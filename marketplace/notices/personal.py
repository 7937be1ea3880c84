"""What notices hold of a person: what they were told, and what others were told of them."""

from __future__ import annotations

from marketplace.kernel import registry
from marketplace.kernel.personal import Delete, Personal, Room
from marketplace.notices.actions import forget_in_notices


def own_kinds() -> list[str]:
    """Return the kinds that tell people of themselves, and of nobody else."""
    return [code for code, kind in registry.notice_kinds.items() if not kind.names_others]


ROOM = Room(
    name="notices",
    label="What you were told",
    also=forget_in_notices,
    tables=(
        Personal("notices.Notification", Delete(), person="user", title="Notices", only={"kind__in": own_kinds},
                 columns=("created_at", "kind", "title", "body", "read_at")),
        Personal("notices.EmailMessage", Delete(), person="user", title="E-mails", only={"kind__in": own_kinds},
                 columns=("queued_at", "to_address", "subject")),
        Personal("notices.NoticePreference", Delete(), person="user", title="E-mail preferences",
                 columns=("kind", "by_email")),
    ),
)  # fmt: skip
