"""One item of a run: every attempt with its key and what became of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.payouts import actions, policies
from payments.payouts.enums import ItemState, RunState
from payments.payouts.models import PayItem
from payments.payouts.views.doors import require_finance
from payments.payouts.views.words import reason_of


def _item_or_404(request: Request, run_id: UUID, item_id: UUID) -> PayItem:
    require_finance(request)
    rows = PayItem.objects.visible_to(request.user).with_people().filter(run__public_id=run_id)
    return get_object_or_404(rows, public_id=item_id)


@require_GET
def item(request: Request, run_id: UUID, item_id: UUID) -> HttpResponse:
    """Amount and destination as they were frozen, the attempts, and what may be done."""
    row = _item_or_404(request, run_id, item_id)
    retryable = row.state == ItemState.REJECTED and row.run.state in (RunState.EXECUTING, RunState.PARTIALLY_FAILED)
    context = {
        "door": "finance",
        "item": row,
        "run": row.run,
        "reason": reason_of(row),
        "attempts": list(row.attempts.order_by("-number")),
        "can_retry": retryable and policies.can_send(request.user),
    }
    return render(request, "payouts/item.html", context)


@require_POST
def retry(request: Request, run_id: UUID, item_id: UUID) -> HttpResponse:
    """Try a rejected item again under a new key."""
    row = _item_or_404(request, run_id, item_id)
    actions.retry_item(item_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("It is queued again, under a new key."))
    return redirect("payouts:item", run_id, item_id)
