"""Addresses of batches, tasks and submissions in the API."""

from __future__ import annotations

from django.urls import path

from projects.work import api

urlpatterns = [
    path("projects/<uuid:project_id>/batches/", api.BatchList.as_view(), name="batches"),
    path("projects/<uuid:project_id>/submissions/", api.SubmissionList.as_view(), name="submissions"),
    path("batches/<uuid:batch_id>/", api.BatchDetail.as_view(), name="batch"),
    path("batches/<uuid:batch_id>/tasks/", api.TaskList.as_view(), name="tasks"),
    path("batches/<uuid:batch_id>/finalize/", api.BatchFinalize.as_view(), name="batch_finalize"),
]
