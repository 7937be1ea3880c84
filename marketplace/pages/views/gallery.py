"""The gallery: every component in every state, without the database."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.kernel import clock
from marketplace.pages import samples


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    return render(request, "pages/gallery.html", samples.context(clock.now()))
