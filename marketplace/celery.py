"""Celery's app. Settings and their measured reasons: reference in docs/decisions/0003-the-row-is-the-queue.md."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import (
    setup_logging,
    task_failure,
    task_prerun,
    task_rejected,
    task_retry,
    task_revoked,
    task_success,
    task_unknown,
)
from django.dispatch import receiver
from django_structlog.celery.receivers import CeleryReceiver
from django_structlog.celery.signals import modify_context_before_task_publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("preceptor", task_cls="marketplace.kernel.doorbell:DoorbellTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HANDED_ON = {"request_id", "parent_task_id", "user_id"}
"""What a message tells the worker of its sender, for the worker's log. Not the address that somebody came from."""


@setup_logging.connect
def _use_django_logging(**_kwargs: object) -> None:
    """Let workers log as the site does: structured, with job ids."""
    from logging import captureWarnings
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
    captureWarnings(capture=True)


@receiver(modify_context_before_task_publish)
def _hand_on_ids_only(*, context: dict[str, Any], **_kwargs: object) -> None:
    for name in set(context) - HANDED_ON:
        del context[name]


class TaskLogs(bootsteps.Step):
    """
    Put the task's id, and the ids that its message brings, into every line that a worker logs meanwhile.

    django_structlog's own step would also watch what is published, which DJANGO_STRUCTLOG_CELERY_ENABLED does
    everywhere already, and each ring of the bell would be logged twice.
    """

    def __init__(self, parent: object, **kwargs: object) -> None:
        super().__init__(parent, **kwargs)
        self.told = told = CeleryReceiver()  # Kept here, because signals hold on to nobody.
        task_prerun.connect(told.receiver_task_prerun)
        task_retry.connect(told.receiver_task_retry)
        task_success.connect(told.receiver_task_success)
        task_failure.connect(told.receiver_task_failure)
        task_revoked.connect(told.receiver_task_revoked)
        task_unknown.connect(told.receiver_task_unknown)
        task_rejected.connect(told.receiver_task_rejected)


app.steps["worker"].add(TaskLogs)
