"""Pictures for links on other sites: of gigs on the board, of fields, and of the site for everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from experts.profiles.models import Field
from marketplace.kernel import clock
from projects.listings.models import Project
from projects.listings.queries.fields import figures_of
from projects.reach.actions.pictures import picture_of
from projects.reach.pictures import Shown
from projects.reach.queries.looks import shown_field, shown_gig
from projects.reach.views.caching import cached

DAY: Final = 86_400
YEAR: Final = 365 * DAY
SOON: Final = 300
SITE_PICTURE: Final = Path(settings.BASE_DIR) / "static" / "img" / "share.png"


class VersionForm(forms.Form):
    """The address of a picture names what it shows; so it can be kept for ever."""

    v = forms.CharField(required=False, max_length=64)


@login_not_required
@require_safe
def gig(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The picture of a gig that anybody may find; of no other."""
    rows = Project.objects.on_the_board().with_listing()
    return _picture(request, shown_gig(get_object_or_404(rows, public_id=project_id)))


@login_not_required
@require_safe
def field(request: HttpRequest, code: str) -> HttpResponse:
    """The picture of a field with its figures of now."""
    row = get_object_or_404(Field.objects.select_related("parent"), code=code)
    return _picture(request, shown_field(row, figures_of(row, now=clock.now())))


def _picture(request: HttpRequest, shown: Shown) -> HttpResponse:
    png = picture_of(shown, now=clock.now())
    form = VersionForm(request.GET)
    asked = form.cleaned_data["v"] if form.is_valid() else ""
    if png is None:
        response, seconds = HttpResponse(SITE_PICTURE.read_bytes(), content_type="image/png"), SOON
    else:
        response = HttpResponse(png, content_type="image/png")
        seconds = YEAR if asked == shown.version else DAY
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # made to be shown by others
    return cached(request, response, seconds=seconds, is_fixed=seconds == YEAR)
