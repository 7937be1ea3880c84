"""Versions of the terms that an expert signs. A version never changes; another text is another version."""

from __future__ import annotations

import hashlib
from datetime import datetime

from projects.labs.models import Lab
from projects.listings.models import Terms


def version_of_terms(*, lab: Lab, title: str, text: str, now: datetime) -> Terms:
    """
    Return the version of the lab's terms with this text, a new one if there is none under the title yet.

    Needs an open transaction. The lab is locked, so that two editors cannot both write version 3.
    """
    text = clean_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    Lab.objects.select_for_update(of=("self",), no_key=True).get(pk=lab.pk)
    versions = Terms.objects.filter(lab=lab, title=title)
    same = versions.filter(sha256=digest).order_by("-version").first()
    if same is not None:
        return same
    last = versions.order_by("-version").values_list("version", flat=True).first() or 0
    return Terms.objects.create(lab=lab, title=title, version=last + 1, text=text, sha256=digest, created_at=now)


def clean_text(text: str) -> str:
    """Return the text as it is hashed: newlines as \\n, no blanks at the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
