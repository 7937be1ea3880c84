"""Who may do what with suggestions: their owner, and nobody else."""

from __future__ import annotations

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotAllowed


def require_owner(by: User, expert: Expert) -> None:
    """
    Let the expert themselves pass.

    :raises NotAllowed: for everybody else.
    """
    if not by.is_active or by.pk != expert.user_id:
        raise NotAllowed("Only the person a résumé belongs to may decide what of it goes into their profile.")
