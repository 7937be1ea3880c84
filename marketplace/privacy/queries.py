"""Questions about copies and erasures: what stands in the way, what would go and stay, and how far one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from marketplace.accounts.models import User
from marketplace.kernel import personal
from marketplace.kernel.personal import Blank, Delete, Keep, Obstacle, Room
from marketplace.privacy.models import DataCopy, ErasureRequest, RestrictedIdentity


def rooms_from_the_ground_up() -> list[Room]:
    """Return the rooms that hold something of people, in the order in which rooms may know each other."""
    order = [path.rpartition(".")[2] for path in settings.ROOMS]
    return sorted(personal.rooms.values(), key=lambda room: order.index(room.name))


def rooms_to_erase() -> list[Room]:
    """Return them from the top down: who names somebody is erased before who is named, and the account last."""
    return list(reversed(rooms_from_the_ground_up()))


def obstacles_of(user: User) -> list[Obstacle]:
    """Return what must happen before a person can be erased."""
    return [one for room in rooms_from_the_ground_up() if room.obstacles for one in room.obstacles(user)]


def keep_identity_until(user: User) -> date | None:
    """Return until when a law asks who this was, or None if none does."""
    days = [day for room in personal.rooms.values() if room.keep_until and (day := room.keep_until(user))]
    return max(days, default=None)


@dataclass(frozen=True, slots=True)
class Fate:
    """What erasing does with one room's data, in words for the person."""

    label: str
    goes: list[str]
    emptied: list[tuple[str, str]]  # what is left without a word of the person, and why it is left at all
    stays: list[tuple[str, str]]  # what, and why


def fates() -> list[Fate]:
    """Return what would go and what would stay, and why, by room."""
    found = []
    for room in rooms_from_the_ground_up():
        shown = [table for table in room.tables if table.title]
        goes = [table.title for table in shown if isinstance(table.erase, Delete)]
        emptied = _by_reason((table.title, table.erase.why) for table in shown if isinstance(table.erase, Blank))
        stays = _by_reason((table.title, table.erase.why) for table in shown if isinstance(table.erase, Keep))
        if shown:
            found.append(Fate(room.label, goes, emptied, stays))
    return found


def _by_reason(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Say each reason once, after everything that it is the reason of."""
    titles: dict[str, list[str]] = {}
    for title, why in pairs:
        titles.setdefault(why, []).append(title)
    return [(", ".join(together), why) for why, together in titles.items()]


def copies_of(user: User) -> list[DataCopy]:
    """Return the newest copies of a person's data, the newest first."""
    return list(DataCopy.objects.visible_to(user).order_by("-pk")[:5])


def open_request_of(user: User) -> ErasureRequest | None:
    """Return the person's request to be erased that is under way, if there is one."""
    found: ErasureRequest | None = ErasureRequest.objects.open().filter(user=user).first()
    return found


def requests_for_staff(user: User) -> QuerySet[ErasureRequest]:
    """Return the requests that support may see, those under way first by their clock."""
    rows: QuerySet[ErasureRequest] = ErasureRequest.objects.visible_to(user).select_related("user")
    return rows


def requests_waiting(request: HttpRequest) -> int | None:
    """Return how many requests are under way, for the badge of support."""
    if not request.user.is_authenticated:
        return None
    return int(ErasureRequest.objects.visible_to(request.user).open().count())


def progress_of(request: ErasureRequest) -> list[tuple[str, bool]]:
    """Return the rooms in the order in which they are erased, and whether each is done."""
    return [(room.label, room.name in request.rooms_done) for room in rooms_to_erase()]


def identity_behind(user: User) -> RestrictedIdentity | None:
    """Return the sealed identity of an erased person, if a law asks for one."""
    return RestrictedIdentity.objects.filter(user=user).defer("identity").first()


def cooling_days() -> int:
    """Return how many days there are to take it back."""
    return int(settings.ERASURE_COOLING_DAYS)
