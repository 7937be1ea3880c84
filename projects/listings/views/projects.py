"""A lab's projects: the list, the overview, its versions, and the moves of a listing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles.queries import country_name, language_name
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, role_in
from projects.listings import policies
from projects.listings.actions import projects as actions
from projects.listings.enums import ProjectState
from projects.listings.forms.states import CloseForm, PauseForm, StateFilterForm, VersionsForm
from projects.listings.models import Project
from projects.listings.queries import funding_of, funding_of_many, projects_of_lab
from projects.listings.queries.listing import count_by_state, history_of, project_or_404
from projects.listings.queries.lower import earlier_rate, latest_review, scope_of
from projects.listings.queries.requirements import words_of
from projects.listings.queries.versions import editions_of, versions_of

NEWEST_FIRST = ("-created_at", "-public_id")


def page_context(request: Request, lab: Lab) -> dict[str, Any]:
    """Return what every page of a lab's dashboard needs."""
    return {"lab": lab, "lab_role": role_in(lab, request.user), "may_change": may_manage(lab, request.user)}


@require_GET
def project_list(request: Request, slug: str) -> HttpResponse:
    """All projects of the lab with places and funds, the newest first."""
    lab = lab_or_404(request.user, slug)
    form = StateFilterForm(request.GET)
    form.is_valid()  # What is not understood is no filter.
    state, after = form.cleaned_data.get("state", ""), form.cleaned_data.get("after")
    counts = count_by_state(lab)
    rows = projects_of_lab(lab).filter(state=state) if state else projects_of_lab(lab)
    page = page_after(rows, order=NEWEST_FIRST, after=after)
    funding = funding_of_many(page.rows, today=clock.now().date())
    context = page_context(request, lab) | {
        "rows": [(project, funding[project.pk]) for project in page.rows],
        "states": [(one, counts.get(one, 0)) for one in ProjectState],
        "state": state,
        "total": sum(counts.values()),
        "older": page.older,
    }
    return render(request, "listings/projects.html", context)


# ----------------------------------------------------------------------------------------------------------- overview


@require_GET
def project(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """One project: what stands between it and the board, its places and its money."""
    lab = lab_or_404(request.user, slug)
    row = project_or_404(request.user, lab, project_id)
    return render(request, "listings/project.html", _overview(request, lab, row))


def _overview(request: Request, lab: Lab, row: Project) -> dict[str, Any]:
    now = clock.now()
    checks = policies.publish_checklist(row)
    is_waiting = row.state in {ProjectState.DRAFT, ProjectState.IN_REVIEW}
    return page_context(request, lab) | {
        "project": row,
        "tab": "overview",
        "funding": funding_of(row, today=now.date()),
        "checks": checks,
        "is_ready": all(check.done for check in checks),
        "done": sum(check.done for check in checks),
        "asked": [(asked, words_of(asked)) for asked in row.requirements.all()],
        "countries": [country_name(code) for code in row.countries],
        "languages": [language_name(code) for code in row.languages],
        "bands": [(country_name(band.country), band) for band in row.bands.order_by("pk")],
        "history": history_of(row),
        "earlier": earlier_rate(scope_of(row), now=now) if is_waiting else None,
        "review": latest_review(row),
        "share_url": request.build_absolute_uri(f"/gigs/{row.public_id}/"),
        "now": now,
    }


VERSIONS_SHOWN = 20


@require_GET
def versions(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Everything the listing has said since it was published, each version beside the one before."""
    lab = lab_or_404(request.user, slug)
    row = project_or_404(request.user, lab, project_id)
    context = page_context(request, lab) | versions_page(row, VersionsForm(request.GET)) | {"tab": "versions"}
    return render(request, "listings/versions.html", context)


def versions_page(row: Project, form: VersionsForm) -> dict[str, Any]:
    """Return one page of versions, the newest first, and the number before which the next one begins."""
    rows = versions_of(row)
    before = form.before_number
    found = list((rows.filter(number__lt=before) if before else rows)[: VERSIONS_SHOWN + 1])
    editions = editions_of(found)
    older = found[VERSIONS_SHOWN - 1].number if len(found) > VERSIONS_SHOWN else None
    return {"project": row, "editions": editions, "older": older, "now": clock.now()}


# ------------------------------------------------------------------------------------------------------------- states


@require_POST
def publish(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Put the draft on the board."""
    row = project_or_404(request.user, lab_or_404(request.user, slug), project_id)
    published = actions.publish_project(project_id=row.pk, by=request.user, now=clock.now())
    _say_where(request, published, _("Published. Experts find it on the board now."))
    return redirect("listings:project", slug, project_id)


def _say_where(request: Request, project: Project, words: str) -> None:
    """Say that a listing is on the board, or that our staff look at it first."""
    if project.state == ProjectState.IN_REVIEW:
        messages.info(request, _("It pays less than the same work did before, so our staff look at it first."))
    else:
        messages.success(request, words)


@require_POST
def take_back(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Take the listing back before staff have decided."""
    row = project_or_404(request.user, lab_or_404(request.user, slug), project_id)
    actions.take_back_from_review(project_id=row.pk, by=request.user, now=clock.now())
    messages.success(request, _("Taken back. You can change it again."))
    return redirect("listings:project", slug, project_id)


@require_http_methods(["GET", "POST"])
def pause(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Take the listing off the board for a while."""
    lab = lab_or_404(request.user, slug)
    row = project_or_404(request.user, lab, project_id)
    policies.require_changing(row, request.user)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        actions.pause_project(
            project_id=row.pk,
            reason=said["reason"],
            expected_back_on=said["expected_back_on"],
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("Paused. The board no longer shows it."))
        return redirect("listings:project", slug, project_id)
    context = page_context(request, lab) | {"project": row, "form": form}
    return render(request, "listings/pause.html", context, status=400 if form.errors else 200)


@require_POST
def reopen(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Put a paused listing back on the board."""
    row = project_or_404(request.user, lab_or_404(request.user, slug), project_id)
    opened = actions.reopen_project(project_id=row.pk, by=request.user, now=clock.now())
    _say_where(request, opened, _("Open again."))
    return redirect("listings:project", slug, project_id)


@require_http_methods(["GET", "POST"])
def close(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Close the project for good, with a reason."""
    lab = lab_or_404(request.user, slug)
    row = project_or_404(request.user, lab, project_id)
    policies.require_changing(row, request.user)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.close_project(project_id=row.pk, reason=form.cleaned_data["reason"], by=request.user, now=clock.now())
        messages.success(request, _("Closed."))
        return redirect("listings:project", slug, project_id)
    context = page_context(request, lab) | {"project": row, "form": form}
    return render(request, "listings/close.html", context, status=400 if form.errors else 200)
