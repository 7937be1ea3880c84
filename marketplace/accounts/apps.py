from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketplace.accounts"
    label = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.accounts.personal import ROOM
        from marketplace.kernel import personal, registry

        personal.register(ROOM)
        registry.second_factor_rules.append(_staff_need_one)
        registry.register_notice_kinds(
            registry.NoticeKind("account", "Sign-in and security", essential=True),
        )


def _staff_need_one(user: Any) -> str | None:
    if user.is_staff or user.is_superuser or user.staff_roles:
        return "Staff sign in with a second factor."
    return None
