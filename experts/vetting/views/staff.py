"""The vetting console: the queue, a case with its evidence side by side, and the decision."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.credentials import actions as credential_actions
from experts.credentials.models import Credential, Document
from experts.credentials.queries import credentials_of, current_resume, to_confirm_again
from experts.vetting import actions, queries
from experts.vetting.enums import Outcome
from experts.vetting.forms import (
    DecisionForm,
    LadderForm,
    ListForm,
    QueueForm,
    StartForm,
    StepDownForm,
    WhyForm,
    prefix_of,
)
from experts.vetting.models import Check
from experts.vetting.paging import page_of
from experts.vetting.views.page import case_or_404, documents_of, page_of_case, refused, require_staff
from marketplace.kernel import clock
from marketplace.kernel.http import Request

RECHECK_DAYS = 60
RECHECKS_SHOWN = 100
SORTS = {"": ("due_at", False), "oldest": ("opened_at", False), "newest": ("opened_at", True)}
"""What the queue is sorted by, and whether the latest comes first."""


@require_GET
def queue(request: Request) -> HttpResponse:
    """Open cases, the one whose clock runs out first on top."""
    require_staff(request)
    form, now = QueueForm(request.GET), clock.now()
    column, descending = SORTS[form.value("sort") or ""]
    rows = queries.queue(user=request.user, now=now, wanted=form.wanted)
    page = page_of(rows, by=column, position=form.value("at"), descending=descending)
    context = {
        "door": "vetting",
        "form": form,
        "page": page,
        "counts": queries.counts_for(request.user),
        "opinions": queries.opinions_asked_of(request.user),
        "query": _without_place(request),
        "now": now,
    }
    return render(request, "vetting/queue.html", context)


@require_GET
def decided(request: Request) -> HttpResponse:
    """Decided cases, the newest first, each with who decided and why."""
    require_staff(request)
    form = ListForm(request.GET)
    rows = queries.decided(field=form.value("field"))
    page = page_of(rows, by="decided_at", position=form.value("at"), descending=True)
    context = {"door": "vetting", "form": form, "page": page, "query": _without_place(request)}
    return render(request, "vetting/decided.html", context)


@require_GET
def rechecks(request: Request) -> HttpResponse:
    """Confirmations that run out within sixty days, the nearest first, each with the case in which it was looked at."""
    require_staff(request)
    rows = to_confirm_again(clock.now().date() + timedelta(days=RECHECK_DAYS)).exclude(expert__user=request.user)
    nearest = list(rows[:RECHECKS_SHOWN])
    cases = queries.last_cases({row.expert_id for row in nearest})
    context = {"door": "vetting", "rows": [(row, cases.get(row.expert_id)) for row in nearest], "count": rows.count()}
    return render(request, "vetting/rechecks.html", context)


@require_GET
def case(request: Request, case_id: UUID) -> HttpResponse:
    """One case: checks, evidence, record, and the decision beside them."""
    row = case_or_404(request, case_id)
    return render(request, "vetting/case.html", page_of_case(request, row, outcome=StartForm(request.GET).outcome))


@require_POST
def decide(request: Request, case_id: UUID) -> HttpResponse:
    """Approve, ask for more or decline; what is missing is said next to its field."""
    row = case_or_404(request, case_id)
    files = documents_of(credentials_of(row.expert), current_resume(row.expert))
    form = DecisionForm(request.POST, checks=queries.checks_of(row), documents=files)
    if not form.is_valid():
        return refused(request, row, form=form)
    data = form.cleaned_data
    decision = actions.decide_case(
        case_id=row.public_id,
        outcome=data["outcome"],
        reason_code=data["reason_code"],
        reason=data["reason"],
        evidence_check_ids=data["evidence"],
        evidence_document_ids=data["documents"],
        by=request.user,
        now=clock.now(),
    )
    words = {
        Outcome.APPROVE: _("%(case)s is approved."),
        Outcome.ASK_FOR_MORE: _("%(case)s waits for the expert now."),
        Outcome.DECLINE: _("%(case)s is declined."),
    }
    messages.success(request, words[Outcome(decision.outcome)] % {"case": row})
    return redirect("vetting:case", row.public_id)


@require_POST
def retry(request: Request, case_id: UUID, check_id: UUID) -> HttpResponse:
    """Have one check run again, with the reason."""
    row = case_or_404(request, case_id)
    check = get_object_or_404(Check.objects.filter(case=row, round=row.round), public_id=check_id)
    form = WhyForm(request.POST, prefix=f"retry-{check.pk}")
    if not form.is_valid():
        return refused(request, row, retry_forms={check.pk: form})
    done = actions.retry_check(check_id=check.public_id, why=form.cleaned_data["why"], by=request.user, now=clock.now())
    messages.success(request, _("“%(check)s” runs again.") % {"check": done.label})
    return redirect(f"{reverse('vetting:case', args=[row.public_id])}#checks")


@require_GET
def read(request: Request, case_id: UUID, document_id: UUID) -> HttpResponse:
    """A file of the case to be read beside what was declared; that it was opened is written down."""
    row = case_or_404(request, case_id)
    rows = Document.objects.visible_to(request.user).filter(expert=row.expert_id)
    document = get_object_or_404(rows.only("public_id"), public_id=document_id)
    opened = credential_actions.open_document(document_id=document.public_id, by=request.user, now=clock.now())
    context = {"door": "vetting", "case": row, "document": opened, "lines": opened.extracted_text.splitlines()}
    return render(request, "vetting/document.html#viewer" if request.htmx else "vetting/document.html", context)


@require_POST
def climb(request: Request, case_id: UUID, credential_id: UUID) -> HttpResponse:
    """Say that a credential was seen or confirmed."""
    row, credential = case_or_404(request, case_id), _credential_or_404(request, case_id, credential_id)
    form = LadderForm(request.POST, prefix=prefix_of("up", credential))
    if not form.is_valid():
        return refused(request, row, ladder_forms={credential.pk: form})
    credential_actions.climb_ladder(
        credential_id=credential.public_id, by=request.user, now=clock.now(), **form.cleaned_data
    )
    actions.keep_claim(case_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s moved up.") % {"name": credential.label})
    return redirect(f"{reverse('vetting:case', args=[row.public_id])}#e-{credential.public_id}")


@require_POST
def fall(request: Request, case_id: UUID, credential_id: UUID) -> HttpResponse:
    """Take a credential down, with the reason."""
    row, credential = case_or_404(request, case_id), _credential_or_404(request, case_id, credential_id)
    form = StepDownForm(request.POST, prefix=prefix_of("down", credential))
    if not form.is_valid():
        return refused(request, row, fall_forms={credential.pk: form})
    credential_actions.step_down(
        credential_id=credential.public_id, by=request.user, now=clock.now(), **form.cleaned_data
    )
    messages.success(request, _("%(name)s was stepped down.") % {"name": credential.label})
    return redirect(f"{reverse('vetting:case', args=[row.public_id])}#e-{credential.public_id}")


@require_POST
def reveal(request: Request, case_id: UUID, credential_id: UUID) -> HttpResponse:
    """Show the whole number, to be looked up; that it was shown is written down."""
    row, credential = case_or_404(request, case_id), _credential_or_404(request, case_id, credential_id)
    number = credential_actions.reveal_number(credential_id=credential.public_id, by=request.user, now=clock.now())
    context = {"case": row, "credential": credential, "number": number, "door": "vetting"}
    return render(request, "vetting/number.html#number" if request.htmx else "vetting/number.html", context)


def _credential_or_404(request: Request, case_id: UUID, credential_id: UUID) -> Credential:
    rows = Credential.objects.visible_to(request.user).standing()
    return get_object_or_404(rows, public_id=credential_id, expert__cases__public_id=case_id)


def _without_place(request: Request) -> str:
    """Return the filters of an address for the links to the next page, "&field=3"."""
    kept = request.GET.copy()
    kept.pop("at", None)
    return f"&{kept.urlencode()}" if kept else ""
