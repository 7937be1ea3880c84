"""What may be done with a lab, its people and its API keys. Each function is one decision, one transaction."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, Invalid, Refused, WrongState
from marketplace.notices.actions import notify
from projects.labs import policies
from projects.labs.enums import LabRole, Scope
from projects.labs.models import ApiKey, Lab, Membership
from projects.labs.queries import managers_of

RESERVED_SLUGS = frozenset({"new"})
"""Words that already mean something behind /lab/ and /labs/."""

SLUG_TRIES = 50
KEY_ALPHABET = string.ascii_lowercase + string.digits
KEY_DAYS_MAX = 366
USE_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic(durable=True)
def create_lab(*, name: str, by: User, now: datetime, country: str = "", website: str = "", about: str = "") -> Lab:
    """
    Create a lab whose first owner is the person who asks.

    :raises Refused: if no address is left for the name.
    """
    lab = _create_with_free_slug(
        name=name.strip(), country=country, website=website, about=about, created_at=now, created_by=by
    )
    Membership.objects.create(lab=lab, user=by, role=LabRole.OWNER, joined_at=now)
    record(what="labs.create_lab", by=by, about=lab, now=now, after={"name": lab.name, "slug": lab.slug})
    return lab


def _create_with_free_slug(*, name: str, **values: Any) -> Lab:
    base = slugify(name)[:50].strip("-") or "lab"
    for number in range(1, SLUG_TRIES):
        slug = base if number == 1 else f"{base}-{number}"
        if slug in RESERVED_SLUGS or Lab.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Lab.objects.create(name=name, slug=slug, **values)
        except IntegrityError:  # Somebody else took the address a moment ago; the next one is free.
            continue
    raise Refused("Too many labs have this name already. Choose another one.")


@transaction.atomic(durable=True)
def change_settings(
    *,
    lab_id: int,
    by: User,
    now: datetime,
    name: str,
    legal_name: str,
    billing_email: str,
    country: str,
    website: str,
    about: str,
    is_anonymous: bool,
) -> Lab:
    """
    Change what the lab says about itself and where its invoices go.

    :raises NotAllowed: if `by` is neither an owner nor a manager.
    """
    lab = _locked(lab_id)
    policies.require_changing_lab(lab, by)
    wanted = {
        "name": name.strip(),
        "legal_name": legal_name.strip(),
        "billing_email": billing_email,
        "country": country,
        "website": website,
        "about": about,
        "is_anonymous": is_anonymous,
    }
    before = {field: getattr(lab, field) for field in wanted}
    changed = {field for field, value in wanted.items() if before[field] != value}
    if not changed:
        return lab
    for field in changed:
        setattr(lab, field, wanted[field])
    lab.save(update_fields=sorted(changed))
    record(
        what="labs.change_settings",
        by=by,
        about=lab,
        now=now,
        before={field: before[field] for field in changed},
        after={field: wanted[field] for field in changed},
    )
    return lab


# ------------------------------------------------------------------------------------------------------------- people


@transaction.atomic(durable=True)
def add_member(*, lab_id: int, email: str, role: LabRole, by: User, now: datetime) -> Membership:
    """
    Give a person who has signed up a role in the lab, and tell them.

    :raises NotAllowed: if `by` may not give this role.
    :raises Invalid: if nobody has signed up with the address.
    :raises Conflict: if the person is a member already.
    """
    lab = _locked(lab_id)
    policies.require_changing_roles(lab, by, role)
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise Invalid(
            "Nobody has signed up with that address yet. Ask them to join Preceptor first, then add them here.",
            field="email",
        )
    if Membership.objects.filter(lab=lab, user=user).exists():
        raise Conflict(f"{user.get_full_name()} is a member of {lab.name} already.", field="email")
    membership = Membership.objects.create(lab=lab, user=user, role=role, joined_at=now)
    record(what="labs.add_member", by=by, about=lab, now=now, after={"user": str(user.public_id), "role": role})
    notify(
        user=user,
        kind="labs",
        title=f"You are now a member of {lab.name}",
        body=f"{by.get_full_name()} added you as: {LabRole(role).label}.",
        path=f"/lab/{lab.slug}/projects/",
        button="Open the lab",
        now=now,
    )
    return membership


@transaction.atomic(durable=True)
def change_role(*, lab_id: int, user_ref: UUID, role: LabRole, by: User, now: datetime) -> Membership:
    """
    Change a member's role. The last owner stays an owner.

    :raises NotAllowed: if `by` may not change between these roles.
    :raises WrongState: if nobody would own the lab.
    """
    lab = _locked(lab_id)
    membership = _membership(lab, user_ref)
    before = membership.role
    policies.require_changing_roles(lab, by, before, role)
    if before == role:
        return membership
    if before == LabRole.OWNER:
        _require_another_owner(lab, membership)
    membership.role = role
    membership.save(update_fields=["role"])
    about = {"user": str(user_ref)}
    record(
        what="labs.change_role",
        by=by,
        about=lab,
        now=now,
        before=about | {"role": before},
        after=about | {"role": role},
    )
    return membership


@transaction.atomic(durable=True)
def remove_member(*, lab_id: int, user_ref: UUID, by: User, now: datetime) -> None:
    """
    Take a person out of the lab; everybody may leave by themselves. The last owner stays.

    :raises NotAllowed: if `by` may not remove this person.
    :raises WrongState: if nobody would own the lab.
    """
    lab = _locked(lab_id)
    membership = _membership(lab, user_ref)
    if membership.user_id != by.pk:
        policies.require_changing_roles(lab, by, membership.role)
    if membership.role == LabRole.OWNER:
        _require_another_owner(lab, membership)
    membership.delete()
    record(
        what="labs.remove_member",
        by=by,
        about=lab,
        now=now,
        before={"user": str(user_ref), "role": membership.role},
    )


def _membership(lab: Lab, user_ref: UUID) -> Membership:
    membership = Membership.objects.select_related("user").filter(lab=lab, user__public_id=user_ref).first()
    if membership is None:
        raise WrongState("This person is no longer a member of the lab.")
    return membership


def _require_another_owner(lab: Lab, membership: Membership) -> None:
    # The lab's row is locked, so two owners who leave at the same moment come one after the other.
    if not Membership.objects.filter(lab=lab, role=LabRole.OWNER).exclude(pk=membership.pk).exists():
        raise WrongState(f"{lab.name} needs an owner. Make somebody else an owner first.")


# --------------------------------------------------------------------------------------------------------------- keys


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
    lab = _locked(lab_id)
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


def _locked(lab_id: int) -> Lab:
    return Lab.objects.select_for_update(of=("self",), no_key=True).get(pk=lab_id)
