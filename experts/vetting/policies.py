"""Who may do what with cases."""

from __future__ import annotations

from experts.profiles.models import Expert
from experts.vetting.models import Case, Hit
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed


def may_enter(user: User) -> bool:
    """Behind the door of vetting: its staff, and superusers to look."""
    return user.is_vetting_staff or user.is_superuser


def may_work_on(actor: Actor, case: Case) -> bool:
    """Vetting staff, never on a case about themselves."""
    return isinstance(actor, User) and actor.is_vetting_staff and actor.pk != case.expert.user_id


def require_worker(actor: Actor, case: Case) -> None:
    """
    Let vetting staff pass who may work on this case.

    :raises NotAllowed: for everybody else; a person never works on their own case.
    """
    if isinstance(actor, User) and actor.pk == case.expert.user_id:
        raise NotAllowed("This case is about you, so somebody else works on it.")
    if not may_work_on(actor, case):
        raise NotAllowed("Only vetting staff work on cases.")


def may_compare(actor: Actor, hit: Hit) -> bool:
    """Vetting staff, never on a hit about themselves."""
    return isinstance(actor, User) and actor.is_vetting_staff and actor.pk != hit.expert.user_id


def require_comparer(actor: Actor, hit: Hit) -> None:
    """
    Let vetting staff pass who may say whether a person is the one on a list.

    :raises NotAllowed: for everybody else, and for staff about themselves.
    """
    if not may_compare(actor, hit):
        raise NotAllowed("Vetting staff decide on sanctions hits, and never on one about themselves.")


def require_applicant(actor: Actor, expert: Expert) -> None:
    """
    Let the expert themselves pass.

    :raises NotAllowed: for everybody else.
    """
    if not (isinstance(actor, User) and actor.is_active and actor.pk == expert.user_id):
        raise NotAllowed("Only the person a case is about may do this.")
