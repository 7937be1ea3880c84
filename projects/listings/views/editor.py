"""The editor of a listing: writing, previewing, and what happens when two people write on one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experts.profiles.queries import country_name, field_groups
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.money import charge_for
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, require_manager
from projects.listings import policies
from projects.listings.actions import projects as actions
from projects.listings.actions.parts import json_of
from projects.listings.actions.shape import Listing, listing_of
from projects.listings.enums import SECTIONS, ProjectState, TaskKind
from projects.listings.forms.listing import ListingForm, initial_of
from projects.listings.forms.merging import fingerprints, merge
from projects.listings.forms.rows import BandFormSet, RequirementFormSet, initial_bands, initial_requirements
from projects.listings.forms.states import PreviewForm, RevisionForm, StarterForm
from projects.listings.models import Project
from projects.listings.queries import funding_of
from projects.listings.queries.listing import project_or_404
from projects.listings.queries.lower import Scope, earlier_rate, scope_of
from projects.listings.queries.versions import changes_between
from projects.listings.starters import all_starters, starter_listing
from projects.listings.views.projects import page_context


@dataclass(frozen=True, slots=True)
class Editor:
    """The parts of the page in which a listing is written."""

    form: ListingForm
    asked: Any
    bands: Any
    start: Listing

    @classmethod
    def on(cls, listing: Listing, data: Any = None) -> Editor:
        """Return the editor as it begins with a listing, or with what was sent."""
        # A page that was opened before there were bands sends none; then they stay as they are.
        rows = data if data is not None and "bands-TOTAL_FORMS" in data else None
        return cls(
            form=ListingForm(data, initial=initial_of(listing)),
            asked=RequirementFormSet(data, initial=initial_requirements(listing.requirements), prefix="asks"),
            bands=BandFormSet(rows, initial=initial_bands(listing), prefix="bands"),
            start=listing,
        )

    def written(self) -> Listing | None:
        """Return the listing that was sent, or None; what is wrong then stands beside its field. To be asked once."""
        sound = [self.form.is_valid(), self.asked.is_valid(), not self.bands.is_bound or self.bands.is_valid()]
        if not all(sound):
            return None
        bands = self.bands.bands(self.form.cleaned_data) if self.bands.is_bound else self.start.bands
        return None if self.bands.has_mistakes else self.form.listing(self.asked.wanted(), bands)

    def context(self) -> dict[str, Any]:
        """Return what the template shows; of the taxonomy, the branches that are chosen are open."""
        chosen = {str(getattr(value, "pk", value)) for value in self.form["fields_chosen"].value() or []}
        taxonomy = field_groups(keeping=[int(value) for value in chosen if value.isdecimal()])
        groups = [
            (top, [top, *below], any(str(field.pk) in chosen for field in [top, *below])) for top, below in taxonomy
        ]
        return {
            "form": self.form,
            "asked": self.asked,
            "bands": self.bands,
            "field_groups": groups,
            "chosen_fields": chosen,
        }


@require_http_methods(["GET", "POST"])
def create(request: Request, slug: str) -> HttpResponse:
    """Write a new listing, from a starter or from nothing."""
    lab = lab_or_404(request.user, slug)
    require_manager(lab, request.user, _("Only owners and managers of %(lab)s may post projects.") % {"lab": lab.name})
    chosen = StarterForm(request.GET)
    code = chosen.cleaned_data["starter"] if chosen.is_valid() else ""
    editor = Editor.on(starter_listing(code), request.POST if request.method == "POST" else None)
    listing = editor.written() if request.method == "POST" else None
    if listing is not None:
        project = actions.create_project(lab_id=lab.pk, listing=listing, by=request.user, now=clock.now())
        messages.success(request, _("The draft is saved. Only your lab sees it."))
        return redirect("listings:project", slug, project.public_id)
    context = page_context(request, lab) | editor.context()
    context |= {"starters": all_starters(), "starter": code, "preview_url": reverse("listings:preview", args=[slug])}
    return render(request, "listings/edit.html", context, status=400 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def edit(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Change a listing. What somebody else saved meanwhile is put together with it and shown, and nothing is overwritten."""
    lab = lab_or_404(request.user, slug)
    project = project_or_404(request.user, lab, project_id)
    policies.require_changing(project, request.user)
    saved = listing_of(project)
    editor = Editor.on(saved, request.POST if request.method == "POST" else None)
    listing = editor.written() if request.method == "POST" else None
    if listing is not None:
        opened_on = RevisionForm(request.POST)
        revision = opened_on.cleaned_data["revision"] if opened_on.is_valid() else None
        if revision is not None and revision != project.revision:
            began = str(opened_on.cleaned_data["began"])
            return _both(request, lab, project, mine=listing, theirs=saved, began=began)
        changed = actions.edit_project(
            project_id=project.pk, listing=listing, by=request.user, now=clock.now(), revision=revision
        )
        _say_saved(request, changed)
        return redirect("listings:project", slug, project.public_id)
    context = _editing(request, lab, project, editor, saved)
    return render(request, "listings/edit.html", context, status=400 if request.method == "POST" else 200)


