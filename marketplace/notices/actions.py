"""Telling people things: on the page at once, by e-mail as a durable job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel import jobs, registry
from marketplace.kernel.personal import Person
from marketplace.notices import queries, tasks
from marketplace.notices.models import EmailMessage, NoticePreference, Notification

SHORTEST_NAME = 5
"""A shorter name is not looked for in what others were told: “Li” stands in too many words."""


def notify(
    *,
    user: User,
    kind: str,
    title: str,
    now: datetime,
    body: str = "",
    path: str = "",
    button: str = "Open",
    also_to: Iterable[str] = (),
    template: str = "emails/notice",
    more: Mapping[str, Any] | None = None,
    stop_url: str = "",
) -> Notification:
    """
    Tell a person something on the page and, unless they said otherwise, by e-mail.

    Not an action of its own: call it inside the transaction of the action that has the news.

    :param kind: a registered notice kind.
    :param body: plain text, paragraphs separated by empty lines.
    :param path: where it leads inside the product, for example "/me/applications/".
    :param also_to: further addresses of the person, for news that somebody else may have caused.
    :param template: what the e-mail is drawn with, as .txt and .html; `more` is what it needs beyond a usual notice.
    :param stop_url: an address that stops less than the whole kind, for mail programs to offer in one press (RFC 8058).
    """
    notice = Notification.objects.create(user=user, kind=kind, title=title[:200], body=body, path=path, created_at=now)
    if _wants_email(user, registry.notice_kinds[kind]):
        context = {
            "title": title,
            "paragraphs": [part for part in body.split("\n\n") if part.strip()],
            "url": f"{settings.SITE_URL}{path}" if path else settings.SITE_URL,
            "button": button,
            "name": user.get_short_name(),
            "stop_url": stop_url,
            **_why(user, registry.notice_kinds[kind]),
            **(more or {}),
        }
        text, html = (render_to_string(f"{template}.{form}", context) for form in ("txt", "html"))
        for address in (user.email, *also_to):
            _queue(
                to_address=address,
                user=user,
                kind=kind,
                subject=title,
                text=text,
                html=html,
                now=now,
                stop_url=stop_url,
            )
    return notice


def _why(user: User, kind: registry.NoticeKind) -> dict[str, Any]:
    """Return what an e-mail's last lines say: why it came, where to choose, and how to stop its kind."""
    if kind.essential:
        words = _("You get this e-mail because it is about “%(kind)s”. E-mails about money, security and decisions "
                  "about you always come.")  # fmt: skip
    else:
        words = _("You get this e-mail because “%(kind)s” is switched on in your e-mail preferences.")
    return {
        "reason": words % {"kind": kind.label},
        "preferences_url": settings.SITE_URL + reverse("notices:preferences"),
        "unsubscribe_url": "" if kind.essential else queries.unsubscribe_url(user, kind.code),
    }


def _wants_email(user: User, kind: registry.NoticeKind) -> bool:
    if kind.essential:
        return True
    said = NoticePreference.objects.filter(user=user, kind=kind.code).values_list("by_email", flat=True).first()
    return kind.by_email if said is None else said


def queue_email(
    *, to_address: str, user: User | None, kind: str, subject: str, text: str, html: str, now: datetime
) -> EmailMessage:
    """Put one e-mail into the outbox. Joins the caller's transaction, or makes its own."""
    with transaction.atomic():
        return _queue(to_address=to_address, user=user, kind=kind, subject=subject, text=text, html=html, now=now)


def _queue(
    *,
    to_address: str,
    user: User | None,
    kind: str,
    subject: str,
    text: str,
    html: str,
    now: datetime,
    stop_url: str = "",
) -> EmailMessage:
    email: EmailMessage = EmailMessage.objects.create(
        to_address=to_address,
        user=user,
        kind=kind,
        subject=subject.replace("\n", " ")[:200],
        text=text,
        html=html,
        stop_url=stop_url,
        not_before=now,
        queued_at=now,
    )
    tasks.send_email.delay_on_commit(email_id=str(email.pk))
    return email


def send_email(*, email_id: int, now: datetime) -> None:
    """Hand one queued e-mail to the mail server. Sent at least once: a crash in between may send it again."""

    def work(email: EmailMessage) -> None:
        headers = {"Message-ID": f"<{email.public_id}@preceptor>", "X-Preceptor-Kind": email.kind}
        message = EmailMultiAlternatives(
            subject=email.subject,
            body=email.text,
            to=[email.to_address],
            headers=headers | _one_click(email),
        )
        if email.html:
            message.attach_alternative(email.html, "text/html")
        message.send()

    jobs.perform(EmailMessage.objects.all(), pk=email_id, now=now, work=work)


def _one_click(email: EmailMessage) -> dict[str, str]:
    """
    Return the headers by which a mail program stops this kind, or what the e-mail says is less, with one press (RFC 8058);
    none for essential ones.
    """
    kind = registry.notice_kinds.get(email.kind)
    if email.user is None or kind is None or kind.essential:
        return {}
    return {
        "List-Unsubscribe": f"<{email.stop_url or queries.unsubscribe_url(email.user, kind.code)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def forget_in_notices(person: Person) -> None:
    """
    Put the pseudonym in the place of a person's name wherever others were told of them, and delete what went to their
    addresses. Needs an open transaction.

    Somebody else of the very same name is called by the pseudonym too, in notices that were read long ago: harm to nobody.
    """
    for address in person.names:
        EmailMessage.objects.filter(to_address__iexact=address).delete()
    _replace([name for name in person.names if len(name) >= SHORTEST_NAME], person.pseudonym, Q(), Q())


def forget_words(*, words: Sequence[str], pseudonym: str, about: Sequence[UUID]) -> None:
    """
    Put the pseudonym in the place of words that describe a person, in what others were told of certain rows. Needs an open
    transaction.

    :param about: public ids of rows to whose pages the notices lead.
    """
    for ref in about:
        _replace([word for word in words if word], pseudonym, Q(path__contains=str(ref)), Q(text__contains=str(ref)))


def _replace(words: Sequence[str], pseudonym: str, notices: Q, emails: Q) -> None:
    """Replace words in notices and e-mails, also as HTML spells them; the longest first."""
    spellings = {spelling for word in words for spelling in (word, str(escape(word)))}
    for word in sorted(spellings, key=len, reverse=True):
        for model, among, columns in (
            (Notification, notices, ("title", "body")), (EmailMessage, emails, ("subject", "text", "html")),
        ):  # fmt: skip
            told = Q()
            for column in columns:
                told |= Q(**{f"{column}__contains": word})
            changed = {column: Replace(column, Value(word), Value(pseudonym)) for column in columns}
            model._base_manager.filter(among, told).update(**changed)


@transaction.atomic(durable=True)
def mark_all_read(*, by: User, now: datetime) -> int:
    """Mark everything a person was told as read; return how many were unread."""
    return int(Notification.objects.visible_to(by).unread().update(read_at=now))


@transaction.atomic(durable=True)
def save_preferences(*, by: User, wishes: dict[str, bool]) -> None:
    """Keep which kinds of notice also go by e-mail. Essential kinds always do."""
    for code, wanted in wishes.items():
        kind = registry.notice_kinds.get(code)
        if kind is not None and not kind.essential:
            NoticePreference.objects.update_or_create(user=by, kind=code, defaults={"by_email": wanted})


@transaction.atomic(durable=True)
def open_notice(*, notice_id: UUID, by: User, now: datetime) -> Notification:
    """Mark one notice as read and return it, for the page that it leads to."""
    notice: Notification = Notification.objects.visible_to(by).get(public_id=notice_id)
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])
    return notice
