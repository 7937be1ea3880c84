"""Users' Markdown to safe HTML: no raw HTML, an allow-list, no remote pictures (design 7)."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

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


def plain_blocks(text: str) -> list[dict[str, str | int]]:
    """
    Return a person's Markdown as blocks of plain words, for a page that is no HTML.

    Each has `kind`: "heading", "item" (with `depth` and its `mark`), "code" or "words"; and `text`. Nothing is left out: the
    address of a link follows its words, a row of a table is one block.
    """
    blocks: list[dict[str, str | int]] = []
    lists: list[list[str | int]] = []  # for each list around: its mark, or the number of the next item
    kind, mark = "words", ""
    cells: list[str] | None = None
    for token in _parser.parse(text.replace("\x00", "")):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = int(token.attrGet("start") or 1)
            lists.append(["•", 0] if token.type.startswith("bullet") else ["", start])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            mark = str(lists[-1][0]) or f"{lists[-1][1]}."
            lists[-1][1] = int(lists[-1][1]) + 1
        elif token.type == "heading_open":
            kind = "heading"
        elif token.type == "heading_close":
            kind = "words"
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            blocks.append({"kind": "words", "text": " | ".join(cells or [])})
            cells = None
        elif token.type in ("fence", "code_block"):
            blocks.append({"kind": "code", "text": token.content.rstrip("\n")})
        elif token.type == "inline" and cells is not None:
            cells.append(_words_of(token))
        elif token.type == "inline" and lists:
            blocks.append({"kind": "item", "depth": len(lists), "mark": mark, "text": _words_of(token)})
            mark = ""
        elif token.type == "inline":
            blocks.append({"kind": kind, "text": _words_of(token)})
    return blocks


def _words_of(token: Token) -> str:
    """Return the words of one line of Markdown, with the address of a link behind its words."""
    said, addresses = [], []
    for part in token.children or []:
        if part.type in ("softbreak", "hardbreak"):
            said.append("\n" if part.type == "hardbreak" else " ")
        elif part.type == "link_open":
            addresses.append(str(part.attrGet("href") or ""))
        elif part.type == "link_close":
            address = addresses.pop()
            said.append(f" ({address})" if address else "")
        elif part.type in ("text", "code_inline", "image"):
            said.append(part.content)
    return "".join(said)
