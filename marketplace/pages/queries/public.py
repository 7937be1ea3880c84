"""What the pages that belong to no single room ask of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.kernel.api import ANSWERS
from marketplace.kernel.errors import Refused
from projects.labs.models import Lab
from projects.listings.models import Project


def first_screen(user: User) -> str:
    """
    Return where a person's work is.

    Finance, vetting staff and support go to their queue, members of labs without an expert profile to their lab,
    everybody else to the expert's home, which also asks newcomers what they came for.
    """
    if user.is_finance_staff:
        return reverse("reports:cockpit")
    if user.is_vetting_staff:
        return reverse("vetting:queue")
    if StaffRoleKind.SUPPORT in user.staff_roles:
        return reverse("privacy:requests")
    if not hasattr(user, "expert") and Lab.objects.visible_to(user).exists():
        return reverse("labs:choose")
    return reverse("pages:expert_home")


def newest_gigs(count: int) -> list[Project]:
    """Return the newest gigs of the board, with what a card shows."""
    return list(Project.objects.on_the_board().with_listing().order_by("-published_at", "-pk")[:count])


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """What the front page may say, counted from rows: open gigs, open places, the highest rate in minor units."""

    gigs: int
    places: int
    best_rate_minor: int


def board_facts() -> BoardFacts:
    """Count the board as it stands."""
    board = Project.objects.on_the_board()
    places = sum(wanted - filled for wanted, filled in board.values_list("places_wanted", "places_filled"))
    best = board.filter(currency="USD").aggregate(best=Max("rate_max_minor"))["best"] or 0
    return BoardFacts(gigs=board.count(), places=places, best_rate_minor=best)


def error_codes() -> list[tuple[str, str, int]]:
    """Return (code, title, status) of everything the API answers with, for the help page that problem+json points to."""
    found = {code: (code, title, status) for code, (title, status) in ANSWERS.items()}
    waiting: list[type[Refused]] = [Refused]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, (kind.code, kind.title, kind.status))
        waiting.extend(kind.__subclasses__())
    return sorted(found.values())
