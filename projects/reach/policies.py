"""How much one person may save."""

from __future__ import annotations

from marketplace.kernel.errors import Refused
from projects.reach.enums import SEARCHES_MAX


def require_room_for_one_more(saved: int) -> None:
    """:raises Refused: if a person has as many searches as anybody can keep."""
    if saved >= SEARCHES_MAX:
        raise Refused(
            f"You can keep {SEARCHES_MAX} searches. Delete one that you need no more, or put the new one in its place."
        )
