"""How allauth makes accounts here. `marketplace.notices.adapter` adds how it writes to people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext

from marketplace.accounts.enums import SECOND_FACTOR_COLUMN
from marketplace.kernel import crypto
from marketplace.kernel.http import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Keep the person's name, send everybody to the page that knows where they belong, count by our own address."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the name that the sign-up form asked for."""
        user.full_name = form.cleaned_data.get("full_name", "").strip()
        return super().save_user(request, user, form, commit)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that rate limits, the list of devices and e-mails about security speak of."""
        return client_address(request)

    def format_email_subject(self, subject: str) -> str:
        return gettext("Preceptor: %(subject)s") % {"subject": subject.lower()}

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell of what somebody else could have done; who has just confirmed an address knows it."""
        if template_prefix != "account/email/email_confirm":
            super().send_notification_mail(template_prefix, user, context, email)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seal what an authenticator app and the recovery codes are made from: whoever reads the table has no codes."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, context=SECOND_FACTOR_COLUMN)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, context=SECOND_FACTOR_COLUMN)
