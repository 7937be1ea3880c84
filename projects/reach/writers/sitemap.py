"""Sitemaps as sitemaps.org has them: files of addresses, and the index of several files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree

from django.conf import settings

from projects.reach.queries.changes import Place
from projects.reach.queries.looks import absolute
from projects.reach.writers.xml import add, document, moment

NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def write_part(places: Iterable[Place]) -> bytes:
    """Return one file of addresses."""
    root = ElementTree.Element("urlset", {"xmlns": NAMESPACE})
    for place in places:
        url = add(root, "url")
        add(url, "loc", settings.SITE_URL + place.path)
        if place.changed_at is not None:
            add(url, "lastmod", moment(place.changed_at))
    return document(root)


def write_index(parts: int) -> bytes:
    """Return the index of files 1 to `parts`."""
    root = ElementTree.Element("sitemapindex", {"xmlns": NAMESPACE})
    for number in range(1, parts + 1):
        add(add(root, "sitemap"), "loc", absolute("reach:sitemap_part", number))
    return document(root)
