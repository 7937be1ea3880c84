"""What an expert earned: weeks, and one payslip."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.payouts.queries import account_of
from projects.hours import queries
from projects.hours.forms import EarlierForm


@require_GET
def earnings(request: Request) -> HttpResponse:
    """Every week, where its money is, and what is on its way."""
    form = EarlierForm(request.GET)
    weeks, older = queries.earnings_by_week(
        request.user, before=form.cleaned_data["before"] if form.is_valid() else None
    )
    context = {
        "weeks": weeks,
        "older": clock.period_label(older) if older else "",
        "purses": queries.purses_of(request.user),
        "account": account_of(request.user),
    }
    return render(request, "hours/earnings.html", context)


@require_GET
def payslip(request: Request, week: str) -> HttpResponse:
    """The payslip of one week, in each of its currencies; a draft until its pay run is approved."""
    try:
        period = clock.parse_period(week)
    except ValueError as problem:
        raise Http404 from problem
    slips = queries.payslips_of(request.user, period)
    if not slips:
        raise Http404
    context = {"slips": slips, "label": clock.period_label(period), "period": period}
    return render(request, "hours/payslip.html", context)
