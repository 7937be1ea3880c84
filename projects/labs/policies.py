"""Who may change a lab, its people and its keys. Keys of the API never do: people do."""

from __future__ import annotations

from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed
from projects.labs.enums import MANAGING_ROLES, LabRole
from projects.labs.models import Lab
from projects.labs.queries import role_in


def may_change_lab(lab: Lab, actor: Actor) -> bool:
    """Whether the person may change settings, people and keys: owners and managers."""
    return role_in(lab, actor) in MANAGING_ROLES


def require_changing_lab(lab: Lab, actor: Actor) -> None:
    """:raises NotAllowed: if the actor is neither an owner nor a manager of the lab."""
    if not may_change_lab(lab, actor):
        raise NotAllowed(f"Only owners and managers of {lab.name} may change this.")


def require_changing_roles(lab: Lab, actor: Actor, *roles: str) -> None:
    """
    Let owners change every role, and managers every role but that of owners.

    :param roles: the roles that are given or taken away.
    :raises NotAllowed: otherwise.
    """
    require_changing_lab(lab, actor)
    if LabRole.OWNER in roles and role_in(lab, actor) != LabRole.OWNER:
        raise NotAllowed(f"Only an owner of {lab.name} may make or unmake owners.")
