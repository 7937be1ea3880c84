"""The business clock of the journey's stack, so that weeks pass in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from marketplace.celery import app
from tests.support.processes import wait_until

REMEMBERED_SECONDS = 1.05  # Each process remembers the clock's offset for up to a second.


@dataclass
class Days:
    """
    Moves the business clock of a development stack on its page /dev/, and rings for the sweepers as beat does.

    :param page: a developer's page.
    """

    page: Page
    offset: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(tz=UTC) + self.offset

    def begin_on_a_monday(self) -> datetime:
        """Go to the next Monday, 08:00 UTC, so that a journey is the same on every day of the week; return it."""
        today = self.now.replace(hour=8, minute=0, second=0, microsecond=0)
        return self.go_to(today + timedelta(days=7 - today.weekday()))

    def go_to(self, moment: datetime) -> datetime:
        self.go_on(moment - self.now)
        return moment

    def go_on(self, step: timedelta) -> None:
        """Let business time pass, and wait until every process knows."""
        seconds = int(step.total_seconds())
        assert seconds > 0, f"Business time goes on, so {step} cannot be."
        days, rest = divmod(seconds, 86_400)
        self.page.goto("/dev/")
        [token] = [cookie["value"] for cookie in self.page.context.cookies() if cookie["name"] == "csrftoken"]
        said = {"step": f"+{days}d{rest // 3600}h{rest % 3600 // 60}m{rest % 60}s", "csrfmiddlewaretoken": token}
        answer = self.page.request.post("/dev/clock/", form=said, headers={"Referer": self.page.url})
        assert answer.ok, f"The clock did not move: {answer.status}"
        self.offset += timedelta(seconds=seconds)
        known_at = time.monotonic() + REMEMBERED_SECONDS
        wait_until(lambda: time.monotonic() > known_at, what="every process to know the new time")

    def let_sweepers_work_until(self, done: Callable[[], Any], *, what: str) -> None:
        """Ring once, as beat does every minute: a worker closes weeks, applies silence, looks for lost work."""
        app.send_task("pages.sweep", queue="default")
        wait_until(done, within=60, what=what)
