"""How allauth writes to people: its e-mails go through our outbox like every other."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.adapter import AccountAdapter as AccountsAdapter
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.notices.actions import queue_email


class AccountAdapter(AccountsAdapter):
    """Queue sign-in e-mails as durable jobs; a mail server that is down loses nothing."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render allauth's own templates and put the e-mail into the outbox."""
        message = self.render_mail(template_prefix, email, context)
        html = next((body for body, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
        user = context.get("user")
        queue_email(
            to_address=email,
            user=user if isinstance(user, User) and user.pk else None,
            kind="account",
            subject=message.subject,
            text=str(message.body),
            html=str(html),
            now=clock.now(),
        )
