"""Users' Markdown to safe HTML: no raw HTML, an allow-list, no remote pictures (design 7)."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "pre", "blockquote", "h2", "h3", "h4", "hr",
        "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip


def render_markdown(text: str) -> SafeString:
    """Return safe HTML of a person's Markdown. A first-level heading becomes a second-level one."""
    html = _parser.render(text.replace("\x00", "")).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return mark_safe(clean)  # noqa: S308 -- cleaned by nh3 just above
