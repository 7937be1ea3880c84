"""Accounts stand below the audit trail, so they say what happened and it is written here, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from marketplace.accounts.signals import account_changed
from marketplace.audit.actions import record


@receiver(account_changed, dispatch_uid="audit.account_changed")
def write_account_change(*, user: Any, by: Any, now: datetime, what: str, after: dict[str, Any], **_more: Any) -> None:
    record(what=what, by=by, about=user, now=now, after=after)
