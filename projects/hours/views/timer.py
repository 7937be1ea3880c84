"""The timer's card: the hours page shows it, the workbench loads it, and it says each minute that somebody is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hours import queries
from projects.hours.actions import timers
from projects.hours.enums import StopReason
from projects.hours.forms import BeatForm, StartTimerForm, StopTimerForm


@require_GET
def timer(request: Request) -> HttpResponse:
    """The card by itself: a fragment for pages that load it, a page for readers without JavaScript."""
    return _card(request)


@require_POST
def timer_start(request: Request) -> HttpResponse:
    form = StartTimerForm(request.POST, contracts=queries.startable_contracts(request.user))
    if form.is_valid():
        timers.start_timer(
            contract_id=UUID(form.cleaned_data["contract"]),
            by=request.user,
            memo=form.cleaned_data["memo"],
            zone=request.user.time_zone,
            now=clock.now(),
        )
    return _card(request) if request.htmx else redirect("hours:week")


@require_POST
def timer_stop(request: Request) -> HttpResponse:
    form = StopTimerForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    memo, leave_out = said.get("memo") or None, bool(said.get("leave_out"))
    stopped = timers.stop_timer(by=request.user, memo=memo, leave_out_idle=leave_out, now=clock.now())
    if not request.htmx:
        return redirect("hours:week")
    response = _card(request, stopped)
    response["HX-Trigger"] = "preceptor:hours"
    return response


@require_POST
def timer_beat(request: Request) -> HttpResponse:
    """Take a sign of life; answer with the running part of the card, or with the whole card once it has stopped."""
    form = BeatForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    beat = timers.beat_timer(
        by=request.user,
        now=clock.now(),
        idle_seconds=said.get("idle") or 0,
        was_working=bool(said.get("working")),
    )
    if not request.htmx:
        return redirect("hours:week")
    if beat.timer is not None:
        return render(request, "hours/timer.html#running", timer_context(request, clock.now()))
    response = _card(request, beat.stopped)
    response["HX-Retarget"], response["HX-Reswap"] = "#timer", "outerHTML"
    response["HX-Trigger"] = "preceptor:hours"
    return response


def _card(request: Request, stopped: timers.Stopped | None = None) -> HttpResponse:
    context = timer_context(request, clock.now())
    if stopped is not None and stopped.reason != StopReason.ASKED:
        context["stopped"] = stopped
    return render(request, "hours/timer.html#timer" if request.htmx else "hours/timer_page.html", context)


def timer_context(request: Request, now: datetime) -> dict[str, Any]:
    """What the card needs, for every page that shows it."""
    card = queries.timer_card(request.user, now)
    form = StartTimerForm(contracts=[row.contract for row in card.caps], auto_id="timer_%s")
    return {"card": card, "timer_form": form, "now": now}
