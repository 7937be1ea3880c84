"""Staff roles and blocking: who may let whom do what; and the zone a person lives in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole, User
from marketplace.accounts.signals import account_changed
from marketplace.kernel.errors import Invalid, NotAllowed, Refused
from marketplace.kernel.personal import Person


@transaction.atomic(durable=True)
def grant_role(*, user_id: int, role: str, by: Any, now: datetime) -> StaffRole:
    """
    Give a person a staff role. Only administrators may, and nobody gives one to themselves.

    :raises NotAllowed: if `by` is no administrator, or the same person.
    """
    _require_administrator(by, user_id)
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    grant, created = StaffRole.objects.get_or_create(
        user=user, role=StaffRoleKind(role), defaults={"granted_by": by, "granted_at": now}
    )
    if created:
        account_changed.send(sender=User, user=user, by=by, now=now, what="accounts.grant_role", after={"role": role})
    return grant


@transaction.atomic(durable=True)
def revoke_role(*, user_id: int, role: str, by: Any, now: datetime) -> None:
    """Take a staff role back."""
    _require_administrator(by, user_id)
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    deleted, _ = StaffRole.objects.filter(user=user, role=role).delete()
    if deleted:
        account_changed.send(sender=User, user=user, by=by, now=now, what="accounts.revoke_role", after={"role": role})


@transaction.atomic(durable=True)
def set_active(*, user_id: int, active: bool, by: Any, now: datetime) -> User:
    """
    Block a person from signing in, or allow it again. Their rows stay.

    :raises Refused: for oneself, so that the last administrator cannot lock everybody out.
    """
    if by.pk == user_id:
        raise Refused("You cannot block yourself.")
    _require_administrator(by, user_id)
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    user.is_active = active
    user.save(update_fields=["is_active"])
    account_changed.send(sender=User, user=user, by=by, now=now, what="accounts.set_active", after={"active": active})
    return user


@transaction.atomic(durable=True)
def set_time_zone(*, zone: str, by: User, now: datetime) -> User:
    """
    Set the zone in which a person reads times and works. This function will write nothing if they have it already.

    :raises Invalid: if the IANA database knows no such zone.
    """
    if zone != "UTC" and zone not in available_timezones():
        raise Invalid(f"“{zone}” is not a time zone we know.", field="zone")
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if user.time_zone != zone:
        user.time_zone = zone
        user.save(update_fields=["time_zone"])
        account_changed.send(
            sender=User, user=user, by=by, now=now, what="accounts.set_time_zone", after={"zone": zone}
        )
    return user


@transaction.atomic(durable=True)
def close_account(*, user_id: int, by: Any, now: datetime) -> None:
    """Let a person who is being erased sign in no more. This function will write nothing if that is so already."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        account_changed.send(sender=User, user=user, by=by, now=now, what="accounts.close_account", after={})


def forget_sign_ins(person: Person) -> None:
    """Delete the sessions of a person and what was tried with their addresses. Needs an open transaction."""
    keys = list(UserSession.objects.filter(user=person.user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    for name in person.names:
        for log in (AccessAttempt, AccessFailureLog, AccessLog):
            log.objects.filter(username__iexact=name).delete()
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.user.pk))
    about.update(object_repr=person.pseudonym)


def _require_administrator(by: Any, user_id: int) -> None:
    if not isinstance(by, User) or not by.is_superuser:
        raise NotAllowed("Only administrators change who may do what.")
    if by.pk == user_id:
        raise NotAllowed("Nobody changes their own rights. Ask another administrator.")
