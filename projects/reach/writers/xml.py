"""Making XML: elements with text that XML can carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree

FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, not even escaped."""


def add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    """Add an element with text, both without characters that XML forbids."""
    clean = {name: FORBIDDEN.sub("", value) for name, value in attributes.items()}
    child = ElementTree.SubElement(parent, tag, clean)
    if text:
        child.text = FORBIDDEN.sub("", text)
    return child


def document(root: ElementTree.Element) -> bytes:
    """Return the document with its declaration."""
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def moment(value: datetime) -> str:
    """Return an RFC 3339 moment in UTC, to the second: "2026-11-18T09:30:00Z"."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
