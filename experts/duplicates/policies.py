"""Who looks at two accounts beside each other."""

from __future__ import annotations

from experts.duplicates.models import Question
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotAllowed


def may_enter(user: User) -> bool:
    return user.is_vetting_staff or user.is_superuser


def may_answer(user: User, question: Question) -> bool:
    """Vetting staff, and nobody about themselves."""
    return user.is_vetting_staff and user.pk not in (question.first_id, question.second_id)


def require_answerer(user: User, question: Question) -> None:
    """:raises NotAllowed: if the person is not vetting staff, or is one of the two."""
    if not may_answer(user, question):
        raise NotAllowed("Only vetting staff look at two accounts, and never at their own.")
