"""Pay runs of finance: the list, one run step by step, its log, and what may be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.ledger.queries import currencies
from payments.payouts import actions, policies, queries
from payments.payouts.forms import ApproveForm, DraftForm, ItemsForm, PageForm, WordsForm
from payments.payouts.models import PayRun
from payments.payouts.views import run_page
from payments.payouts.views.doors import require_finance, require_recent_sign_in
from payments.payouts.views.words import line_of

PAGE = 50


def _run_or_404(request: Request, run_id: UUID) -> PayRun:
    require_finance(request)
    rows = PayRun.objects.visible_to(request.user).select_related("created_by", "approved_by", "compute_asked_by")
    return get_object_or_404(rows, public_id=run_id)


@require_GET
def runs(request: Request) -> HttpResponse:
    """Every run, the newest week first, and the form that drafts the next."""
    require_finance(request)
    return _list(request, _draft_form(None))


def _draft_form(data: Any) -> DraftForm:
    return DraftForm(data, periods=queries.periods_to_draft(now=clock.now()), currencies=currencies())


def _list(request: Request, form: DraftForm, *, status: int = 200) -> HttpResponse:
    wanted = PageForm(request.GET).wanted
    rows = PayRun.objects.visible_to(request.user).select_related("created_by", "approved_by").order_by("-pk")
    if wanted["before"]:
        rows = rows.filter(pk__lt=wanted["before"])
    page = list(rows[: PAGE + 1])
    context = {
        "door": "finance",
        "form": form,
        "runs": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "can_prepare": policies.can_prepare(request.user),
    }
    return render(request, "payouts/runs.html", context, status=status)


@require_POST
def draft(request: Request) -> HttpResponse:
    """Draft the run of a week."""
    require_finance(request)
    form = _draft_form(request.POST)
    if not form.is_valid():
        return _list(request, form, status=400)
    week, currency = form.cleaned_data["week"], form.cleaned_data["currency"]
    row = actions.create_run(period=week, currency=currency, by=request.user, now=clock.now())
    return redirect("payouts:run", row.public_id)


@require_GET
def run(request: Request, run_id: UUID) -> HttpResponse:
    """One run: where it stands, what it means, who agreed, does it tie, and its items."""
    row, now = _run_or_404(request, run_id), clock.now()
    live_part = run_page.live_context(row, by=request.user, now=now)
    items_part = run_page.items_context(row, ItemsForm(request.GET).wanted, rows=live_part["rows"], now=now)
    return render(request, "payouts/run.html", live_part | items_part)


@require_GET
def live(request: Request, run_id: UUID) -> HttpResponse:
    """The part of the page that changes by itself; without htmx the page is the answer."""
    row = _run_or_404(request, run_id)
    if not request.htmx:
        return redirect("payouts:run", run_id)
    return render(request, "payouts/run.html#live", run_page.live_context(row, by=request.user, now=clock.now()))


@require_GET
def log(request: Request, run_id: UUID) -> HttpResponse:
    """Everything that was done to a run, the newest first."""
    row, wanted = _run_or_404(request, run_id), PageForm(request.GET).wanted
    events = queries.log_of(row)
    if wanted["before"]:
        events = events.filter(pk__lt=wanted["before"])
    page = list(events[: PAGE + 1])
    context = {
        "door": "finance",
        "run": row,
        "lines": [line_of(event, row.currency) for event in page[:PAGE]],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
    }
    return render(request, "payouts/run_log.html", context)


# ------------------------------------------------------------------------------------------------------- decisions


@require_POST
def compute(request: Request, run_id: UUID) -> HttpResponse:
    """Have a drafted run computed."""
    row = _run_or_404(request, run_id)
    actions.ask_to_compute(run_id=row.public_id, by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)


@require_POST
def approve(request: Request, run_id: UUID) -> HttpResponse:
    """Approve a computed run as the second person, who has just confirmed that it is them."""
    row = _run_or_404(request, run_id)
    require_recent_sign_in(request, _("Confirm that it is you before you approve a pay run."))
    form = ApproveForm(request.POST)
    form.is_valid()
    actions.approve_run(
        run_id=row.public_id,
        sha256=form.cleaned_data.get("sha256", ""),
        comment=form.cleaned_data.get("comment", ""),
        by=request.user,
        now=clock.now(),
    )
    return redirect("payouts:run", run_id)


@require_POST
def execute(request: Request, run_id: UUID) -> HttpResponse:
    """Start sending an approved run."""
    row = _run_or_404(request, run_id)
    actions.execute_run(run_id=row.public_id, by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)


def _words(request: Request) -> str:
    form = WordsForm(request.POST)
    form.is_valid()
    return str(form.cleaned_data.get("words") or "")


@require_POST
def pause(request: Request, run_id: UUID) -> HttpResponse:
    """Stop sending for now."""
    row = _run_or_404(request, run_id)
    words = _words(request) or _("Paused by %(person)s") % {"person": request.user}
    actions.pause_run(run_id=row.public_id, words=words, by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)


@require_POST
def resume(request: Request, run_id: UUID) -> HttpResponse:
    """Go on sending."""
    row = _run_or_404(request, run_id)
    actions.resume_run(run_id=row.public_id, by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)


@require_POST
def cancel(request: Request, run_id: UUID) -> HttpResponse:
    """Give a run up before anything was sent."""
    row = _run_or_404(request, run_id)
    actions.cancel_run(run_id=row.public_id, words=_words(request), by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)


@require_POST
def close(request: Request, run_id: UUID) -> HttpResponse:
    """Leave the rejected items to the next run."""
    row = _run_or_404(request, run_id)
    actions.close_run(run_id=row.public_id, by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)


@require_POST
def reconcile(request: Request, run_id: UUID) -> HttpResponse:
    """Compare a settled run with Stripe again."""
    row = _run_or_404(request, run_id)
    actions.ask_to_reconcile(run_id=row.public_id, by=request.user, now=clock.now())
    return redirect("payouts:run", run_id)
