"""The command palette: jump to a page of one's front doors, a gig, or what an area offers."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from marketplace.accounts.models import User
from marketplace.kernel import registry
from marketplace.pages.navigation import entries_of
from projects.labs.models import Membership
from projects.listings.models import Project

SHOWN = 20
Row = tuple[str, str, str]


class PaletteForm(forms.Form):
    q = forms.CharField(required=False, max_length=100)


@login_not_required
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """List entries for the palette, or a page of them where there is no JavaScript."""
    form = PaletteForm(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    rows = _found(request, text)[:SHOWN]
    template = "pages/palette.html#rows" if getattr(request, "htmx", False) else "pages/palette.html"
    return render(request, template, {"rows": rows, "text": text})


def _found(request: HttpRequest, text: str) -> list[Row]:
    rows = [row for row in _pages(request) if text.lower() in row[0].lower()]
    if text:
        for find in registry.palettes.values() if isinstance(request.user, User) else ():
            rows += list(find(request.user, text))
        gigs = Project.objects.on_the_board().filter(title__icontains=text).select_related("lab").order_by("-pk")[:6]
        rows += [
            (gig.title, gettext("%s, gig") % gig.lab.public_name, reverse("listings:detail", args=[gig.public_id]))
            for gig in gigs
        ]
    return rows


def _pages(request: HttpRequest) -> list[Row]:
    user = request.user
    doors: list[tuple[str, str, object, str | None]] = [("public", "", None, None)]
    if isinstance(user, User):
        doors.append(("expert", "", None, None))
        memberships = Membership.objects.filter(user=user).select_related("lab").order_by("lab__name")[:5]
        doors += [("lab", row.lab.name, row.lab, row.role) for row in memberships]
        doors += [("vetting", "Vetting", None, None)] if user.is_vetting_staff else []
        doors += [("finance", "Finance", None, None)] if user.is_finance_staff else []
    return [
        (entry.label, hint or "Page", entry.url)
        for door, hint, lab, role in doors
        for _group, entry in entries_of(door, None, lab=lab, role=role)
    ]
