"""The taxonomy in the vetting console: staff know which words people use, and which fields nobody needs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles import actions, policies, queries
from experts.profiles.forms.taxonomy import FieldForm, MergeForm, SearchForm
from experts.profiles.models import Field
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422


@require_GET
def taxonomy(request: Request) -> HttpResponse:
    """Every field with its synonyms and how many experts claim it."""
    _require_editor(request)
    form = SearchForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    rows = queries.taxonomy_rows(said.get("q", ""))
    context = {
        "door": "vetting",
        "form": form,
        "rows": [row for row in rows if not row.is_offered] if said.get("retired") else rows,
        "is_narrowed": bool(said.get("q") or said.get("retired")),
        "offered": sum(row.is_offered for row in rows),
    }
    return render(request, "profiles/taxonomy.html", context)


@require_http_methods(["GET", "POST"])
def field_add(request: Request) -> HttpResponse:
    """Add a field."""
    _require_editor(request)
    form = FieldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        field = actions.add_field(
            name=said["name"],
            parent_id=said["parent"].pk if said["parent"] else None,
            synonyms=said["synonyms"],
            position=said["position"],
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("%(name)s was added.") % {"name": field.name})
        return redirect("profiles:taxonomy_field", field.code)
    context = {"door": "vetting", "form": form, "field": None}
    return render(request, "profiles/taxonomy_field.html", context, status=REFUSED if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def field(request: Request, code: str) -> HttpResponse:
    """Change a field: its name, synonyms and place. Its code stays, because addresses are made of it."""
    row = _field_or_404(request, code)
    form = FieldForm(request.POST if request.method == "POST" else None, field=row)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        actions.edit_field(
            field_id=row.pk,
            name=said["name"],
            parent_id=said["parent"].pk if said["parent"] else None,
            synonyms=said["synonyms"],
            position=row.position if said["position"] is None else said["position"],
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("%(name)s was saved.") % {"name": said["name"]})
        return redirect("profiles:taxonomy_field", row.code)
    return _render(request, row, form=form, status=REFUSED if form.is_bound else 200)


@require_POST
def field_merge(request: Request, code: str) -> HttpResponse:
    """Merge the field into another."""
    row = _field_or_404(request, code)
    form = MergeForm(request.POST, field=row)
    if not form.is_valid():
        return _render(request, row, merge_form=form, status=REFUSED)
    into = form.cleaned_data["into"]
    actions.merge_field(field_id=row.pk, into_id=into.pk, by=request.user, now=clock.now())
    words = _("%(name)s was merged into %(into)s. Profiles, cases and gigs name %(into)s now.")
    messages.success(request, words % {"name": row.name, "into": into.name})
    return redirect("profiles:taxonomy_field", into.code)


@require_POST
def field_retire(request: Request, code: str) -> HttpResponse:
    """Offer the field to nobody any more."""
    row = _field_or_404(request, code)
    actions.retire_field(field_id=row.pk, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s is offered no more. Where it was chosen it stays.") % {"name": row.name})
    return redirect("profiles:taxonomy_field", row.code)


@require_POST
def field_restore(request: Request, code: str) -> HttpResponse:
    """Offer the field again."""
    row = _field_or_404(request, code)
    actions.restore_field(field_id=row.pk, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s is offered again.") % {"name": row.name})
    return redirect("profiles:taxonomy_field", row.code)


@require_POST
def field_remove(request: Request, code: str) -> HttpResponse:
    """Remove a field that nobody and nothing names."""
    row = _field_or_404(request, code)
    actions.remove_field(field_id=row.pk, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s was removed.") % {"name": row.name})
    return redirect("profiles:taxonomy")


def _render(
    request: Request,
    row: Field,
    *,
    form: FieldForm | None = None,
    merge_form: MergeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "door": "vetting",
        "field": row,
        "form": form or FieldForm(field=row),
        "merge_form": merge_form or MergeForm(field=row),
        "below": Field.objects.filter(parent=row).order_by("tree_order"),
        "merged": row.merged.order_by("name"),
        "experts": queries.experts_claiming(row),
    }
    return render(request, "profiles/taxonomy_field.html", context, status=status)


def _require_editor(request: Request) -> None:
    if not policies.may_edit_taxonomy(request.user):
        raise Http404


def _field_or_404(request: Request, code: str) -> Field:
    _require_editor(request)
    return get_object_or_404(Field.objects.select_related("parent", "merged_into"), code=code)
