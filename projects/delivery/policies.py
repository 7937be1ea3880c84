"""Who may take accepted work away."""

from __future__ import annotations

from marketplace.kernel.actors import Actor
from projects.labs.enums import Scope
from projects.labs.models import Lab
from projects.labs.queries import may_manage, require_manager


def may_export(lab: Lab, actor: Actor) -> bool:
    """Whether the actor may create and download exports: owners, managers and keys with the scope."""
    return may_manage(lab, actor, scope=Scope.EXPORTS)


def require_may_export(lab: Lab, actor: Actor) -> None:
    """
    :raises NotAllowed: unless the actor may create and download exports of this lab.
    """
    require_manager(lab, actor, "Only owners and managers of the lab take its exports.", scope=Scope.EXPORTS)
