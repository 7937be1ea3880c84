"""Questions about ratings: who may still give one, what is shown, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, QuerySet

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from projects.hiring.enums import RATING_DAYS, RATINGS_SHOWN_FROM, ContractState, Side
from projects.hiring.models import Contract, Rating
from projects.labs.models import Lab

SHOWN = 5


@dataclass(frozen=True, slots=True)
class RatingsOfContract:
    """What one side of a contract sees: what it gave, what it got once that is shown, and until when it may give one."""

    side: Side
    given: Rating | None
    got: Rating | None
    until: datetime | None
    can_give: bool


def ratings_of(contract: Contract, side: Side, *, now: datetime) -> RatingsOfContract:
    """Return what a side of the contract sees of its ratings, by one query."""
    rows = {row.side: row for row in contract.ratings.all()} if contract.ended_at else {}
    other = rows.get(Side.LAB if side == Side.EXPERT else Side.EXPERT)
    given = rows.get(side)
    until = rating_ends_at(contract)
    return RatingsOfContract(
        side=side,
        given=given,
        got=other if other is not None and other.revealed_at else None,
        until=until,
        can_give=given is None and until is not None and now < until,
    )


def rating_ends_at(contract: Contract) -> datetime | None:
    """Return until when a contract can be rated; None while it runs."""
    return contract.ended_at + timedelta(days=RATING_DAYS) if contract.ended_at else None


@dataclass(frozen=True, slots=True)
class Average:
    """How many ratings were shown, and their mean with one decimal; None while there are too few to say."""

    count: int
    stars: float | None


def average_of_lab(lab: Lab) -> Average:
    """Return what experts gave a lab; the mean only from five on, so that nobody can tell who said what."""
    rows = Rating.objects.counted().filter(contract__lab=lab, side=Side.EXPERT)
    found = rows.aggregate(count=Count("pk"), mean=Avg("stars"))
    enough = found["count"] >= RATINGS_SHOWN_FROM
    return Average(found["count"], round(found["mean"], 1) if enough else None)


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What labs may know of an expert's work on the product before they decide."""

    ended: int
    running: int
    average: Average
    latest: list[Rating]


def track_record_of(expert: Expert) -> TrackRecord:
    """Return an expert's contracts and what labs said of them, by three queries."""
    states = dict(Contract.objects.filter(expert=expert).order_by().values_list("state").annotate(count=Count("pk")))
    ended = states.pop(ContractState.ENDED, 0)
    rows = Rating.objects.counted().filter(contract__expert=expert, side=Side.LAB)
    found = rows.aggregate(count=Count("pk"), mean=Avg("stars"))
    mean = round(found["mean"], 1) if found["count"] else None
    latest = rows.select_related("contract__lab").order_by("-revealed_at", "-pk")[:SHOWN]
    return TrackRecord(ended, sum(states.values()), Average(found["count"], mean), list(latest))


def reported_ratings(user: User) -> QuerySet[Rating]:
    """Return the reports about ratings that staff have to decide, the oldest first."""
    rows = Rating.objects.visible_to(user).reported()
    return rows.select_related("contract__expert__user", "contract__lab", "contract__project")
