"""A lab's exports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import AfterForm, page_after
from projects.delivery import actions, policies, queries
from projects.delivery.downloads import file_response, is_first_part
from projects.delivery.forms import ExportForm
from projects.delivery.models import Export
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, role_in

PAGE = 30


def _lab_page(request: Request, slug: str) -> tuple[Lab, dict[str, Any]]:
    lab = lab_or_404(request.user, slug)
    may_export = policies.may_export(lab, request.user)
    return lab, {"lab": lab, "lab_role": role_in(lab, request.user), "may_export": may_export, "now": clock.now()}


@require_http_methods(["GET", "POST"])
def exports(request: Request, slug: str) -> HttpResponse:
    """The lab's exports, the newest first, and a form for another one."""
    lab, context = _lab_page(request, slug)
    choices = queries.exportable(lab) if context["may_export"] or request.method == "POST" else []
    form = ExportForm(request.POST if request.method == "POST" else None, exportable=choices)
    if request.method == "POST" and form.is_valid():
        project, kind = form.chosen()
        export = actions.request_export(project=project, kind=kind, by=request.user, now=clock.now())
        return redirect("delivery:export", lab.slug, export.public_id)
    after = AfterForm(request.GET)
    place = after.cleaned_data["after"] if after.is_valid() else None
    page = page_after(queries.exports_of(lab), order=("-pk",), after=place, size=PAGE)
    status = 422 if form.is_bound else 200
    context |= {"page": page, "form": form, "can_start": bool(choices)}
    return render(request, "delivery/exports.html", context, status=status)


@require_GET
def export(request: Request, slug: str, export_id: UUID) -> HttpResponse:
    """One export: its progress, then its facts and its file."""
    lab, context = _lab_page(request, slug)
    return render(request, "delivery/export.html", context | {"export": _export(lab, export_id)})


@require_GET
def progress(request: Request, slug: str, export_id: UUID) -> HttpResponse:
    """The progress of writing, as a fragment; the whole page when it is over."""
    lab, context = _lab_page(request, slug)
    found = _export(lab, export_id)
    if not request.htmx:
        return redirect("delivery:export", lab.slug, found.public_id)
    if found.state != "QUEUED":
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "delivery/export.html#progress", context | {"export": found})


@require_safe
def download(request: Request, slug: str, export_id: UUID) -> HttpResponseBase:
    """The file as an attachment; a broken download goes on where it stopped."""
    lab = lab_or_404(request.user, slug)
    found = _export(lab, export_id)
    policies.require_may_export(lab, request.user)
    if is_first_part(request):
        actions.record_download(export=found, by=request.user, now=clock.now())
    return file_response(request, found)


def _export(lab: Lab, export_id: UUID) -> Export:
    return get_object_or_404(queries.exports_of(lab), public_id=export_id)
