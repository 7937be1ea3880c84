"""Who passes: finance staff only, and for money those who have just confirmed that it is them."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from marketplace.accounts.queries import confirmed_recently
from marketplace.kernel import clock
from marketplace.kernel.errors import NeedsReauthentication
from marketplace.kernel.http import Request
from payments.payouts import queries


def require_finance(request: Request) -> None:
    """
    Let finance staff in; for everybody else there is nothing here.

    :raises Http404: if the reader is somebody else.
    """
    if not (request.user.is_finance_staff or request.user.is_superuser):
        raise Http404


def require_recent_sign_in(request: Request, sentence: str) -> None:
    """
    Have the person confirm who they are, unless they did so in the last five minutes.

    :raises NeedsReauthentication: if they did not; they come back to this page afterwards.
    """
    if not confirmed_recently(request):
        raise NeedsReauthentication(sentence)


def runs_waiting(_request: HttpRequest) -> int:
    """Count the runs that wait for a person or are on their way, for the navigation."""
    return queries.runs_waiting()


def corrections_waiting(_request: HttpRequest) -> int:
    """Count the corrections that wait for a second person, for the navigation."""
    return queries.corrections_waiting()


def holds_waiting(_request: HttpRequest) -> int:
    """Count the live holds, for the navigation."""
    return queries.holds_waiting(now=clock.now())
