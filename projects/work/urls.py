"""Addresses of work: the expert's desk, the lab's batches, tasks and reviews."""

from __future__ import annotations

from django.urls import path

from projects.work.views import batches, review, tasks, workbench

app_name = "work"
_MINE = "me/work/<uuid:assignment_id>/"
_BATCH = "lab/<slug:slug>/batches/<uuid:batch_id>/"
_TASK = "lab/<slug:slug>/tasks/<uuid:task_id>/"
_REVIEW = "lab/<slug:slug>/review/<uuid:assignment_id>/"

urlpatterns = [
    path("me/work/", workbench.queue, name="queue"),
    path("me/work/start/<uuid:contract_id>/", workbench.start, name="start"),
    path(_MINE, workbench.workbench, name="workbench"),
    path(_MINE + "draft/", workbench.draft, name="draft"),
    path(_MINE + "compare/", workbench.compare_drafts, name="compare"),
    path(_MINE + "submit/", workbench.submit, name="submit"),
    path(_MINE + "beat/", workbench.beat, name="beat"),
    path(_MINE + "skip/", workbench.skip, name="skip"),
    path(_MINE + "take-back/", workbench.take_back, name="take_back"),
    path("lab/<slug:slug>/batches/", batches.batch_list, name="batches"),
    path("lab/<slug:slug>/projects/<uuid:project_id>/batches/new/", batches.upload, name="batch_upload"),
    path(_BATCH, batches.batch, name="batch"),
    path(_BATCH + "columns/", batches.columns, name="batch_columns"),
    path(_BATCH + "progress/", batches.progress, name="batch_progress"),
    path(_BATCH + "finalize/", batches.finalize, name="batch_finalize"),
    path(_BATCH + "pause/", batches.pause, name="batch_pause"),
    path(_BATCH + "resume/", batches.resume, name="batch_resume"),
    path(_BATCH + "cancel/", batches.cancel, name="batch_cancel"),
    path(_BATCH + "tasks/", tasks.task_list, name="tasks"),
    path(_TASK, tasks.task, name="task"),
    path(_TASK + "reopen/", tasks.reopen, name="task_reopen"),
    path(_TASK + "cancel/", tasks.cancel, name="task_cancel"),
    path("lab/<slug:slug>/review/", review.review_queue, name="review_queue"),
    path("lab/<slug:slug>/review/next/", review.take_next, name="review_next"),
    path(_REVIEW, review.review, name="review"),
    path(_REVIEW + "take/", review.take, name="review_take"),
    path(_REVIEW + "put-back/", review.put_back, name="review_put_back"),
    path(_REVIEW + "decide/", review.decide, name="review_decide"),
]
