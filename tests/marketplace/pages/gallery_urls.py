"""The addresses that the gallery tests need: the gallery, and a palette that answers from fixed rows."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from marketplace.pages.views.gallery import gallery
from tests.marketplace.pages.drawing import draw

FOUND = [("Pages", [("Hours", "Expert", "/gallery/#fields"), ("Earnings", "Expert", "/gallery/#money")])]


@login_not_required
def palette(request: HttpRequest) -> HttpResponse:
    return HttpResponse(draw('<c-palette-found :groups="groups" />', groups=FOUND))


urlpatterns = [
    path("gallery/", gallery),
    path("first/", gallery, name="first"),
    path("second/", gallery, name="second"),
    path("", include(([path("palette/", palette, name="palette")], "pages"))),
]
