"""An Atom feed of gigs (RFC 4287), one page of it (RFC 5005)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from marketplace.kernel.markdown import render_markdown
from projects.listings.models import Project
from projects.reach.queries.looks import absolute, rate_of
from projects.reach.queries.matches import name_of
from projects.reach.writers.xml import add, document, moment

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
BEFORE_ALL: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries changed last: a fixed moment, so that nothing looks new."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One page of a search of the board. `changed_at` says when a listing last changed, by its public id."""

    query: str
    words: list[str]
    gigs: Sequence[Project]
    changed_at: Mapping[str, datetime]
    next_after: str
    is_first: bool

    def updated(self, gig: Project) -> datetime:
        return self.changed_at.get(str(gig.public_id)) or gig.published_at or gig.created_at

    @property
    def updated_at(self) -> datetime:
        return max((self.updated(gig) for gig in self.gigs), default=BEFORE_ALL)


def write_feed(feed: Feed) -> bytes:
    """Return the feed. Ids are stable: of the feed its own plain address, of an entry the gig's UUID."""
    address, board = absolute("reach:feed"), absolute("listings:board")
    root = ElementTree.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en"})
    add(root, "id", _with(address, feed.query))
    title = _("Gigs: %(name)s") % {"name": name_of(feed.words)} if feed.words else _("Gigs on Preceptor")
    add(root, "title", title)
    add(root, "subtitle", _("What experts can work on now, the newest first."))
    add(root, "updated", moment(feed.updated_at))
    author = add(root, "author")
    add(author, "name", "Preceptor")
    add(author, "uri", settings.SITE_URL)
    add(root, "icon", settings.SITE_URL + static("img/icon-192.png"))
    add(root, "link", rel="alternate", type="text/html", href=_with(board, feed.query))
    if feed.is_first:
        add(root, "link", rel="self", type="application/atom+xml", href=_with(address, feed.query))
    else:
        add(root, "link", rel="first", type="application/atom+xml", href=_with(address, feed.query))
    if feed.next_after:
        following = "&".join(part for part in (feed.query, urlencode({"after": feed.next_after})) if part)
        add(root, "link", rel="next", type="application/atom+xml", href=_with(address, following))
    for gig in feed.gigs:
        _entry(root, gig, feed.updated(gig))
    return document(root)


def _with(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _entry(root: ElementTree.Element, gig: Project, updated: datetime) -> None:
    entry = add(root, "entry")
    add(entry, "id", f"urn:uuid:{gig.public_id}")
    add(entry, "title", gig.title)
    add(entry, "link", rel="alternate", type="text/html", href=absolute("listings:detail", gig.public_id))
    add(entry, "published", moment(gig.published_at or gig.created_at))
    add(entry, "updated", moment(max(updated, gig.published_at or updated)))
    author = add(entry, "author")
    add(author, "name", gig.lab.public_name)
    for field in gig.fields.all():
        place = settings.SITE_URL + reverse("listings:fields")
        add(entry, "category", term=field.code, scheme=place, label=field.name)
    add(entry, "summary", gig.summary or gig.title, type="text")
    add(entry, "content", _content(gig), type="html")


def _content(gig: Project) -> str:
    facts = [rate_of(gig), gig.hours_words, *gig.kind_labels]
    lines = format_html_join("", "<li>{}</li>", ((fact,) for fact in facts))
    role = render_markdown(str(gig.sections.get("what_you_will_do") or gig.sections.get("role") or ""))
    return format_html("<p>{}</p><ul>{}</ul>{}", gig.summary, lines, role)
