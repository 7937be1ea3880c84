"""A person's saved searches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db.models import Max
from django.http import Http404
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.notices.queries import preferences_of
from projects.listings.models import Project
from projects.reach.enums import DAILY_HOUR, EMAIL_PAUSE, SEARCHES_MAX, Frequency
from projects.reach.models import FoundGig, SavedSearch
from projects.reach.queries.matches import filters_of_many, words_of

_STOP = signing.Signer(salt="reach.stop")


def search_or_404(user: User, public_id: UUID) -> SavedSearch:
    """
    Return a person's own search.

    :raises Http404: the same for a foreign one and for none.
    """
    search: SavedSearch | None = SavedSearch.objects.visible_to(user).filter(public_id=public_id).first()
    if search is None:
        raise Http404
    return search


@dataclass(frozen=True, slots=True)
class Row:
    """A search as the list shows it."""

    search: SavedSearch
    words: list[str]
    new: int


def searches_of(user: User, now: datetime) -> list[Row]:
    """Return a person's searches with what each asks for and how many gigs are new. A fixed number of queries."""
    found = list(SavedSearch.objects.visible_to(user).with_new(now).order_by("name", "pk")[:SEARCHES_MAX])
    words = words_of(filters_of_many(search.query for search in found))
    return [Row(search, asked, search.new) for search, asked in zip(found, words, strict=True)]


def same_search(user: User, query: str) -> SavedSearch | None:
    """Return the search of this person that asks for the same, if there is one."""
    found: SavedSearch | None = SavedSearch.objects.visible_to(user).filter(query=query).first()
    return found


def unseen_gigs(search: SavedSearch, now: datetime, *, most: int) -> list[Project]:
    """Return the gigs that were found since the person looked last and still take applications, the newest first."""
    ids = FoundGig.objects.filter(search=search, found_at__gt=search.seen_at).values("project")
    gigs = Project.objects.taking_applications(now).filter(pk__in=ids).with_listing()
    return list(gigs.order_by("-published_at", "-pk")[:most])


def gets_email(user: User) -> bool:
    """Whether new gigs go to this person by e-mail at all, as they chose in their preferences."""
    return preferences_of(user)["searches"]


def may_be_written_to(user: User) -> bool:
    """Whether the address is known to be the person's own: anybody can make an account with any address."""
    return user.is_active and EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()


def newest_publication() -> datetime | None:
    """Return when the newest gig of the board was published. One look at an index."""
    newest: datetime | None = Project.objects.on_the_board().aggregate(at=Max("published_at"))["at"]
    return newest


def next_email_at(search: SavedSearch) -> datetime | None:
    """
    Return from when on an e-mail about this search may go out; None for one that tells nobody.

    Needs the search's user.
    """
    if search.frequency == Frequency.INSTANT:
        return search.told_at + EMAIL_PAUSE if search.told_at else search.watched_since
    if search.frequency == Frequency.DAILY:
        return next_morning(search.told_at or search.watched_since, search.user.time_zone)
    return None


def next_morning(moment: datetime, zone_name: str) -> datetime:
    """Return the first seven o'clock after `moment` on the clock of a zone; UTC where the zone is not known."""
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    day = moment.astimezone(zone).date()
    morning = datetime.combine(day, time(DAILY_HOUR), tzinfo=zone)
    if morning <= moment:
        morning = datetime.combine(day + timedelta(days=1), time(DAILY_HOUR), tzinfo=zone)
    return morning.astimezone(UTC)


def stop_url(search: SavedSearch) -> str:
    """Return the address that ends the e-mails about one search, signed in or not; e-mails are old when read."""
    return settings.SITE_URL + reverse("reach:stop", args=[_STOP.sign(str(search.public_id))])


def search_to_stop(token: str) -> SavedSearch | None:
    """Return the search of a link of `stop_url`; None if the link is none of ours or the search is gone."""
    try:
        public_id = _STOP.unsign(token)
    except signing.BadSignature:
        return None
    found: SavedSearch | None = SavedSearch.objects.filter(public_id=public_id).first()
    return found
