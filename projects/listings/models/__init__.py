"""Listings: a project that a lab posts and experts apply to, and what it said before."""

from projects.listings.models.history import (
    ListingEvent,
    ListingReview,
    ListingReviewQuerySet,
    ListingVersion,
    StatusChange,
)
from projects.listings.models.projects import Project, ProjectQuerySet, RateBand, Requirement, Terms

__all__ = [
    "ListingEvent",
    "ListingReview",
    "ListingReviewQuerySet",
    "ListingVersion",
    "Project",
    "ProjectQuerySet",
    "RateBand",
    "Requirement",
    "StatusChange",
    "Terms",
]
