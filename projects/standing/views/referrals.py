"""An expert's link, who came through it, and what that earned."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.profiles.queries import expert_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.standing import actions, queries
from projects.standing.enums import REWARD_CAP_MINOR, REWARD_FOR, REWARD_SHARE_BPS
from projects.standing.models import ReferralCode


@require_GET
def referrals(request: Request) -> HttpResponse:
    """The link, the people, the money, the rules."""
    if expert_of(request.user) is None:
        return redirect("profiles:edit")
    code = ReferralCode.objects.filter(user=request.user).first()
    earned = queries.earned_by(request.user)
    context = {
        "link": settings.SITE_URL + reverse("standing:invited", args=[code.code]) if code else "",
        "rows": queries.referrals_of(request.user, now=clock.now()),
        "earned": earned or {"USD": 0},
        "share": REWARD_SHARE_BPS // 100,
        "months": REWARD_FOR.days // 30,
        "caps": REWARD_CAP_MINOR,
    }
    return render(request, "standing/referrals.html", context)


@require_POST
def open_link(request: Request) -> HttpResponse:
    """Make the person's link."""
    actions.open_link(by=request.user, now=clock.now())
    messages.success(request, _("Here is your link."))
    return redirect("standing:referrals")
