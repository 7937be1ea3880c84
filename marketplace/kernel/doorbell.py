"""
The doorbell: how a task is rung after commit. A broker that is away costs time, never a request and never a job.

The row is in the database already when the bell is rung, so an error here is logged and the sweep rings again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery.contrib.django.task import DjangoTask
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class DoorbellTask(DjangoTask):
    """Celery's task for Django whose `..._on_commit` calls swallow a broker that does not answer."""

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Ring once the transaction has committed; ids only, and never a promise that somebody hears it."""
        transaction.on_commit(lambda: self._ring(self.delay, *args, **kwargs))

    def apply_async_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """The same with options such as `countdown`."""
        transaction.on_commit(lambda: self._ring(self.apply_async, *args, **kwargs))

    def _ring(self, bell: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        try:
            bell(*args, **kwargs)
        except (OperationalError, OSError) as error:
            logger.warning("doorbell.silent", extra={"task": self.name, "error": type(error).__name__})
