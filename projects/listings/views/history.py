"""What a gig said and where it stood before, for whoever reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from experts.profiles.models import Expert
from experts.profiles.queries import country_name
from marketplace.accounts.models import User
from marketplace.kernel.http import Request
from projects.listings.enums import ProjectState
from projects.listings.forms.states import VersionsForm
from projects.listings.models import Project
from projects.listings.queries.listing import history_of, listing_or_404
from projects.listings.queries.lower import paid_before
from projects.listings.queries.similar import gigs_like
from projects.listings.queries.versions import editions_of, versions_of
from projects.listings.views.projects import versions_page

CHANGES_SHOWN = 3


@login_not_required
@require_GET
def changes(request: Request, project_id: UUID) -> HttpResponse:
    """Everything a gig has said since it was posted, each version beside the one before."""
    user: object = request.user
    person = user if isinstance(user, User) else None
    project = listing_or_404(person, project_id)
    is_expert = person is not None and Expert.objects.filter(user=person).exists()
    context = versions_page(project, VersionsForm(request.GET)) | {
        "layout": "layouts/expert.html" if is_expert else "layouts/public.html",
    }
    return render(request, "listings/changes.html", context)


def past_of(project: Project, *, now: datetime) -> dict[str, Any]:
    """Return what the page of a gig tells beside the listing: rates by country, changes, moves, and gigs like it."""
    if project.published_at is None:
        return {"bands": _bands(project)}
    stands_still = project.state in {ProjectState.PAUSED, ProjectState.CLOSED}
    editions = editions_of(list(versions_of(project)[: CHANGES_SHOWN + 1]))
    return {
        "bands": _bands(project),
        "changes": [edition for edition in editions[:CHANGES_SHOWN] if edition.changes],
        "moves": history_of(project),
        "paid_before": paid_before(project, now=now),
        "similar": gigs_like(project, now=now) if stands_still else [],
    }


def _bands(project: Project) -> list[tuple[str, Any]]:
    return [(country_name(band.country), band) for band in project.bands.order_by("pk")]
