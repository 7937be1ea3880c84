"""Chromium for the browser journeys. It reaches this machine and nothing else."""

from __future__ import annotations

import itertools
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

# Chromium looks for updates, time servers and the like at every start. No test reaches beyond this machine.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
PATIENCE_MS = 15_000
_numbers = itertools.count(1)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that PRECEPTOR_CHROMIUM names."""
    path = os.environ.get("PRECEPTOR_CHROMIUM") or "/usr/bin/chromium"
    assert Path(path).exists(), f"There is no Chromium at {path}. Run ./dev test, which brings one."
    # Playwright keeps an event loop in this thread, and Django then refuses the database. Nothing here is async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh_page(browser: Browser, base_url: str) -> Iterator[Page]:
    """Open a page in a profile of its own: another person at another machine."""
    context = browser.new_context(base_url=base_url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


def hand_over(client: Client, context: BrowserContext, url: str) -> None:
    """Let a browser go on with the session of a test's client, which is signed in, on the site at this address."""
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def photograph(page: Page, test: str) -> str:
    """Keep a picture of the page of a failed test; tell its address, its words and where the picture is."""
    folder = Path(tempfile.gettempdir()) / f"preceptor-failures-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", test)[-100:]
    place = folder / f"{name}-{next(_numbers)}.png"
    try:
        page.screenshot(path=place, full_page=True)
        words = page.locator("body").inner_text(timeout=2000)
    except PlaywrightError as error:
        return f"{page.url} cannot be photographed: {error}"
    return f"{page.url}, picture in {place}\n{words[:3000]}"
