"""The expert's payout account."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.payouts import actions, queries
from payments.payouts.enums import PayoutAccountState
from payments.payouts.forms import CountryForm
from payments.payouts.models import PayoutAccount
from payments.payouts.views.doors import require_recent_sign_in


@require_GET
def account(request: Request) -> HttpResponse:
    """Where the person is paid, what is missing, and the one thing to do next."""
    return _page(request, CountryForm())


def _page(request: Request, form: CountryForm, *, status: int = 200) -> HttpResponse:
    here = queries.account_of(request.user)
    context = {
        "account": here,
        "form": form,
        "began": bool(here and here.stripe_account_id),
        "is_ready": here is not None and here.state == PayoutAccountState.READY,
        "hold": queries.hold_of(request.user, now=clock.now()),
        "items": queries.items_of_payee(request.user)[:3],
    }
    return render(request, "payouts/account.html", context, status=status)


@require_POST
def start(request: Request) -> HttpResponse:
    """Make the account at Stripe and go to the page that asks for the details."""
    form = CountryForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    actions.start_account(country=form.cleaned_data["country"], by=request.user, now=clock.now())
    return _to_stripe(request)


@require_POST
def details(request: Request) -> HttpResponse:
    """Go to Stripe's page to finish or to change the details; a change needs a fresh confirmation."""
    here: PayoutAccount | None = queries.account_of(request.user)
    if here is not None and here.state != PayoutAccountState.STARTED:
        require_recent_sign_in(request, _("Confirm that it is you before you change where you are paid."))
    return _to_stripe(request)


def _to_stripe(request: Request) -> HttpResponse:
    return redirect(
        actions.onboarding_url(
            by=request.user,
            refresh_url=request.build_absolute_uri(reverse("payouts:account_again")),
            return_url=request.build_absolute_uri(reverse("payouts:account_return")),
        )
    )


@require_GET
def returned(request: Request) -> HttpResponse:
    """Coming back from Stripe does not mean done: the account is fetched, then its page says how it stands."""
    here = queries.account_of(request.user)
    if here is not None and here.stripe_account_id:
        actions.refresh_account(stripe_account_id=here.stripe_account_id, now=clock.now())
    return redirect("payouts:account")


@require_GET
def again(request: Request) -> HttpResponse:
    """Stripe sends people here whose link was used or too old."""
    messages.info(request, _("That link was used or too old. Go on with a new one."))
    return redirect("payouts:account")
