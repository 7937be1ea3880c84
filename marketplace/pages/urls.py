"""Addresses of the pages that belong to no single room."""

from __future__ import annotations

from django.urls import path

from marketplace.pages.views import health

app_name = "pages"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
