"""What is asked of me, how it went, and what I need for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.assessments import actions, queries
from experts.assessments.enums import AccommodationState
from experts.assessments.forms import AccommodationForm
from experts.assessments.models import Accommodation, Attempt, Interview
from experts.profiles.queries import expert_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422


@require_GET
def mine(request: Request) -> HttpResponse:
    """Everything that is asked of me, with its minutes, and my results."""
    expert = expert_of(request.user)
    if expert is None:
        return redirect("profiles:edit")
    attempts = Attempt.objects.visible_to(request.user).select_related("version").order_by("-pk")
    interviews = Interview.objects.visible_to(request.user).select_related("version").order_by("-pk")
    context = {
        "asks": queries.asks_of(expert, now=clock.now()),
        "attempts": attempts,
        "interviews": interviews,
        "accommodations": _current(request),
    }
    return render(request, "assessments/mine.html", context)


@require_http_methods(["GET", "POST"])
def accommodations(request: Request) -> HttpResponse:
    """Ask for what I need; the answer stands here too."""
    expert = expert_of(request.user)
    if expert is None:
        return redirect("profiles:edit")
    form = AccommodationForm(request.POST if request.method == "POST" else None, initial={"extra_time": 0})
    if request.method == "POST" and form.is_valid():
        actions.ask_accommodation(by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("Sent. A person answers within three days."))
        return redirect("assessments:accommodations")
    context = {"form": form, "accommodations": _current(request)}
    status = REFUSED if request.method == "POST" else 200
    return render(request, "assessments/accommodations.html", context, status=status)


@require_POST
def withdraw(request: Request, request_id: UUID) -> HttpResponse:
    """Take a request back, or give up what was granted."""
    found = get_object_or_404(
        Accommodation.objects.visible_to(request.user), public_id=request_id, expert__user=request.user
    )
    actions.withdraw_accommodation(request_id=found.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Withdrawn."))
    return redirect("assessments:accommodations")


def _current(request: Request) -> dict[str, Any]:
    """Return what waits, what is granted, and the last decline."""
    rows = list(Accommodation.objects.filter(expert__user=request.user).order_by("-pk")[:20])
    by_state = {state: next((row for row in rows if row.state == state), None) for state in AccommodationState}
    declined = by_state[AccommodationState.DECLINED]
    return {
        "waiting": by_state[AccommodationState.ASKED],
        "granted": by_state[AccommodationState.GRANTED],
        "declined": declined if rows and declined == rows[0] else None,
    }
