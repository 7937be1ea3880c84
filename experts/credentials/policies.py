"""Who may do what with credentials and documents."""

from __future__ import annotations

from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import NotAllowed


def require_owner(actor: Actor, expert: Expert) -> None:
    """
    Let the expert themselves pass.

    :raises NotAllowed: for everybody else, staff included: nobody declares anything for somebody else.
    """
    if not (isinstance(actor, User) and actor.is_active and actor.pk == expert.user_id):
        raise NotAllowed("Only the person a credential belongs to may do this.")


def may_judge(actor: Actor, expert: Expert) -> bool:
    """Vetting staff, never about themselves; the system where a rule or a registry decides."""
    if isinstance(actor, System):
        return True
    return isinstance(actor, User) and actor.is_vetting_staff and actor.pk != expert.user_id


def require_judge(actor: Actor, credential: Credential) -> None:
    """
    Let those pass who may move a credential on its ladder.

    :raises NotAllowed: for everybody else, and for staff about their own credentials.
    """
    if not may_judge(actor, credential.expert):
        raise NotAllowed("Vetting staff move a credential on its ladder, and never their own.")


def require_reader(user: User, document: Document) -> None:
    """
    Let the owner and vetting staff pass.

    :raises NotAllowed: for everybody else.
    """
    if document.expert.user_id != user.pk and not user.is_vetting_staff:
        raise NotAllowed("Only its owner and vetting staff may open this file.")
