"""Scoring without names, the figures of questions, and requests for accommodations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.decorators import csp
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.assessments import actions, queries
from experts.assessments.enums import FEWEST_FOR_STATISTICS, AccommodationState, ScriptState
from experts.assessments.forms import AfterPlace, FieldForm, GrantForm, MarksForm
from experts.assessments.models import Accommodation, Assessment, Guide, Recording, Script
from experts.assessments.views.authoring import require_staff
from experts.assessments.views.interviews import serve
from experts.profiles.models import Field
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after

REFUSED = 422


@require_GET
def queue(request: Request) -> HttpResponse:
    """What I can score, the most urgent first, and what is settled."""
    require_staff(request)
    place = AfterPlace(request.GET).place()
    page = page_after(queries.settled_scripts(request.user), order=("-pk",), after=place)
    context = {"door": "vetting", "scripts": queries.queue_for(request.user, now=clock.now()), "page": page}
    return render(request, "assessments/scoring.html", context)


@require_POST
def take(request: Request, script_id: UUID) -> HttpResponse:
    row = _script(request, script_id)
    actions.take_script(script_id=row.public_id, by=request.user, now=clock.now())
    return redirect("assessments:script", row.public_id)


@require_POST
def put_back(request: Request, script_id: UUID) -> HttpResponse:
    row = _script(request, script_id)
    actions.put_back_script(script_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(script)s is free for others.") % {"script": row})
    return redirect("assessments:scoring")


@require_http_methods(["GET", "POST"])
def script(request: Request, script_id: UUID) -> HttpResponse:
    """The answers with the rubric; scored by both, how far they agree."""
    row = _script(request, script_id)
    mine = queries.sheet_of(row, request.user)
    has_scored = mine is not None and mine.scored_at is not None
    items = queries.items_of(row)
    context: dict[str, Any] = {"door": "vetting", "script": row, "items": items, "mine": mine, "has_scored": has_scored}
    sheets = list(row.sheets.scored().select_related("scorer").order_by("scored_at", "pk"))
    if row.state == ScriptState.SETTLED or (has_scored and len(sheets) >= 2):
        return render(request, "assessments/script_settled.html", context | _seen(row, items, sheets))
    if has_scored:
        return render(request, "assessments/script_waiting.html", context)
    if mine is None:
        messages.info(request, _("Take the script to read and score it."))
        return redirect("assessments:scoring")
    form = MarksForm(request.POST if request.method == "POST" else None, items=items)
    if request.method == "POST" and form.is_valid():
        actions.score_script(
            script_id=row.public_id, marks=form.marks(), comment=form.cleaned_data["comment"], by=request.user,
            now=clock.now(),
        )  # fmt: skip
        messages.success(request, _("Your marks are in."))
        return redirect("assessments:script", row.public_id)
    status = REFUSED if request.method == "POST" else 200
    return render(request, "assessments/script.html", context | {"form": form}, status=status)


def _seen(row: Script, items: list[queries.Item], sheets: list[Any]) -> dict[str, Any]:
    """Return what may be shown once everybody has scored: whose marks were which, and the agreement."""
    marks = [
        (
            item,
            [(criterion, [sheet.marks[item.key][criterion["key"]] for sheet in sheets]) for criterion in item.criteria],
        )
        for item in items
    ]
    return {"sheets": sheets, "marks": marks, "agreement": queries.agreement_of(row, sheets)}


@require_GET
@csp({"default-src": ["'none'"], "sandbox": [""]})  # type: ignore[arg-type]
def recording(request: Request, recording_id: UUID) -> HttpResponseBase:
    """A scorer's way to a voice; it stands in the audit trail."""
    require_staff(request)
    rows = Recording.objects.visible_to(request.user).exclude(answer__interview__expert__user=request.user)
    return serve(request, get_object_or_404(rows, public_id=recording_id))


@require_GET
def statistics(request: Request) -> HttpResponse:
    """The figures of a field's questions, and how far scorers agree."""
    require_staff(request)
    used = {pk for table in (Assessment, Guide) for pk in table.objects.published().values_list("field_id", flat=True)}
    form = FieldForm(request.GET or None, fields=Field.objects.filter(pk__in=used).in_reading_order())
    field = form.chosen()
    figures = queries.figures_of_field(field) if field else []
    scripts, agreement = queries.agreement_overall(field) if field else (0, None)
    context = {
        "door": "vetting", "form": form, "field": field, "figures": figures, "scripts": scripts,
        "agreement": agreement, "fewest": FEWEST_FOR_STATISTICS, "flagged": sum(bool(one.flags) for one in figures),
    }  # fmt: skip
    return render(request, "assessments/statistics.html", context)


@require_GET
def requests(request: Request) -> HttpResponse:
    """Requests for accommodations, the most urgent first, and what was answered last."""
    require_staff(request)
    rows = Accommodation.objects.visible_to(request.user).select_related("expert__user", "answered_by")
    context = {
        "door": "vetting",
        "waiting": rows.waiting().order_by("due_at", "pk"),
        "answered": rows.filter(answered_at__isnull=False).order_by("-answered_at", "-pk")[:50],
    }
    return render(request, "assessments/requests.html", context)


@require_http_methods(["GET", "POST"])
def answer_request(request: Request, request_id: UUID) -> HttpResponse:
    """One request and its answer."""
    require_staff(request)
    rows = Accommodation.objects.visible_to(request.user).select_related("expert__user", "answered_by")
    row = get_object_or_404(rows, public_id=request_id)
    wished = {"extra_time": row.extra_time, "may_pause": row.may_pause, "may_write": row.may_write, "grant": "yes"}
    form = GrantForm(request.POST if request.method == "POST" else None, initial=wished)
    if request.method == "POST" and form.is_valid():
        actions.answer_accommodation(request_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("Answered."))
        return redirect("assessments:requests")
    context = {
        "door": "vetting", "row": row, "form": form, "is_open": row.state == AccommodationState.ASKED,
        "is_own": row.about_id == request.user.pk,
    }  # fmt: skip
    status = REFUSED if request.method == "POST" else 200
    return render(request, "assessments/request.html", context, status=status)


def _script(request: Request, script_id: UUID) -> Script:
    require_staff(request)
    if not request.user.is_vetting_staff:
        raise Http404
    rows = Script.objects.visible_to(request.user).select_related("field", "attempt__version", "interview__version")
    return get_object_or_404(rows, public_id=script_id)
