"""Words of saved searches and of what leads to gigs from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.states import register_moves


class Frequency(models.TextChoices):
    """How a person hears of new gigs that a saved search has found."""

    INSTANT = "INSTANT", _("As they appear")
    DAILY = "DAILY", _("Once a day")
    HERE = "HERE", _("Only here")


class SearchState(models.TextChoices):
    WATCHING = "WATCHING", _("On")
    PAUSED = "PAUSED", _("Paused")


SEARCH_MOVES = register_moves(
    "saved search",
    {
        SearchState.WATCHING: frozenset({SearchState.PAUSED}),
        SearchState.PAUSED: frozenset({SearchState.WATCHING}),
    },
)

SEARCHES_MAX: Final = 20
"""How many searches a person can save."""
QUERY_MAX: Final = 2000
NAME_MAX: Final = 80

EMAIL_PAUSE: Final = timedelta(hours=1)
"""The least time between two e-mails about one search; what appears meanwhile is gathered."""
DAILY_HOUR: Final = 7
"""When the daily e-mail goes out, on the clock of the person's wall."""
GIGS_IN_EMAIL: Final = 20
"""How many gigs one e-mail lists; the page has all of them."""

COMMIT_MARGIN: Final = timedelta(minutes=10)
"""A gig may become visible this long after the moment that its row gives: longer than any transaction lives."""
LOOK_BACK: Final = timedelta(days=3)
"""How far before its last look a search looks again, for gigs that were paused or full meanwhile."""
LOOK_AT_LEAST: Final = timedelta(days=1)
"""Each search looks this often, also when nothing new was published: a paused gig may be open again."""
LOOK_UNHURRIED: Final = timedelta(hours=1)
"""How often a search looks that tells nobody at once."""

SHORT_CODE_LENGTH: Final = 8
PICTURES_A_MINUTE: Final = 60
"""How many pictures are drawn in a minute; whoever asks for more gets the picture of the site."""
PICTURE_KEPT_FOR: Final = timedelta(days=90)
