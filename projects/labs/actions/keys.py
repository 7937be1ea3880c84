"""API keys of a lab."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, Invalid, WrongState
from marketplace.notices.actions import notify
from projects.labs import policies
from projects.labs.actions.labs import locked_lab
from projects.labs.enums import Scope
from projects.labs.models import ApiKey
from projects.labs.queries import managers_of

KEY_ALPHABET = string.ascii_lowercase + string.digits
KEY_DAYS_MAX = 366
USE_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic(durable=True)
def create_api_key(
    *, lab_id: int, name: str, scopes: Collection[Scope], days: int, by: User, now: datetime
) -> tuple[ApiKey, str]:
    """
    Make an API key and return it with its text, which is stored nowhere and can be shown only now.

    The text is "pk_xxxxxxxx.secret": the prefix finds the row, only the SHA-256 of the secret is kept.

    :param days: how long the key works, 1 to 366.
    :raises NotAllowed: if `by` is neither an owner nor a manager.
    :raises Invalid: if no scope is chosen or the time is out of range.
    :raises Conflict: if a key of the lab that still works has this name.
    """
    lab = locked_lab(lab_id)
    policies.require_changing_lab(lab, by)
    if not scopes:
        raise Invalid("Choose at least one thing that the key may do.", field="scopes")
    if not 1 <= days <= KEY_DAYS_MAX:
        raise Invalid("A key works for between 1 and 366 days.", field="days")
    if ApiKey.objects.live(now).filter(lab=lab, name__iexact=name.strip()).exists():
        raise Conflict("A key with this name works already. Revoke it first, or choose another name.", field="name")
    prefix = "pk_" + "".join(secrets.choice(KEY_ALPHABET) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    key: ApiKey = ApiKey.objects.create(
        lab=lab,
        name=name.strip(),
        prefix=prefix,
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=sorted(scopes),
        created_by=by,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record(
        what="labs.create_api_key",
        by=by,
        about=key,
        now=now,
        after={"name": key.name, "scopes": key.scopes, "days": days},
    )
    for manager in managers_of(lab):
        notify(
            user=manager,
            kind="labs",
            title=f"A new API key of {lab.name}: {key.name}",
            body=f"{by.get_full_name()} made it. If nobody in the lab knows about it, revoke it.",
            path=f"/lab/{lab.slug}/keys/",
            button="See the keys",
            now=now,
        )
    return key, f"{prefix}.{secret}"


@transaction.atomic(durable=True)
def revoke_api_key(*, key_id: int, by: User, now: datetime) -> ApiKey:
    """
    Switch a key off at once and for ever.

    :raises NotAllowed: if `by` is neither an owner nor a manager of the key's lab.
    :raises WrongState: if it was revoked before.
    """
    key: ApiKey = ApiKey.objects.select_related("lab").select_for_update(of=("self",), no_key=True).get(pk=key_id)
    policies.require_changing_lab(key.lab, by)
    if key.revoked_at is not None:
        raise WrongState("This key was revoked already.")
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    record(what="labs.revoke_api_key", by=by, about=key, now=now, before={"name": key.name})
    return key


@transaction.atomic(durable=True)
def note_key_use(*, key_id: int, now: datetime) -> None:
    """Write down that a key was used, at most once an hour, so that a forgotten key can be told from a busy one."""
    stale = ApiKey.objects.filter(pk=key_id).exclude(last_used_at__gt=now - USE_NOTED_EVERY)
    stale.update(last_used_at=now)
