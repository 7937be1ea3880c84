"""Who may do what with pay runs and holds: finance staff, and never both sides of one run."""

from __future__ import annotations

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import NotAllowed
from payments.payouts.models import Correction, PayRun


def can_prepare(user: User) -> bool:
    """Drafting, computing and cancelling a run, and asking for a correction."""
    return StaffRoleKind.FINANCE_PREPARER in user.staff_roles


def can_approve(user: User, run: PayRun) -> bool:
    """The second person: holds the role, and has had no hand in this run."""
    prepared = {run.created_by_id, run.compute_asked_by_id}
    return StaffRoleKind.FINANCE_APPROVER in user.staff_roles and user.pk not in prepared


def can_send(user: User) -> bool:
    """Starting, pausing and resuming what two people approved, trying a rejected item again, comparing with Stripe."""
    return user.is_finance_staff


def can_post_correction(user: User, correction: Correction) -> bool:
    """The second person of a correction: approves runs, and has not asked for this one."""
    return StaffRoleKind.FINANCE_APPROVER in user.staff_roles and user.pk != correction.asked_by_id


def can_hold(actor: Actor) -> bool:
    """Placing and releasing holds: finance staff, and the product's own rules."""
    return isinstance(actor, System) or (isinstance(actor, User) and actor.is_finance_staff)


def require(allowed: bool, sentence: str) -> None:
    """
    Go on, or refuse in words.

    :raises NotAllowed: if it is not allowed.
    """
    if not allowed:
        raise NotAllowed(sentence)
