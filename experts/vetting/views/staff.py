"""The vetting console: the queue, a case with its evidence side by side, and the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.credentials import actions as credential_actions
from experts.credentials.models import Credential
from experts.credentials.queries import (
    credentials_of,
    current_resume,
    ladder_of,
    names_of_confirmers,
    to_confirm_again,
)
from experts.profiles.models import Expert
from experts.vetting import actions, policies, queries
from experts.vetting.enums import CaseState, CheckKind, CheckResult, Outcome
from experts.vetting.forms import DecisionForm, LadderForm, ListForm, QueueForm, StepDownForm, prefix_of
from experts.vetting.models import Case
from experts.vetting.paging import page_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422
RECHECK_DAYS = 60
RECHECKS_SHOWN = 100


@require_GET
def queue(request: Request) -> HttpResponse:
    """Open cases, the one whose clock runs out first on top."""
    _require_staff(request)
    form = QueueForm(request.GET)
    mine_of = request.user if form.value("mine") else None
    rows = queries.queue(state=form.value("state") or "", field=form.value("field"), mine_of=mine_of)
    page = page_of(rows, by="due_at", position=form.value("at"))
    counts = queries.counts_for(request.user)
    context = {"door": "vetting", "form": form, "page": page, "counts": counts, "query": _without_place(request)}
    return render(request, "vetting/queue.html", context)


@require_GET
def decided(request: Request) -> HttpResponse:
    """Decided cases, the newest first, each with who decided and why."""
    _require_staff(request)
    form = ListForm(request.GET)
    rows = queries.decided(field=form.value("field"))
    page = page_of(rows, by="decided_at", position=form.value("at"), descending=True)
    context = {"door": "vetting", "form": form, "page": page, "query": _without_place(request)}
    return render(request, "vetting/decided.html", context)


@require_GET
def rechecks(request: Request) -> HttpResponse:
    """Confirmations that run out within sixty days, the nearest first, each with the case in which it was looked at."""
    _require_staff(request)
    rows = to_confirm_again(clock.now().date() + timedelta(days=RECHECK_DAYS)).exclude(expert__user=request.user)
    nearest = list(rows[:RECHECKS_SHOWN])
    cases = queries.last_cases({row.expert_id for row in nearest})
    context = {"door": "vetting", "rows": [(row, cases.get(row.expert_id)) for row in nearest], "count": rows.count()}
    return render(request, "vetting/rechecks.html", context)


@require_GET
def case(request: Request, case_id: UUID) -> HttpResponse:
    """One case: checks, evidence, record, and the decision beside them."""
    return render(request, "vetting/case.html", _page(request, _case_or_404(request, case_id)))


@require_POST
def claim(request: Request, case_id: UUID) -> HttpResponse:
    row = _case_or_404(request, case_id)
    actions.claim_case(case_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(case)s is yours.") % {"case": row})
    return redirect("vetting:case", row.public_id)


@require_POST
def release(request: Request, case_id: UUID) -> HttpResponse:
    row = _case_or_404(request, case_id)
    actions.release_case(case_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(case)s is back in the queue.") % {"case": row})
    return redirect("vetting:queue")


@require_POST
def decide(request: Request, case_id: UUID) -> HttpResponse:
    """Approve, ask for more or decline; what is missing is said next to its field."""
    row = _case_or_404(request, case_id)
    form = DecisionForm(request.POST, checks=queries.checks_of(row))
    if not form.is_valid():
        return render(request, "vetting/case.html", _page(request, row, decision_form=form), status=REFUSED)
    data = form.cleaned_data
    decision = actions.decide_case(
        case_id=row.public_id,
        outcome=data["outcome"],
        reason_code=data["reason_code"],
        reason=data["reason"],
        evidence_check_ids=data["evidence"],
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
def climb(request: Request, case_id: UUID, credential_id: UUID) -> HttpResponse:
    """Say that a credential was seen or confirmed."""
    row, credential = _case_or_404(request, case_id), _credential_or_404(request, case_id, credential_id)
    form = LadderForm(request.POST, prefix=prefix_of("up", credential))
    if not form.is_valid():
        context = _page(request, row, ladder_forms={credential.pk: form})
        return render(request, "vetting/case.html", context, status=REFUSED)
    credential_actions.climb_ladder(
        credential_id=credential.public_id, by=request.user, now=clock.now(), **form.cleaned_data
    )
    messages.success(request, _("%(name)s moved up.") % {"name": credential.label})
    return redirect(f"{reverse('vetting:case', args=[row.public_id])}#e-{credential.public_id}")


@require_POST
def fall(request: Request, case_id: UUID, credential_id: UUID) -> HttpResponse:
    """Take a credential down, with the reason."""
    row, credential = _case_or_404(request, case_id), _credential_or_404(request, case_id, credential_id)
    form = StepDownForm(request.POST, prefix=prefix_of("down", credential))
    if not form.is_valid():
        context = _page(request, row, fall_forms={credential.pk: form})
        return render(request, "vetting/case.html", context, status=REFUSED)
    credential_actions.step_down(
        credential_id=credential.public_id, by=request.user, now=clock.now(), **form.cleaned_data
    )
    messages.success(request, _("%(name)s was stepped down.") % {"name": credential.label})
    return redirect(f"{reverse('vetting:case', args=[row.public_id])}#e-{credential.public_id}")


@require_POST
def reveal(request: Request, case_id: UUID, credential_id: UUID) -> HttpResponse:
    """Show the whole number, to be looked up; that it was shown is written down."""
    row, credential = _case_or_404(request, case_id), _credential_or_404(request, case_id, credential_id)
    number = credential_actions.reveal_number(credential_id=credential.public_id, by=request.user, now=clock.now())
    context = {"case": row, "credential": credential, "number": number, "door": "vetting"}
    return render(request, "vetting/number.html#number" if request.htmx else "vetting/number.html", context)


def _page(
    request: Request,
    row: Case,
    *,
    decision_form: DecisionForm | None = None,
    ladder_forms: dict[int, LadderForm] | None = None,
    fall_forms: dict[int, StepDownForm] | None = None,
) -> dict[str, Any]:
    checks = queries.checks_of(row)
    credentials = credentials_of(row.expert)
    names = names_of_confirmers(credentials)
    by_credential = {check.credential_id: check for check in checks if check.kind == CheckKind.CREDENTIAL}
    by_registry = {check.credential_id: check for check in checks if check.kind == CheckKind.REGISTRY}
    panels = [
        {
            "credential": credential,
            "check": by_credential.get(credential.pk),
            "registry": by_registry.get(credential.pk),
            "ladder": ladder_of(credential, names),
            "climb": (ladder_forms or {}).get(credential.pk) or LadderForm(prefix=prefix_of("up", credential)),
            "fall": (fall_forms or {}).get(credential.pk) or StepDownForm(prefix=prefix_of("down", credential)),
        }
        for credential in credentials
    ]
    return {
        "door": "vetting",
        "case": row,
        "expert": Expert.objects.with_profile().with_history().get(pk=row.expert_id),
        "checks": checks,
        "by_kind": {check.kind: check for check in checks},
        "tallies": _tallies(checks),
        "checks_in": sum(check.result != CheckResult.PENDING for check in checks),
        "panels": panels,
        "resume": current_resume(row.expert),
        "decisions": [(decision, queries.evidence_of(decision)) for decision in queries.decisions_of(row)],
        "record": queries.record_of(row),
        "earlier": queries.earlier_cases(row),
        "form": decision_form or DecisionForm(checks=checks),
        "may_work": policies.may_work_on(request.user, row),
        "is_mine": row.claimed_by_id == request.user.pk,
        "outcomes": [
            (Outcome.APPROVE, _("Counts as vetted for %s from now on") % row.field.name, "a"),
            (Outcome.ASK_FOR_MORE, _("They have 7 days to answer, then the checks run again"), "m"),
            (Outcome.DECLINE, _("They read the reason and the checks it rests on"), "d"),
        ],
        "may_decide": row.state == CaseState.AWAITING_DECISION and row.claimed_by_id == request.user.pk,
    }


def _tallies(checks: list[Any]) -> list[tuple[str, str, int]]:
    """Return (tone, words, count) for the head of the table."""
    tones = [
        ("success", _("passed"), {CheckResult.PASSED}),
        ("warning", _("to judge"), {CheckResult.ATTENTION, CheckResult.NEEDS_PERSON}),
        ("info", _("running"), {CheckResult.PENDING}),
    ]
    counted = [(tone, words, sum(check.result in results for check in checks)) for tone, words, results in tones]
    return [row for row in counted if row[2]]


def _require_staff(request: Request) -> None:
    """Whoever is not behind this door finds nothing here."""
    if not policies.may_enter(request.user):
        raise Http404


def _case_or_404(request: Request, case_id: UUID) -> Case:
    _require_staff(request)
    return get_object_or_404(Case.objects.visible_to(request.user).with_people(), public_id=case_id)


def _credential_or_404(request: Request, case_id: UUID, credential_id: UUID) -> Credential:
    rows = Credential.objects.visible_to(request.user).standing()
    return get_object_or_404(rows, public_id=credential_id, expert__cases__public_id=case_id)


def _without_place(request: Request) -> str:
    """Return the filters of an address for the links to the next page, "&field=3"."""
    kept = request.GET.copy()
    kept.pop("at", None)
    return f"&{kept.urlencode()}" if kept else ""
