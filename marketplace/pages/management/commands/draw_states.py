"""Write docs/states.md from the tables of moves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from marketplace.pages.statechart import draw_states


class Command(BaseCommand):
    help = "Draw docs/states.md from the tables of moves."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        path.write_text(draw_states(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}.")
