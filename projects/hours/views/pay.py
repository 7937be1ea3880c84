"""What an expert earned: weeks, and one payslip."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor
from payments.payouts.queries import account_of
from projects.hours import queries


@require_GET
def earnings(request: Request) -> HttpResponse:
    weeks = queries.earnings_by_week(request.user)
    paid = sum(week.item.net_minor for week in weeks if week.item is not None and week.item.state == "SENT")
    context = {
        "weeks": weeks,
        "payable_minor": balance_minor(AccountCode.EXPERT_PAYABLE, request.user.public_id),
        "paid_minor": paid,
        "account": account_of(request.user),
    }
    return render(request, "hours/earnings.html", context)


@require_GET
def payslip(request: Request, week: str) -> HttpResponse:
    """The payslip of one week; a draft until its pay run is approved."""
    try:
        period = clock.parse_period(week)
    except ValueError as problem:
        raise Http404 from problem
    slip = queries.payslip_of(request.user, period)
    if slip is None:
        raise Http404
    return render(request, "hours/payslip.html", {"slip": slip})
