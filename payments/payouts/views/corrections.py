"""Corrections: movements at Stripe that our books do not know, entered by two people."""

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
from payments.payouts import actions, policies
from payments.payouts.forms import CorrectionForm, MovementForm, PageForm
from payments.payouts.models import Correction
from payments.payouts.views.doors import require_finance, require_recent_sign_in

PAGE = 50


@require_GET
def corrections(request: Request) -> HttpResponse:
    """Every correction, those that wait first by their age, and the form that asks for one."""
    require_finance(request)
    return _page(request, CorrectionForm(initial={"movement": MovementForm(request.GET).wanted}))


def _page(request: Request, form: CorrectionForm, *, status: int = 200) -> HttpResponse:
    rows = Correction.objects.visible_to(request.user).with_people()
    before = PageForm(request.GET).wanted["before"]
    decided = rows.exclude(pk__in=rows.waiting().values("pk")).newest_first()
    page = list((decided.filter(pk__lt=before) if before else decided)[: PAGE + 1])
    waiting = list(rows.waiting().order_by("pk"))
    context: dict[str, Any] = {
        "door": "finance",
        "form": form,
        "waiting": [(row, policies.can_post_correction(request.user, row)) for row in waiting],
        "decided": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "can_ask": policies.can_prepare(request.user),
    }
    return render(request, "payouts/corrections.html", context, status=status)


@require_POST
def ask(request: Request) -> HttpResponse:
    """Ask for a movement to be entered."""
    require_finance(request)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    correction = actions.ask_for_correction(
        movement_id=form.cleaned_data["movement"],
        payee=form.payee,
        reason=form.cleaned_data["reason"],
        by=request.user,
        now=clock.now(),
    )
    messages.success(
        request, _("A second person was asked to enter %(movement)s.") % {"movement": correction.balance_transaction}
    )
    return redirect("payouts:corrections")


def _correction_or_404(request: Request, correction_id: UUID) -> Correction:
    require_finance(request)
    return get_object_or_404(Correction.objects.visible_to(request.user), public_id=correction_id)


@require_POST
def post(request: Request, correction_id: UUID) -> HttpResponse:
    """Enter a movement as the second person."""
    row = _correction_or_404(request, correction_id)
    require_recent_sign_in(request, _("Confirm that it is you before you enter a movement in the books."))
    actions.post_correction(correction_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("It is in the books."))
    return redirect("payouts:corrections")


@require_POST
def decline(request: Request, correction_id: UUID) -> HttpResponse:
    """Leave a movement out."""
    row = _correction_or_404(request, correction_id)
    actions.decline_correction(correction_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Declined. The movement is still not in the books."))
    return redirect("payouts:corrections")
