"""A lab's projects: the list, the editor, the overview, and the moves of a listing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles.queries import country_name, field_groups, language_name
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, require_manager, role_in
from projects.listings import policies
from projects.listings.actions import projects as actions
from projects.listings.actions.shape import Listing, listing_of
from projects.listings.enums import SECTIONS, ProjectState, TaskKind
from projects.listings.forms.listing import (
    CloseForm,
    ListingForm,
    PauseForm,
    RequirementFormSet,
    StarterForm,
    StateFilterForm,
    initial_of,
    initial_requirements,
)
from projects.listings.models import Project
from projects.listings.queries import funding_of, funding_of_many, projects_of_lab
from projects.listings.queries.listing import count_by_state, project_or_404
from projects.listings.queries.requirements import words_of
from projects.listings.starters import all_starters, starter_listing

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


# ------------------------------------------------------------------------------------------------------------- editor


@require_http_methods(["GET", "POST"])
def create(request: Request, slug: str) -> HttpResponse:
    """Write a new listing, from a starter or from nothing."""
    lab = lab_or_404(request.user, slug)
    require_manager(lab, request.user, _("Only owners and managers of %(lab)s may post projects.") % {"lab": lab.name})
    chosen = StarterForm(request.GET)
    code = chosen.cleaned_data["starter"] if chosen.is_valid() else ""
    form, asked = _editor(request, starter_listing(code))
    if request.method == "POST" and form.is_valid() and asked.is_valid():
        listing = form.listing(asked.wanted())
        project = actions.create_project(lab_id=lab.pk, listing=listing, by=request.user, now=clock.now())
        messages.success(request, _("The draft is saved. Only your lab sees it."))
        return redirect("listings:project", slug, project.public_id)
    context = page_context(request, lab) | {"starters": all_starters(), "starter": code}
    return _render_editor(request, form, asked, context)


@require_http_methods(["GET", "POST"])
def edit(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Change a listing."""
    lab = lab_or_404(request.user, slug)
    project = project_or_404(request.user, lab, project_id)
    policies.require_changing(project, request.user)
    form, asked = _editor(request, listing_of(project))
    if request.method == "POST" and form.is_valid() and asked.is_valid():
        listing = form.listing(asked.wanted())
        actions.edit_project(project_id=project.pk, listing=listing, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect("listings:project", slug, project.public_id)
    context = page_context(request, lab) | {"project": project, "tab": "edit"}
    return _render_editor(request, form, asked, context)


def _editor(request: Request, listing: Listing) -> tuple[ListingForm, Any]:
    data = request.POST if request.method == "POST" else None
    form = ListingForm(data, initial=initial_of(listing))
    asked = RequirementFormSet(data, initial=initial_requirements(listing.requirements), prefix="asks")
    return form, asked


def _render_editor(request: Request, form: ListingForm, asked: Any, context: dict[str, Any]) -> HttpResponse:
    chosen = {str(getattr(value, "pk", value)) for value in form["fields_chosen"].value() or []}
    taxonomy = field_groups(keeping=[int(value) for value in chosen if value.isdecimal()])
    groups = [(top, [top, *below], any(str(field.pk) in chosen for field in [top, *below])) for top, below in taxonomy]
    context |= {"form": form, "asked": asked, "field_groups": groups, "chosen_fields": chosen}
    wrong = form.is_bound and (form.errors or not asked.is_valid())
    return render(request, "listings/edit.html", context, status=400 if wrong else 200)


@require_POST
def preview(request: Request, slug: str) -> HttpResponse:
    """Show what is being written as experts will read it; nothing is saved. A fragment for htmx, else a page."""
    lab = lab_or_404(request.user, slug)
    form = ListingForm(request.POST)
    form.is_valid()  # What is wrong is said by the editor; here only what is right is shown.
    said = form.cleaned_data
    context = page_context(request, lab) | {
        "title": said.get("title", ""),
        "summary": said.get("summary", ""),
        "low": said.get("rate_min_minor") or said.get("rate_max_minor"),
        "high": said.get("rate_max_minor"),
        "currency": said.get("currency", "USD"),
        "kinds": [TaskKind(kind).label for kind in said.get("kinds", [])],
        "sections": [(label, text) for code, label in SECTIONS if (text := said.get(f"section_{code}"))],
    }
    return render(request, f"listings/preview.html{'#preview' if request.htmx else ''}", context)


# ----------------------------------------------------------------------------------------------------------- overview


@require_GET
def project(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """One project: what stands between it and the board, its places and its money."""
    lab = lab_or_404(request.user, slug)
    row = project_or_404(request.user, lab, project_id)
    return render(request, "listings/project.html", _overview(request, lab, row))


def _overview(request: Request, lab: Lab, row: Project) -> dict[str, Any]:
    checks = policies.publish_checklist(row)
    return page_context(request, lab) | {
        "project": row,
        "tab": "overview",
        "funding": funding_of(row, today=clock.now().date()),
        "checks": checks,
        "is_ready": all(check.done for check in checks),
        "done": sum(check.done for check in checks),
        "asked": [(asked, words_of(asked)) for asked in row.requirements.all()],
        "countries": [country_name(code) for code in row.countries],
        "languages": [language_name(code) for code in row.languages],
        "share_url": request.build_absolute_uri(f"/gigs/{row.public_id}/"),
    }


# ------------------------------------------------------------------------------------------------------------- states


@require_POST
def publish(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Put the draft on the board."""
    row = project_or_404(request.user, lab_or_404(request.user, slug), project_id)
    actions.publish_project(project_id=row.pk, by=request.user, now=clock.now())
    messages.success(request, _("Published. Experts find it on the board now."))
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
    actions.reopen_project(project_id=row.pk, by=request.user, now=clock.now())
    messages.success(request, _("Open again."))
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
