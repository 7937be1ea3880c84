"""Saved searches with what they found, short addresses of gigs, and pictures that were drawn once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet, JobState
from projects.listings.enums import ProjectState, Visibility
from projects.listings.models import Project
from projects.reach.enums import NAME_MAX, QUERY_MAX, SHORT_CODE_LENGTH, Frequency, SearchState


class SavedSearchQuerySet(JobQuerySet):
    def visible_to(self, user: User) -> Self:
        """A search is its owner's alone."""
        return self.filter(user=user)

    def watching(self) -> Self:
        return self.filter(state=SearchState.WATCHING)

    def with_new(self, now: datetime) -> Self:
        """With `new`: how many gigs were found since the person looked last, of those that still take applications."""
        gig = "found__project__"
        still_open = Q(**{f"{gig}state": ProjectState.OPEN, f"{gig}visibility": Visibility.PUBLIC})
        in_time = Q(**{f"{gig}closes_at__isnull": True}) | Q(**{f"{gig}closes_at__gt": now})
        with_room = Q(**{f"{gig}places_filled__lt": F(f"{gig}places_wanted")})
        unseen = Q(found__found_at__gt=F("seen_at"))
        return self.annotate(new=Count("found", filter=unseen & still_open & in_time & with_room))


class SavedSearch(Job):
    """
    A search of the board that a person keeps. As a job it is due when it should look for new gigs or tell of some.

    `query` is the board's own address without order and page, so there is one way to search.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=NAME_MAX)
    query = models.CharField(max_length=QUERY_MAX, blank=True, default="")
    frequency = models.CharField(max_length=8, choices=Frequency, default=Frequency.DAILY)
    state = models.CharField(max_length=8, choices=SearchState, default=SearchState.WATCHING)
    created_at = models.DateTimeField()
    watched_since = models.DateTimeField()  # gigs published before it were on the board when the search was saved
    looked_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # when the person last looked at what it found
    told_at = models.DateTimeField(null=True, blank=True)  # when an e-mail about it was last queued

    objects: ClassVar[Any] = SavedSearchQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["user", "query"], name="person_saves_a_search_once"),
            models.CheckConstraint(
                condition=~Q(state=SearchState.PAUSED) | Q(job_state=JobState.DONE),
                name="paused_search_looks_for_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FoundGigQuerySet(models.QuerySet["FoundGig"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(search__user=user)


class FoundGig(models.Model):
    """That a saved search has found a gig, once, and when its owner was told by e-mail."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="found")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = FoundGigQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["search", "project"], name="search_finds_a_gig_once"),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(told_at__gte=F("found_at")),
                name="nobody_is_told_of_a_gig_before_it_is_found",
            ),
        ]

    def __str__(self) -> str:
        return f"gig {self.project_id} of search {self.search_id}"


class ShortLink(models.Model):
    """A short address of a gig, to be passed on. Random, so that nobody finds gigs by counting."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="short_link")
    code = models.CharField(max_length=SHORT_CODE_LENGTH, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class SharePicture(models.Model):
    """A picture for links on other sites, known by the hash of all that it shows: drawn once, used until that changes."""

    sha256 = models.CharField(max_length=64, unique=True)
    png = models.BinaryField()
    drawn_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"picture {self.sha256[:12]}"
