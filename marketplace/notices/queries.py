"""Questions about notices."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.kernel import registry
from marketplace.notices.models import NoticePreference, Notification


def unread_count(user: User) -> int:
    """Return how many notices the person has not opened."""
    return int(Notification.objects.visible_to(user).unread().count())


def preferences_of(user: User) -> dict[str, bool]:
    """Return, for each kind that can be switched off, whether it goes by e-mail to this person."""
    said = dict(NoticePreference.objects.filter(user=user).values_list("kind", "by_email"))
    return {code: said.get(code, kind.by_email) for code, kind in registry.notice_kinds.items() if not kind.essential}
