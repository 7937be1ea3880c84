"""Who may see the books: finance staff. For everybody else they do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404
from django.http.response import HttpResponseBase

from marketplace.accounts.models import User
from marketplace.kernel.http import Request

P = ParamSpec("P")


def may_see_books(user: Any) -> bool:
    """Whether this person holds a role of finance."""
    return isinstance(user, User) and (user.is_finance_staff or user.is_superuser)


def finance_only(
    view: Callable[Concatenate[Request, P], HttpResponseBase],
) -> Callable[Concatenate[Request, P], HttpResponseBase]:
    """
    Open a page to finance staff.

    :raises Http404: for everybody else, the same as for a page that is not there.
    """

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_see_books(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
