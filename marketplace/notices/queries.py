"""Questions about notices."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.kernel import registry
from marketplace.notices.models import NoticePreference, Notification

_UNSUBSCRIBE = signing.Signer(salt="notices.unsubscribe")


def unread_count(user: User) -> int:
    """Return how many notices the person has not opened."""
    return int(Notification.objects.visible_to(user).unread().count())


def preferences_of(user: User) -> dict[str, bool]:
    """Return, for each kind that can be switched off, whether it goes by e-mail to this person."""
    said = dict(NoticePreference.objects.filter(user=user).values_list("kind", "by_email"))
    return {code: said.get(code, kind.by_email) for code, kind in registry.notice_kinds.items() if not kind.essential}


def unsubscribe_url(user: User, code: str) -> str:
    """Return the address that stops one kind of e-mail for this person, signed in or not; e-mails are old when read."""
    token = _UNSUBSCRIBE.sign_object([str(user.public_id), code])
    return settings.SITE_URL + reverse("notices:unsubscribe", args=[token])


def subscription_of(token: str) -> tuple[User, registry.NoticeKind] | None:
    """Return whose e-mails of which kind a link of `unsubscribe_url` stops; None if it is none of ours."""
    try:
        public_id, code = _UNSUBSCRIBE.unsign_object(token)
    except signing.BadSignature:
        return None
    user, kind = User.objects.filter(public_id=public_id).first(), registry.notice_kinds.get(code)
    return (user, kind) if user is not None and kind is not None and not kind.essential else None
