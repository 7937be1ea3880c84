"""What members of a lab write about a candidate."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring.actions import reviewing
from projects.hiring.enums import DEFAULT_CRITERIA
from projects.hiring.forms import CriteriaForm, NoteForm, ScorecardForm
from projects.hiring.models import CandidateNote
from projects.hiring.queries.reviewing import criteria_of
from projects.hiring.views.candidates import candidate_context, candidate_of
from projects.hiring.views.pipeline import lab_context
from projects.labs.queries import lab_or_404, require_manager
from projects.listings.models import Project


@require_POST
def note_add(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = candidate_of(lab, application_id)
    form = NoteForm(request.POST, prefix="note")
    if not form.is_valid():
        context = candidate_context(request, lab, row) | {"note_form": form}
        return render(request, "hiring/candidate.html", context, status=400)
    reviewing.add_note(application_id=row.public_id, text=form.cleaned_data["text"], by=request.user, now=clock.now())
    messages.success(request, _("Note kept. Only your lab reads it."))
    return redirect("hiring:candidate", slug, row.public_id)


@require_POST
def note_remove(request: Request, slug: str, application_id: UUID, note_id: UUID) -> HttpResponse:
    row = candidate_of(lab_or_404(request.user, slug), application_id)
    note = get_object_or_404(CandidateNote.objects.visible_to(request.user).filter(application=row), public_id=note_id)
    reviewing.remove_note(note_id=note.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Note removed."))
    return redirect("hiring:candidate", slug, row.public_id)


@require_POST
def score(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = candidate_of(lab, application_id)
    form = ScorecardForm(request.POST, criteria=criteria_of(row.project), prefix="score")
    if not form.is_valid():
        context = candidate_context(request, lab, row) | {"score_form": form}
        return render(request, "hiring/candidate.html", context, status=400)
    reviewing.give_scorecard(
        application_id=row.public_id, marks=form.marks, criteria=form.seen_criteria, words=form.cleaned_data["words"],
        by=request.user, now=clock.now(),
    )  # fmt: skip
    messages.success(request, _("Scored. Now you see what others gave."))
    return redirect("hiring:candidate", slug, row.public_id)


@require_http_methods(["GET", "POST"])
def criteria(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Say what candidates of a project are scored on."""
    lab = lab_or_404(request.user, slug)
    require_manager(lab, request.user, _("Only owners and managers say what candidates are scored on."))
    project = get_object_or_404(Project.objects.visible_to(request.user).filter(lab=lab), public_id=project_id)
    form = CriteriaForm(
        request.POST if request.method == "POST" else None, initial={"texts": "\n".join(criteria_of(project))}
    )
    if request.method == "POST" and form.is_valid():
        reviewing.set_criteria(project_id=project.public_id, texts=form.lines, by=request.user, now=clock.now())
        messages.success(request, _("Saved. The next scorecards are given on these."))
        return redirect("hiring:candidates", slug)
    context = lab_context(request, lab) | {"project": project, "form": form, "usual": DEFAULT_CRITERIA}
    return render(request, "hiring/criteria.html", context, status=400 if form.errors else 200)
