"""Listings: a project that a lab posts and experts apply to, what it said before, and what the board searches with."""

from projects.listings.models.history import (
    ListingEvent,
    ListingReview,
    ListingReviewQuerySet,
    ListingVersion,
    StatusChange,
)
from projects.listings.models.projects import (
    FAR,
    ON_THE_BOARD,
    Project,
    ProjectQuerySet,
    RateBand,
    Requirement,
    Terms,
)
from projects.listings.models.search import BoardGroup, BoardSummary, Meaning

__all__ = [
    "FAR",
    "ON_THE_BOARD",
    "BoardGroup",
    "BoardSummary",
    "ListingEvent",
    "ListingReview",
    "ListingReviewQuerySet",
    "ListingVersion",
    "Meaning",
    "Project",
    "ProjectQuerySet",
    "RateBand",
    "Requirement",
    "StatusChange",
    "Terms",
]
