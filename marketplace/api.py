"""/api/v1/: mounts the API of every area and its OpenAPI description."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

docs = csp_replace(settings.CONTENT_SECURITY_POLICY_API_DOCS)(
    SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="pages/api_docs.html")
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("projects.listings.api_urls")),
    path("", include("projects.hiring.api_urls")),
    path("", include("projects.work.api_urls")),
    path("", include("projects.hours.api_urls")),
    path("", include("projects.delivery.api_urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
]
