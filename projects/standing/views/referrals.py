"""An expert's link, who came through it, and what that earned."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.profiles.queries import expert_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.reach.queries import gig_of_short_code
from projects.standing import actions, queries
from projects.standing.enums import REWARD_CAP_MINOR, REWARD_FOR, REWARD_SHARE_BPS
from projects.standing.forms import ForGigForm
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


@require_GET
def share(request: Request, gig_code: str) -> HttpResponse:
    """The person's link to one gig: who joins through it counts as invited by them."""
    gig = gig_of_short_code(gig_code)
    if gig is None:
        raise Http404
    code = ReferralCode.objects.filter(user=request.user).first()
    link = settings.SITE_URL + reverse("standing:invited_to", args=[code.code, gig_code]) if code else ""
    context = {"gig": gig, "gig_code": gig_code, "link": link, "share": REWARD_SHARE_BPS // 100}
    return render(request, "standing/share.html", context)


@require_POST
def open_link(request: Request) -> HttpResponse:
    """Make the person's link, and go back to the gig that it was wanted for, if there was one."""
    form = ForGigForm(request.POST)
    wanted_for = form.cleaned_data["gig"] if form.is_valid() else ""
    actions.open_link(by=request.user, now=clock.now())
    messages.success(request, _("Here is your link."))
    return redirect("standing:share", wanted_for) if wanted_for else redirect("standing:referrals")
