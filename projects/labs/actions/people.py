"""Roles of members, and leaving a lab."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import WrongState
from projects.labs import policies
from projects.labs.actions.labs import locked_lab
from projects.labs.enums import LabRole
from projects.labs.models import Lab, Membership


@transaction.atomic(durable=True)
def change_role(*, lab_id: int, user_ref: UUID, role: LabRole, by: User, now: datetime) -> Membership:
    """
    Change a member's role. The last owner stays an owner.

    :raises NotAllowed: if `by` may not change between these roles.
    :raises WrongState: if nobody would own the lab.
    """
    lab = locked_lab(lab_id)
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
    lab = locked_lab(lab_id)
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
