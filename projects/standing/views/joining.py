"""An invitation by somebody's link, and what is left of it when an account is made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import User
from marketplace.kernel import clock
from projects.reach.queries import gig_of_short_code
from projects.standing.actions import register_referral
from projects.standing.enums import REMEMBERED_FOR, REWARD_SHARE_BPS
from projects.standing.models import ReferralCode
from projects.standing.views.public import unlisted

COOKIE = "referral"


@login_not_required
@require_GET
def invited(request: HttpRequest, code: str, gig_code: str = "") -> HttpResponse:
    """
    An invitation: what it means for both sides, and the way to an account.

    The first link that a browser followed is remembered, a later one changes nothing. With the short code of a gig it leads
    to that gig; one that is closed meanwhile is left out.
    """
    if not ReferralCode.objects.filter(code=code, user__is_active=True).exists():
        raise Http404
    is_member = isinstance(request.user, User)
    context = {
        "is_member": is_member,
        "share": REWARD_SHARE_BPS // 100,
        "days": REMEMBERED_FOR.days,
        "gig": gig_of_short_code(gig_code) if gig_code else None,
    }
    response = render(request, "standing/invited.html", context)
    if not is_member and remembered_code(request) is None:
        response.set_signed_cookie(
            COOKIE, code, max_age=REMEMBERED_FOR, httponly=True, samesite="Lax", secure=not settings.DEBUG
        )
    return unlisted(response)


def remembered_code(request: HttpRequest) -> str | None:
    """Return whose link the browser followed first, if it was not too long ago and nobody wrote the cookie by hand."""
    found = request.get_signed_cookie(COOKIE, default=None, max_age=int(REMEMBERED_FOR.total_seconds()))
    return str(found) if found else None


def remember_referrer(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Keep whose link a new account came through, if its browser remembers one. allauth calls this when it was made."""
    code = remembered_code(request)
    if code is not None:
        register_referral(user_id=user.pk, code=code, now=clock.now())
