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


def why_not(actor: Actor, case: Case) -> str:
    """
    Return why somebody may not work on a case, in words; "" if they may: vetting staff, never on a case about themselves, and
    never on an appeal in which they have taken a side.
    """
    if isinstance(actor, User) and actor.pk == case.expert.user_id:
        return "This case is about you, so somebody else works on it."
    if not (isinstance(actor, User) and actor.is_vetting_staff):
        return "Only vetting staff work on cases."
    if not Case.objects.filter(pk=case.pk).workable_by(actor).exists():
        return "You have said what you think of this case already, so another person looks at it now."
    return ""


def may_work_on(actor: Actor, case: Case) -> bool:
    """Vetting staff, never on a case about themselves nor on an appeal in which they have taken a side."""
    return not why_not(actor, case)


def require_worker(actor: Actor, case: Case) -> None:
    """
    Let vetting staff pass who may work on this case.

    :raises NotAllowed: for everybody else; a person never works on their own case.
    """
    words = why_not(actor, case)
    if words:
        raise NotAllowed(words)


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
