"""Pages of a development stack only: one-click sign-in, the business clock, the e-mails that were sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.queries import DEMONSTRATION_SIGN_IN
from marketplace.demo.actions.clock import move_clock, parse_step, reset_clock
from marketplace.demo.forms import ClockForm
from marketplace.demo.queries import PASSWORD, PERSONAS, persona_user
from marketplace.kernel import clock
from marketplace.notices.models import EmailMessage


@login_not_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The door to the demonstration world."""
    known = [persona for persona in PERSONAS if persona_user(persona.slug) is not None]
    context: dict[str, Any] = {"personas": known, "password": PASSWORD, "offset": clock.offset()}
    return render(request, "demo/index.html", context)


@login_not_required
def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign in as a person of the demonstration world; a link, so that the terminal can print it."""
    found = persona_user(slug)
    if found is None:
        raise Http404
    persona, user = found
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session[DEMONSTRATION_SIGN_IN] = True
    record_authentication(request, user, method="demonstration", email=user.email)
    return redirect(persona.path)


@login_not_required
@require_POST
def clock_step(request: HttpRequest) -> HttpResponse:
    form = ClockForm(request.POST)
    step = form.cleaned_data["step"] if form.is_valid() else ""
    if step == "reset":
        reset_clock()
    else:
        move_clock(step=parse_step(step))
    messages.success(request, f"The business clock says {clock.now():%a %-d %b %Y %H:%M} UTC.")
    return redirect("demo:index")


@login_not_required
@require_GET
def emails(request: HttpRequest) -> HttpResponse:
    """Everything that the outbox holds, the newest first."""
    return render(request, "demo/emails.html", {"emails": EmailMessage.objects.order_by("-pk")[:100]})


@login_not_required
@require_GET
def email(request: HttpRequest, email_id: UUID) -> HttpResponse:
    return render(request, "demo/email.html", {"email": get_object_or_404(EmailMessage, public_id=email_id)})


@login_not_required
@require_GET
@xframe_options_sameorigin
def email_html(request: HttpRequest, email_id: UUID) -> HttpResponse:
    """The HTML part alone. E-mail needs inline styles, so this answer has a policy of its own."""
    row = get_object_or_404(EmailMessage, public_id=email_id)
    response = HttpResponse(row.html or f"<pre>{row.text}</pre>")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
