"""Addresses of batches, tasks and submissions in the API."""

from __future__ import annotations

from django.urls import path

from projects.work.api import batches, mine, submissions, tasks

urlpatterns = [
    path("me/assignments/", mine.MyAssignments.as_view(), name="my_assignments"),
    path("me/submissions/", mine.MySubmissions.as_view(), name="my_submissions"),
    path("projects/<uuid:project_id>/batches/", batches.BatchList.as_view(), name="batches"),
    path("projects/<uuid:project_id>/submissions/", submissions.SubmissionList.as_view(), name="submissions"),
    path("batches/<uuid:batch_id>/", batches.BatchDetail.as_view(), name="batch"),
    path("batches/<uuid:batch_id>/tasks/", tasks.TaskList.as_view(), name="tasks"),
    path("batches/<uuid:batch_id>/finalize/", batches.BatchFinalize.as_view(), name="batch_finalize"),
]
