"""Questions about notices."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.notices.models import Notification


def unread_count(user: User) -> int:
    """Return how many notices the person has not opened."""
    return int(Notification.objects.visible_to(user).unread().count())
