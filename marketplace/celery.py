"""Celery's app. Settings and their measured reasons: reference in docs/decisions/0003-the-row-is-the-queue.md."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("preceptor", task_cls="marketplace.kernel.doorbell:DoorbellTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _use_django_logging(**_kwargs: object) -> None:
    """Let workers log as the site does: structured, with job ids."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
