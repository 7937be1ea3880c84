"""
The doorbell: how a task is rung after commit. A broker that is away costs time, never a request and never a job.

The row is in the database already when the bell is rung, so an error here is logged and the sweep rings again. A sweep
that rings `by_hand` does not need the broker at all: what it rings while nobody can hear it, it does itself.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from celery.contrib.django.task import DjangoTask
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

SILENCE: Final = (OperationalError, OSError)


@dataclass(slots=True)
class Hand:
    """A sweep that does what it rings for, once the bell turned out to be silent, until its time is up."""

    until: float  # on the monotonic clock
    is_needed: bool = False

    def do(self, task: DjangoTask, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Run the task here as a worker would: with its soft time limit, and an error is logged and is nobody else's."""
        if time.monotonic() > self.until or connection.in_atomic_block:
            return  # The row stays due, so the next round comes back to it.
        try:
            with _at_most(float(task.soft_time_limit or task.app.conf.task_soft_time_limit)):
                task.run(*args, **kwargs)
        except Exception:
            logger.exception("task.failed", extra={"task": task.name})


_hand: ContextVar[Hand | None] = ContextVar("hand", default=None)


@contextmanager
def by_hand(*, seconds: float) -> Iterator[None]:
    """
    Let what is rung meanwhile be done in this process if the broker does not answer, for about so many seconds.

    Safe because every task is: right when run twice, late, or beside a worker that heard the bell after all. The broker is
    asked once, not for each row, because one that is frozen takes seconds to say nothing.
    """
    token = _hand.set(Hand(until=time.monotonic() + seconds))
    try:
        yield
    finally:
        _hand.reset(token)


_is_muted: ContextVar[bool] = ContextVar("is_muted", default=False)


@contextmanager
def muted() -> Iterator[None]:
    """
    Ring nobody meanwhile; the rows wait, and the next sweep rings what is still due.

    For work that makes thousands of rows and does with most of them at once what a worker would.
    """
    token = _is_muted.set(True)
    try:
        yield
    finally:
        _is_muted.reset(token)


class DoorbellTask(DjangoTask):
    """Celery's task for Django whose `..._on_commit` calls swallow a broker that does not answer."""

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Ring, unless that is muted. Every way to ring comes through here."""
        return None if _is_muted.get() else super().apply_async(*args, **kwargs)

    def delay(self, *args: Any, **kwargs: Any) -> Any:
        """Ring now. The broker's silence is an error, except for a sweep that rings `by_hand`."""
        hand = _hand.get()
        if hand is None:
            return super().delay(*args, **kwargs)
        if not hand.is_needed:
            try:
                return super().delay(*args, **kwargs)
            except SILENCE as error:
                self._log_silence(error)
                hand.is_needed = True
        return hand.do(self, args, kwargs)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Ring once the transaction has committed; ids only, and never a promise that somebody hears it."""
        transaction.on_commit(lambda: self._ring(super(DoorbellTask, self).delay, *args, **kwargs))

    def apply_async_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """The same with options such as `countdown`."""
        transaction.on_commit(lambda: self._ring(self.apply_async, *args, **kwargs))

    def _ring(self, bell: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        hand = _hand.get()
        if hand is not None and hand.is_needed:
            return  # Nobody hears it; the sweep finds the row.
        try:
            bell(*args, **kwargs)
        except SILENCE as error:
            self._log_silence(error)

    def _log_silence(self, error: Exception) -> None:
        logger.warning("doorbell.silent", extra={"task": self.name, "error": type(error).__name__})


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """
    Raise SoftTimeLimitExceeded in the block when so many seconds have passed, as a worker's soft time limit does.

    Only the main thread can be interrupted like that; others go on without a limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_signal: int, _frame: object) -> None:
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, end)
    rest, _interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, rest)
        signal.signal(signal.SIGALRM, before)
