"""How allauth makes accounts here. `marketplace.notices.adapter` adds how it writes to people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext


class AccountAdapter(DefaultAccountAdapter):
    """Keep the person's name, and send everybody to the page that knows where they belong."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the name that the sign-up form asked for."""
        user.full_name = form.cleaned_data.get("full_name", "").strip()
        return super().save_user(request, user, form, commit)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def format_email_subject(self, subject: str) -> str:
        return gettext("Preceptor: %(subject)s") % {"subject": subject[:1].lower() + subject[1:]}
