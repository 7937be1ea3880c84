"""A job, a course of study or a conflict: a page to add one and a page to change one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experts.profiles import actions
from experts.profiles.actions.entries import Entry
from experts.profiles.forms.entries import KINDS, EntryForm, FromForm, Kind
from experts.profiles.models import Expert
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422


@require_http_methods(["GET", "POST"])
def add(request: Request, kind: str) -> HttpResponse:
    """Ask for one more, and go back to the list it stands in."""
    expert = get_object_or_404(Expert, user=request.user)
    shape = _kind_or_404(kind)
    data = request.POST if request.method == "POST" else None
    form = shape.form(data, expert=expert, today=clock.now().date())
    if request.method == "POST" and form.is_valid():
        actions.add_entry(expert_id=expert.public_id, facts=form.facts(), by=request.user, now=clock.now())
        return redirect(_back(request, shape))
    return _render(request, shape, kind, form)


@require_http_methods(["GET", "POST"])
def entry(request: Request, kind: str, entry_id: UUID) -> HttpResponse:
    """Change one."""
    shape = _kind_or_404(kind)
    row = _own(request, shape, entry_id)
    data = request.POST if request.method == "POST" else None
    form = shape.form(data, expert=row.expert, entry=row, today=clock.now().date())
    if request.method == "POST" and form.is_valid():
        actions.edit_entry(entry_id=row.public_id, facts=form.facts(), by=request.user, now=clock.now())
        return redirect(_back(request, shape))
    return _render(request, shape, kind, form, row)


@require_POST
def remove(request: Request, kind: str, entry_id: UUID) -> HttpResponse:
    """Take one out of the profile."""
    shape = _kind_or_404(kind)
    row = _own(request, shape, entry_id)
    actions.remove_entry(entry_id=row.public_id, kind=shape.table, by=request.user, now=clock.now())
    messages.success(request, _("“%(name)s” was removed.") % {"name": row})
    return redirect(_back(request, shape))


def _render(request: Request, kind: Kind, code: str, form: EntryForm, row: Entry | None = None) -> HttpResponse:
    context = {
        "kind": kind,
        "code": code,
        "form": form,
        "entry": row,
        "title": kind.edit if row else kind.add,
        "back": _back(request, kind),
        "query": f"?{urlencode({'steps': 1})}" if FromForm(request.GET).in_steps() else "",
    }
    return render(request, "profiles/entry.html", context, status=REFUSED if form.is_bound else 200)


def _back(request: Request, kind: Kind) -> str:
    if FromForm(request.GET).in_steps():
        return reverse("profiles:step", args=[kind.section])
    return f"{reverse('profiles:edit')}#{kind.section}"


def _kind_or_404(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _own(request: Request, kind: Kind, entry_id: UUID) -> Entry:
    rows: Any = kind.table.objects.visible_to(request.user)
    found: Entry = get_object_or_404(rows, public_id=entry_id, expert__user=request.user)
    return found
