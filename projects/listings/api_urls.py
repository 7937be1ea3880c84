"""Addresses of projects in the API."""

from __future__ import annotations

from django.urls import path

from projects.listings import api

urlpatterns = [
    path("projects/", api.ProjectList.as_view(), name="projects"),
    path("projects/<uuid:project_id>/", api.ProjectDetail.as_view(), name="project"),
    path("projects/<uuid:project_id>/publish/", api.ProjectPublish.as_view(), name="project_publish"),
]
