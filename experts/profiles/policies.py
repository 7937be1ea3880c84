"""Who may do what with profiles and with the taxonomy."""

from __future__ import annotations

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed


def may_edit_profile(actor: Actor, expert: Expert) -> bool:
    """Only the person themselves."""
    return isinstance(actor, User) and actor.is_active and actor.pk == expert.user_id


def require_own_profile(actor: Actor, expert: Expert) -> None:
    """
    Let the person themselves pass.

    :raises NotAllowed: for everybody else.
    """
    if not may_edit_profile(actor, expert):
        raise NotAllowed("Only the person a profile belongs to may change it.")


def may_edit_taxonomy(actor: Actor) -> bool:
    """Vetting staff and superusers: they know which fields people ask to be vetted for."""
    return isinstance(actor, User) and (actor.is_vetting_staff or actor.is_superuser)


def require_taxonomy_editor(actor: Actor) -> None:
    """
    Let those who keep the taxonomy pass.

    :raises NotAllowed: for everybody else.
    """
    if not may_edit_taxonomy(actor):
        raise NotAllowed("Only vetting staff edit the taxonomy of fields.")
