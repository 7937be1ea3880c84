"""Passing a gig on: its short address, and where that leads."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_safe

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.listings.models import Project
from projects.reach import queries
from projects.reach.actions.links import short_link_of


@login_not_required
@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the gig; one that is closed looks like one that never was."""
    gig = queries.gig_of_short_code(code)
    if gig is None:
        raise Http404
    return redirect("listings:detail", gig.public_id)


@login_not_required
@require_GET
def share(request: Request, project_id: UUID) -> HttpResponse:
    """The short address of a gig with a button to copy it. The box alone for htmx."""
    now = clock.now()
    gig = get_object_or_404(Project.objects.readable_by_anyone().with_listing(), public_id=project_id)
    link = short_link_of(gig, now=now)
    person: object = request.user
    context = {
        "gig": gig,
        "link": queries.short_url(link.code),
        "code": link.code,
        "is_expert": isinstance(person, User) and hasattr(person, "expert"),
    }
    template = "reach/share.html#box" if request.htmx and request.htmx.target == "share" else "reach/share.html"
    response = render(request, template, context)
    response["X-Robots-Tag"] = "noindex"
    return response
