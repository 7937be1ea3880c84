"""The cockpit: what waits for me, what is next, and are the books sound."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.gateway import client
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.reports import actions
from payments.reports.forms import TryAgainForm
from payments.reports.policies import finance_only
from payments.reports.queries import cockpit as queries
from payments.reports.queries.parked import parked_jobs


@require_GET
@finance_only
def cockpit(request: Request) -> HttpResponse:
    """What waits for me, the next run, exceptions, balances, proofs."""
    now = clock.now()
    context = {"door": "finance", "now": now, "cockpit": queries.cockpit_of(request.user, now=now)}
    return render(request, "finance/cockpit.html", context)


@require_GET
@finance_only
def at_stripe(request: Request) -> HttpResponse:
    """What Stripe says we have, beside what the books say. A fragment of the cockpit, and a page without JavaScript."""
    balance = client.retrieve_balance()
    currency = "USD"
    sources = sorted({source for code, source in (*balance.available, *balance.pending) if code == currency})
    rows = [
        (source, balance.available.get((currency, source), 0), balance.pending.get((currency, source), 0))
        for source in sources
    ]
    clearing = books.balance_minor(AccountCode.STRIPE_CLEARING, None, currency)
    context = {
        "door": "finance",
        "rows": rows,
        "total_minor": balance.total(currency),
        "clearing_minor": clearing,
        "difference_minor": balance.total(currency) - clearing,
        "currency": currency,
    }
    template = "finance/at_stripe.html#balance" if request.htmx else "finance/at_stripe.html"
    return render(request, template, context)


@require_POST
@finance_only
def check_now(request: Request) -> HttpResponse:
    """Run the proofs while the reader waits, and go back to the cockpit."""
    red = actions.check_invariants(now=clock.now())
    if red:
        messages.error(request, _("Some proofs are red. No pay run is computed until they are green."))
    else:
        messages.success(request, _("All proofs are green."))
    return redirect("reports:cockpit")


@require_GET
@finance_only
def parked(request: Request) -> HttpResponse:
    """Money jobs that failed too often, with their last error."""
    context = {"door": "finance", "now": clock.now(), "jobs": parked_jobs()}
    return render(request, "finance/parked.html", context)


@require_POST
@finance_only
def try_again(request: Request) -> HttpResponse:
    """Set one parked job due again."""
    form = TryAgainForm(request.POST)
    if not form.is_valid():
        raise Http404
    kind, job_id = form.cleaned_data["kind"], form.cleaned_data["job"]
    actions.try_job_again(kind=kind, job_id=job_id, by=request.user, now=clock.now())
    messages.success(request, _("It is due again. A worker takes it within a minute."))
    return redirect("reports:parked")
