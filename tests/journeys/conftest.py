"""Journeys wait for what they expect to see; on a busy machine that takes longer than Playwright's five seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.album import Ear

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def ear() -> Ear:
    """Give what listens to the consoles of all pages of this test."""
    return Ear()


@pytest.fixture
def someone(new_page: Callable[[], Page], ear: Ear) -> Callable[[str], Page]:
    """Give a function that opens a page as another person, who is patient and whose console is listened to."""

    def open_page(who: str) -> Page:
        page = new_page()
        page.set_default_timeout(PATIENCE_MS)
        return ear.listen(page, who)

    return open_page
