"""Addresses of exports in the API."""

from __future__ import annotations

from django.urls import path

from projects.delivery import api

urlpatterns = [
    path("projects/<uuid:project_id>/exports/", api.ExportList.as_view(), name="exports"),
    path("exports/<uuid:export_id>/", api.ExportDetail.as_view(), name="export"),
    path("exports/<uuid:export_id>/download/", api.ExportDownload.as_view(), name="export_download"),
]
