"""Where Stripe's webhooks arrive: verify the raw body, store the event, answer. The work is done by a job."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.kernel import clock
from payments.gateway import actions, connection


@csrf_exempt  # The signature over the raw body is what proves the sender.
@login_not_required
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Take in a v1 event of our account or of a connected one."""
    event = connection.read_snapshot(request.body, request.headers.get("Stripe-Signature", ""))
    actions.receive_event(event=event, now=clock.now())
    return HttpResponse(status=200)


@csrf_exempt
@login_not_required
@require_POST
def thin_webhook(request: HttpRequest) -> HttpResponse:
    """Take in a v2 event notification."""
    event = connection.read_thin(request.body, request.headers.get("Stripe-Signature", ""))
    actions.receive_event(event=event, now=clock.now())
    return HttpResponse(status=200)
