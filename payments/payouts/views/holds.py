"""Holds: who is not paid for now, why, until when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.payouts import actions, queries
from payments.payouts.forms import HoldForm, PageForm, ReleaseForm
from payments.payouts.models import Hold
from payments.payouts.views.doors import require_finance

PAGE = 50


@require_GET
def holds(request: Request) -> HttpResponse:
    """The live holds, or all of them, the newest first; and the form that places one."""
    require_finance(request)
    return _page(request, HoldForm())


def _page(request: Request, form: HoldForm, *, status: int = 200, **extra: Any) -> HttpResponse:
    now, wanted = clock.now(), PageForm(request.GET).wanted
    rows = Hold.objects.visible_to(request.user).with_people().newest_first()
    live_count = rows.live(now).count()
    if not wanted["all"]:
        rows = rows.live(now)
    if wanted["before"]:
        rows = rows.filter(pk__lt=wanted["before"])
    page = list(rows[: PAGE + 1])
    context = {
        "door": "finance",
        "form": form,
        "release_form": ReleaseForm(auto_id=False),
        "holds": page[:PAGE],
        "all": wanted["all"],
        "live_only": not wanted["all"],
        "live_count": live_count,
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "now": now,
        "waiting": queries.unpayable_people(),
    }
    return render(request, "payouts/holds.html", context | extra, status=status)


@require_POST
def place(request: Request) -> HttpResponse:
    """Hold somebody's payouts."""
    require_finance(request)
    form, now = HoldForm(request.POST), clock.now()
    if not form.is_valid() or form.payee is None:
        return _page(request, form, status=400)
    actions.place_hold(
        payee=form.payee,
        reason=form.cleaned_data["reason"],
        words=form.cleaned_data["words"],
        expires_at=form.expires_at(now),
        by=request.user,
        now=now,
    )
    messages.success(request, _("Payouts to %(person)s are held.") % {"person": form.payee})
    return redirect("payouts:holds")


@require_POST
def release(request: Request, hold_id: UUID) -> HttpResponse:
    """Let somebody be paid again."""
    require_finance(request)
    hold = get_object_or_404(Hold.objects.visible_to(request.user), public_id=hold_id)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _page(request, HoldForm(), status=400, refused=form, refused_hold=hold.pk)
    actions.release_hold(hold_id=hold.public_id, words=form.cleaned_data["words"], by=request.user, now=clock.now())
    messages.success(request, _("The hold is over. The next run pays."))
    return redirect("payouts:holds")
