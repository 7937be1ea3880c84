"""The offset of the business clock, whether the demonstration world is here, and who can be signed in with one click."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error

from marketplace.accounts.models import User
from marketplace.demo.models import BusinessClock, WorldStage

_FRESH_SECONDS = 1.0
_remembered: tuple[float, timedelta] = (0.0, timedelta(0))
_is_labelled = False


def clock_offset() -> timedelta:
    """Return how far the business clock stands from the real one; read from its row at most once a second."""
    global _remembered  # noqa: PLW0603 -- a cache of one value
    read_at, value = _remembered
    if time.monotonic() - read_at < _FRESH_SECONDS and read_at:
        return value
    try:
        seconds = BusinessClock.objects.filter(pk=1).values_list("offset_seconds", flat=True).first() or 0
    except Error:
        return value  # The database is away or not migrated yet; the last known offset is the best guess.
    _remembered = (time.monotonic(), timedelta(seconds=seconds))
    return _remembered[1]


def forget_offset() -> None:
    """Read the row again at the next question. Called after the clock was moved."""
    global _remembered  # noqa: PLW0603
    _remembered = (0.0, timedelta(0))


# -------------------------------------------------------------------------------------------------------------- world

WORLD = "world"
"""The stage that stands for all of them."""


def is_made() -> bool:
    """Whether the world stands, whole."""
    return WorldStage.objects.filter(name=WORLD, done_at__isnull=False).exists()


def begun_at() -> datetime | None:
    """Return when making the world was begun, whether it is whole or not."""
    return WorldStage.objects.filter(name=WORLD).values_list("begun_at", flat=True).first()


def is_labelled() -> bool:
    """
    Whether pages must say that everything on them is invented: where the world was begun, which is in development only.

    Each process remembers that it is so; until then it asks, at one small query a page.
    """
    global _is_labelled  # noqa: PLW0603 -- a cache of one value
    if not settings.DEBUG or _is_labelled:
        return settings.DEBUG and _is_labelled
    try:
        _is_labelled = begun_at() is not None
    except Error:
        return False  # The page that says that the database is away needs no label.
    return _is_labelled


# ------------------------------------------------------------------------------------------------------------ personas


@dataclass(frozen=True, slots=True)
class Persona:
    """One person of the demonstration world whom a developer can be with one click."""

    slug: str
    email: str
    who: str
    sees: str
    path: str

    @property
    def name(self) -> str:
        """The full name, as it stands in the account."""
        return self.who.removeprefix("Dr ").partition(",")[0]


PERSONAS: tuple[Persona, ...] = (
    Persona("expert", "imani.okafor@demo.preceptor.example", "Dr Imani Okafor, cardiologist", "hours, tasks, pay", "/me/"),
    Persona("newcomer", "noor.haddad@demo.preceptor.example", "Dr Noor Haddad, just joined", "onboarding", "/me/"),
    Persona("lab-owner", "tessa.rhodes@demo.preceptor.example", "Tessa Rhodes, owner of Larkfield Labs", "a running project", "/lab/larkfield-labs/"),
    Persona("lab-manager", "jonah.prior@demo.preceptor.example", "Jonah Prior, manager at Larkfield Labs", "candidates, hours to approve", "/lab/larkfield-labs/candidates/"),
    Persona("lab-reviewer", "sam.lind@demo.preceptor.example", "Sam Lind, reviewer at Larkfield Labs", "the review queue", "/lab/larkfield-labs/review/"),
    Persona("lab-member", "mira.kessel@demo.preceptor.example", "Mira Kessel, member of Larkfield Labs", "the work, reading only", "/lab/larkfield-labs/"),
    Persona("vetting", "vera.castillo@demo.preceptor.example", "Vera Castillo, vetting", "cases to decide", "/vetting/"),
    Persona("preparer", "mateus.lindqvist@demo.preceptor.example", "Mateus Lindqvist, prepares pay runs", "runs and holds", "/finance/"),
    Persona("approver", "priya.vance@demo.preceptor.example", "Priya Vance, approves pay runs", "a run waiting for approval", "/finance/"),
    Persona("support", "leo.marsh@demo.preceptor.example", "Leo Marsh, support", "people, and their pages as they see them, reading only", "/support/"),
    Persona("admin", "ada.quill@demo.preceptor.example", "Ada Quill, administrator", "Django admin", "/admin/"),
)  # fmt: skip
PASSWORD = "demonstration-only"  # noqa: S105 -- printed on purpose; the demonstration world exists with DEBUG only


def persona_user(slug: str) -> tuple[Persona, User] | None:
    """Return a persona with its account, or None where the demonstration world is not loaded."""
    persona = next((one for one in PERSONAS if one.slug == slug), None)
    if persona is None:
        return None
    user = User.objects.filter(email=persona.email, is_demonstration=True, is_active=True).first()
    return (persona, user) if user else None
