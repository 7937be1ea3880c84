"""From a résumé to a profile: each suggestion with the line it comes from, decided by its owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.credentials.enums import DocumentKind
from experts.credentials.queries import resumes_of, uploads_of
from experts.profiles.models import Expert
from experts.profiles.queries import expert_of
from experts.resumes import actions, queries
from experts.resumes.enums import SECTIONS, SuggestionState
from experts.resumes.forms import FORMS, SectionForm
from experts.resumes.models import Suggestion
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422


@require_GET
def suggestion_list(request: Request) -> HttpResponse:
    """The résumé, how far its reading is, and what it suggests."""
    expert = expert_of(request.user)
    if expert is None:
        return redirect("profiles:edit")
    return render(request, "resumes/list.html", _page(expert))


@require_GET
def hint(request: Request) -> HttpResponse:
    """For the pages of the profile: how much the résumé suggests, of one section or of all. Nothing where there is none."""
    expert = get_object_or_404(Expert, user=request.user)
    section = SectionForm(request.GET).chosen()
    context = {
        "section": section,
        "count": queries.how_many_wait(expert, section),
        "reading": queries.reading_of(expert),
        "resume": resumes_of(expert)[0],
    }
    # Without a blank around it: what is empty takes no room on the page.
    return HttpResponse(render_to_string("resumes/hint.html", context, request).strip())


@require_POST
def accept(request: Request, suggestion_id: UUID) -> HttpResponse:
    """Take one over as it stands."""
    row = _own(request, suggestion_id)
    if queries.missing_in(row.kind, row.value):
        return redirect("resumes:change", row.public_id)
    actions.accept_suggestion(suggestion_id=row.public_id, by=request.user, now=clock.now())
    return _answer(request, _("It is in your profile."))


@require_POST
def accept_section(request: Request, section: str) -> HttpResponse:
    """Take over everything of one section that leaves nothing open."""
    expert = get_object_or_404(Expert, user=request.user)
    if section not in SECTIONS:
        raise Http404
    number = actions.accept_section(expert_id=expert.public_id, section=section, by=request.user, now=clock.now())
    words = ngettext("%(number)d is in your profile.", "%(number)d are in your profile.", number) % {"number": number}
    return _answer(request, words)


@require_http_methods(["GET", "POST"])
def change(request: Request, suggestion_id: UUID) -> HttpResponse:
    """Put one right, or add what the résumé leaves open, and then take it over."""
    row = _own(request, suggestion_id)
    if row.state != SuggestionState.PROPOSED:
        return redirect("resumes:list")
    is_post, now = request.method == "POST", clock.now()
    form = FORMS[row.kind](request.POST if is_post else None, suggestion=row, today=now.date())
    if is_post and form.is_valid():
        actions.accept_suggestion(suggestion_id=row.public_id, by=request.user, now=now, changed=form.changed())
        messages.success(request, _("It is in your profile."))
        return redirect("resumes:list")
    missing = queries.missing_in(row.kind, row.value)
    context = {"form": form, "suggestion": row, "missing": missing, "is_spell": hasattr(form, "name_fields")}
    return render(request, "resumes/change.html", context, status=REFUSED if is_post else 200)


@require_POST
def dismiss(request: Request, suggestion_id: UUID) -> HttpResponse:
    """Leave one out; it is not suggested again."""
    row = _own(request, suggestion_id)
    actions.dismiss_suggestion(suggestion_id=row.public_id, by=request.user, now=clock.now())
    return _answer(request, _("Left out."))


@require_POST
def restore(request: Request, suggestion_id: UUID) -> HttpResponse:
    """Bring one back that was left out."""
    row = _own(request, suggestion_id)
    actions.restore_suggestion(suggestion_id=row.public_id, by=request.user, now=clock.now())
    return _answer(request, _("It is back among the suggestions."))


def _answer(request: Request, words: str) -> HttpResponse:
    """Give htmx the list back, everybody else the page with a word about what was done."""
    if request.htmx:
        expert = expert_of(request.user)
        assert expert is not None  # noqa: S101 -- whoever has suggestions has a profile
        return render(request, "resumes/suggestions.html", _page(expert) | {"said": words})
    messages.success(request, words)
    return redirect("resumes:list")


def _page(expert: Expert) -> dict[str, Any]:
    resume, refused = resumes_of(expert)
    reading = queries.reading_of(expert)
    groups = queries.groups_of(reading) if reading is not None else []
    return {
        "expert": expert,
        "resume": resume,
        "refused_resume": refused,
        "waiting": uploads_of(expert, DocumentKind.RESUME, now=clock.now()),
        "reading": reading,
        "found": [
            (group, [(row, queries.missing_in(row.kind, row.value)) for row in group.waiting]) for group in groups
        ],
        "left": sum(len(group.waiting) for group in groups),
    }


def _own(request: Request, suggestion_id: UUID) -> Suggestion:
    return get_object_or_404(Suggestion.objects.visible_to(request.user), public_id=suggestion_id)
