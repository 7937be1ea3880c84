"""What search engines may know: one file, or an index of files of 50,000 addresses each (sitemaps.org)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from projects.reach.queries import changes
from projects.reach.views.caching import cached
from projects.reach.writers.sitemap import write_index, write_part

FRESH_SECONDS = 3600


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Answer with all addresses, or with the index of the files that hold them."""
    parts = changes.parts()
    return _xml(request, write_part(changes.places(1)) if parts == 1 else write_index(parts))


@login_not_required
@require_safe
def part(request: HttpRequest, number: int) -> HttpResponse:
    """Answer with one file of the index."""
    if not 1 <= number <= changes.parts():
        raise Http404
    return _xml(request, write_part(changes.places(number)))


def _xml(request: HttpRequest, text: bytes) -> HttpResponse:
    return cached(request, HttpResponse(text, content_type="application/xml; charset=utf-8"), seconds=FRESH_SECONDS)