def _say_saved(request: Request, project: Project) -> None:
    if project.state == ProjectState.IN_REVIEW:
        messages.info(
            request,
            _("Saved. It pays less than before, so it is off the board until our staff have looked at it."),
        )
    else:
        messages.success(request, _("Saved."))


def _editing(request: Request, lab: Lab, project: Project, editor: Editor, saved: Listing) -> dict[str, Any]:
    now = clock.now()
    carried = RevisionForm(initial={"revision": project.revision, "began": fingerprints(saved)})
    if editor.form.is_bound:  # a second try after a mistake is still written on what the first one began with
        carried = RevisionForm(request.POST)
    return (
        page_context(request, lab)
        | editor.context()
        | {
            "project": project,
            "tab": "edit",
            "carried": carried,
            "preview_url": f"{reverse('listings:preview', args=[lab.slug])}?project={project.public_id}",
            "funding": funding_of(project, today=now.date()),
            "earlier": earlier_rate(scope_of(project), now=now),
        }
    )


def _both(request: Request, lab: Lab, project: Project, *, mine: Listing, theirs: Listing, began: str) -> HttpResponse:
    """Show the editor with both sides put together, what they changed, and what saving it would change of theirs."""
    merged = merge(mine=mine, theirs=theirs, began=began)
    editor = Editor.on(merged.listing)
    last = AuditEvent.objects.about("project", project.public_id).filter(what="listings.edit_project").first()
    own, other, both = json_of(mine), json_of(theirs), json_of(merged.listing)
    context = _editing(request, lab, project, editor, theirs) | {
        "who": last.name if last else "",
        "when": last.at if last else None,
        "came": [change.row for change in changes_between(own, both)],
        "goes": [change.row for change in changes_between(other, both)],
        "is_both": True,
    }
    return render(request, "listings/edit.html", context, status=409)


# ------------------------------------------------------------------------------------------------------------ preview


@require_POST
def preview(request: Request, slug: str) -> HttpResponse:
    """Show what is being written as experts will read it; nothing is saved. A fragment for htmx, else a page."""
    lab = lab_or_404(request.user, slug)
    form = ListingForm(request.POST)
    bands: Any = BandFormSet(request.POST, prefix="bands")
    form.is_valid()  # What is wrong is said by the editor; here only what is right is shown.
    said = form.cleaned_data
    currency = said.get("currency", "USD")
    low, high = said.get("rate_min_minor") or said.get("rate_max_minor"), said.get("rate_max_minor")
    where = bands.bands({"currency": currency, "countries": ()} | said) if high and bands.is_valid() else ()
    known = PreviewForm(request.GET)
    ref = known.cleaned_data["project"] if known.is_valid() else None
    saved = project_or_404(request.user, lab, ref) if ref else None
    context = page_context(request, lab) | {
        "title": said.get("title", ""),
        "summary": said.get("summary", ""),
        "low": low,
        "high": high,
        "currency": currency,
        "charge": charge_for(high, lab.fee_bps) if high else None,
        "bands": [(country_name(band.country), band) for band in where],
        "kinds": [TaskKind(kind).label for kind in said.get("kinds", [])],
        "sections": [(label, text) for code, label in SECTIONS if (text := said.get(f"section_{code}"))],
        "funding": _funding(saved, said),
        "earlier": earlier_rate(_scope(lab, saved, said, low, high), now=clock.now()),
    }
    return render(request, f"listings/preview.html{'#preview' if request.htmx else ''}", context)


def _funding(saved: Project | None, said: dict[str, Any]) -> Any:
    """Return how far the funds of a saved project reach at what is being written, or None."""
    if saved is None:
        return None
    for name in (
        "rate_min_minor",
        "rate_max_minor",
        "weekly_hours_cap",
        "expected_weeks",
        "places_wanted",
        "starts_on",
    ):
        if said.get(name) is not None:
            setattr(saved, name, said[name])  # of the row in memory; a preview saves nothing
    return funding_of(saved, today=clock.now().date())


def _scope(lab: Lab, saved: Project | None, said: dict[str, Any], low: int | None, high: int | None) -> Scope | None:
    if not (low and high):
        return None
    return Scope(
        lab_id=lab.pk,
        project_id=saved.pk if saved else None,
        title=said.get("title", ""),
        summary=said.get("summary", ""),
        work=said.get("section_what_you_will_do", ""),
        field_ids=tuple(field.pk for field in said.get("fields_chosen", [])),
        kinds=tuple(said.get("kinds", [])),
        currency=said.get("currency", "USD"),
        low_minor=low,
        high_minor=high,
    )
