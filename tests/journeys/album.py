"""Pictures of a journey to look at, and an ear for what the browser's console complains about."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

# htmx reports a request that a newer one of the same element replaced: fast typing does that. The browser reports each
# form that asks for a correction (422). Both are meant.
MEANT = re.compile(r"^htmx:(sendAbort|afterRequest)|the server responded with a status of 422")
PHONE = {"width": 320, "height": 700}


@dataclass
class Album:
    """
    Where the pictures go.

    Set PRECEPTOR_PICTURES to a folder to keep them: light, dark, and at 320 px. Otherwise none are taken.
    """

    name: str
    folder: Path | None = field(
        default_factory=lambda: Path(os.environ["PRECEPTOR_PICTURES"]) if os.environ.get("PRECEPTOR_PICTURES") else None
    )
    taken: int = 0

    def photograph(self, page: Page, title: str) -> None:
        """Keep the page as it stands, in both themes and on a small phone."""
        if self.folder is None:
            return
        self.taken += 1
        folder = self.folder / self.name
        folder.mkdir(parents=True, exist_ok=True)
        wide = page.viewport_size
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            self._shoot(page, folder / f"{self.taken:02d}-{title}-{scheme}.png")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        self._shoot(page, folder / f"{self.taken:02d}-{title}-320.png")
        if wide:
            page.set_viewport_size(wide)

    def _shoot(self, page: Page, path: Path) -> None:
        # Hiding the caret would need an inline style, which our policy refuses and the console reports.
        page.screenshot(path=path, full_page=True, caret="initial")


@dataclass
class Ear:
    """Listens to the consoles of pages; `heard` holds what is wrong."""

    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page, who: str) -> Page:
        page.on("console", lambda message: self._note(who, message))
        page.on("pageerror", lambda error: self.heard.append(f"{who}, {page.url}: {error}"))
        return page

    def _note(self, who: str, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not MEANT.search(message.text):
            self.heard.append(f"{who}, {message.location.get('url', '')}: {message.text}")
