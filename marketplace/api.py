"""/api/v1/: mounts the API of every area and its OpenAPI description."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Its arrows are data: addresses; its scripts are files of our own host, so no inline one needs to run.
docs = csp_replace({"img-src": ["'self'", "data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="pages/api_docs.html")
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("experts.profiles.api_urls")),
    path("", include("experts.credentials.api_urls")),
    path("", include("projects.listings.api_urls")),
    path("", include("projects.hiring.api_urls")),
    path("", include("projects.work.api_urls")),
    path("", include("projects.hours.api_urls")),
    path("", include("projects.delivery.api_urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
]
