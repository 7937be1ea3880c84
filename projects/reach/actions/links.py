"""Short addresses of gigs."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.db import transaction

from projects.listings.models import Project
from projects.reach.enums import SHORT_CODE_LENGTH
from projects.reach.models import ShortLink

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are mistaken for others: eight of these are about 40 bits."""


def short_link_of(project: Project, *, now: datetime) -> ShortLink:
    """Return the short address of a gig; its first reader makes it, and it stays."""
    found = ShortLink.objects.filter(project=project).first()
    return found or _make(project, now=now)


@transaction.atomic(durable=True)
def _make(project: Project, *, now: datetime) -> ShortLink:
    code = "".join(secrets.choice(ALPHABET) for _ in range(SHORT_CODE_LENGTH))
    link, _is_new = ShortLink.objects.get_or_create(project=project, defaults={"code": code, "created_at": now})
    return link
