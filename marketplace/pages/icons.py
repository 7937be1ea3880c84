"""The icon set: shapes of static/img/icons.svg, read once, put into the page so that they take its colour."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SPRITE = Path(__file__).resolve().parents[2] / "static" / "img" / "icons.svg"
SYMBOL = re.compile(r'<symbol id="([a-z0-9-]+)" viewBox="0 0 24 24">(.*?)</symbol>')


class UnknownIcon(LookupError):
    """A template asked for an icon that is not in static/img/icons.svg."""


@cache
def shapes() -> dict[str, str]:
    """Return the inner SVG of every icon by its Lucide name."""
    return dict(SYMBOL.findall(SPRITE.read_text(encoding="utf-8")))


@cache
def draw_icon(name: str, size: str = "", label: str = "", extra: str = "") -> SafeString:
    """
    Return one icon as inline SVG; with a label it is a picture with a name, without one it is decoration.

    :raises UnknownIcon: if the set has no such icon.
    """
    try:
        shape = shapes()[name]
    except KeyError:
        raise UnknownIcon(f"No icon “{name}” in static/img/icons.svg. Add its line from lucide.dev.") from None
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", extra) if part)
    meaning = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" {}>{}</svg>',
        classes,
        meaning,
        mark_safe(shape),  # noqa: S308 -- our own file
    )
