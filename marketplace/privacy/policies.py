"""Who may see and stop what."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.kernel.errors import NotAllowed
from marketplace.privacy.models import DataCopy, ErasureRequest


def require_support(user: User) -> None:
    """:raises NotAllowed: for everybody but support."""
    if not user.is_support_staff:
        raise NotAllowed("Only support opens this.")


def require_own_copy(user: User, copy: DataCopy) -> None:
    """:raises NotAllowed: for everybody but the person it is about; staff too."""
    if copy.user_id != user.pk:
        raise NotAllowed("Only the person it is about may have it.")


def require_own_request(user: User, request: ErasureRequest) -> None:
    """:raises NotAllowed: for everybody but the person who asked."""
    if request.user_id != user.pk:
        raise NotAllowed("Only whoever asked to be erased takes that back.")
