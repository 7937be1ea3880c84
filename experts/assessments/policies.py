"""Who may do what with questions, attempts, interviews and scores."""

from __future__ import annotations

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed


def may_enter(user: User) -> bool:
    """Behind the door of vetting: its staff, and superusers to look."""
    return user.is_vetting_staff or user.is_superuser


def require_author(actor: Actor) -> None:
    """
    Let vetting staff pass.

    :raises NotAllowed: for everybody else.
    """
    if not (isinstance(actor, User) and actor.is_vetting_staff):
        raise NotAllowed("Only vetting staff write questions and papers.")


def require_owner(actor: Actor, expert: Expert) -> None:
    """
    Let the expert themselves pass.

    :raises NotAllowed: for everybody else.
    """
    if not (isinstance(actor, User) and actor.is_active and actor.pk == expert.user_id):
        raise NotAllowed("Only the person whose answers they are may do this.")


def require_scorer(actor: Actor, about_id: int) -> None:
    """
    Let vetting staff pass who did not write it themselves.

    :raises NotAllowed: for everybody else.
    """
    if not (isinstance(actor, User) and actor.is_vetting_staff):
        raise NotAllowed("Only vetting staff score answers.")
    if actor.pk == about_id:
        raise NotAllowed("You wrote this yourself, so others score it.")


def require_granter(actor: Actor, about_id: int) -> None:
    """
    Let vetting staff pass who do not answer their own request.

    :raises NotAllowed: for everybody else.
    """
    if not (isinstance(actor, User) and actor.is_vetting_staff):
        raise NotAllowed("Only vetting staff answer requests for accommodations.")
    if actor.pk == about_id:
        raise NotAllowed("This request is your own, so somebody else answers it.")
