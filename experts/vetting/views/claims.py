"""Who has a case in hand: claiming, the next one, keeping, taking over, handing back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from experts.vetting import actions
from experts.vetting.forms import WhyForm
from experts.vetting.views.page import case_or_404, refused, require_staff
from marketplace.kernel import clock
from marketplace.kernel.http import Request


@require_POST
def claim(request: Request, case_id: UUID) -> HttpResponse:
    row = case_or_404(request, case_id)
    actions.claim_case(case_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(case)s is yours.") % {"case": row})
    return redirect("vetting:case", row.public_id)


@require_POST
def claim_next(request: Request) -> HttpResponse:
    """Take the most urgent case that nobody has."""
    require_staff(request)
    row = actions.claim_next_case(by=request.user, now=clock.now())
    if row is None:
        messages.info(request, _("No case waits that nobody has and that you may work on."))
        return redirect("vetting:queue")
    messages.success(request, _("%(case)s is yours.") % {"case": row})
    return redirect("vetting:case", row.public_id)


@require_POST
def take_over(request: Request, case_id: UUID) -> HttpResponse:
    """Take a case that a colleague has, and say why."""
    row = case_or_404(request, case_id)
    form = WhyForm(request.POST, prefix="over")
    if not form.is_valid():
        return refused(request, row, why_form=form)
    actions.take_over_case(case_id=row.public_id, why=form.cleaned_data["why"], by=request.user, now=clock.now())
    messages.success(request, _("%(case)s is yours now.") % {"case": row})
    return redirect("vetting:case", row.public_id)


@require_POST
def keep(request: Request, case_id: UUID) -> HttpResponse:
    """Say that one still works on a case: the page does it by itself while somebody reads and types."""
    row = case_or_404(request, case_id)
    until = actions.keep_claim(case_id=row.public_id, by=request.user, now=clock.now())
    return HttpResponse(status=204 if until is not None else 409)


@require_POST
def release(request: Request, case_id: UUID) -> HttpResponse:
    row = case_or_404(request, case_id)
    actions.release_case(case_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(case)s is back in the queue.") % {"case": row})
    return redirect("vetting:queue")
