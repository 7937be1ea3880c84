"""Whether a listing pays less than the same work did a moment ago: no quiet pay cuts (design 3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import CharField, F, Max, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat, Greatest
from django.http import HttpRequest

from projects.listings.enums import RELISTED_DAYS, SIMILAR_TEXT, SIMILAR_TITLE, ProjectState, ReviewState
from projects.listings.models import ListingReview, ListingVersion, Project

WORK = "what_you_will_do"
SIMILAR_MAX = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared of a listing: where it stands, what it is about, and what it pays an hour at least and at most."""

    lab_id: int
    project_id: int | None
    title: str
    summary: str
    work: str
    field_ids: tuple[int, ...]
    kinds: tuple[str, ...]
    currency: str
    low_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the same work paid before: in which listing, how much, until when, and how alike the two are."""

    project: Project
    low_minor: int
    high_minor: int
    until: datetime
    likeness_percent: int


def scope_of(project: Project) -> Scope | None:
    """Return what is compared of a saved listing; None while it names no rate."""
    if project.rate_max_minor is None:
        return None
    return Scope(
        lab_id=project.lab_id,
        project_id=project.pk,
        title=project.title,
        summary=project.summary,
        work=str(project.sections.get(WORK, "")),
        field_ids=tuple(project.fields.values_list("pk", flat=True)),
        kinds=tuple(project.kinds),
        currency=project.currency,
        low_minor=project.rate_min_minor or project.rate_max_minor,
        high_minor=project.rate_max_minor,
    )


def earlier_rate(scope: Scope | None, *, now: datetime) -> Earlier | None:
    """
    Return the best paid listing of the same work by the same lab within sixty days, if this one pays less.

    The same work is the listing itself, or one that shares a field and a kind of task and whose words are alike (trigrams
    of title, summary and tasks, or of the title alone). Three queries at most.
    """
    if scope is None:
        return None
    since = now - timedelta(days=RELISTED_DAYS)
    likeness = _similar(scope)
    if scope.project_id is not None:
        likeness[scope.project_id] = 100
    better = [
        one
        for one in _listed(likeness, now=now)
        if one.until >= since
        and one.project.currency == scope.currency
        and (one.high_minor > scope.high_minor or one.low_minor > scope.low_minor)
    ]
    return max(better, key=lambda one: (one.high_minor, one.low_minor, one.until), default=None)


def _similar(scope: Scope) -> dict[int, int]:
    """Return the lab's other listings of the same work that were published, by id, with how alike they are in percent."""
    work = Coalesce(KeyTextTransform(WORK, "sections"), Value(""), output_field=CharField())
    words = Concat("title", Value(" "), "summary", Value(" "), work, output_field=CharField())
    rows = (
        Project.objects.filter(lab_id=scope.lab_id, currency=scope.currency, published_at__isnull=False)
        .filter(fields__in=scope.field_ids, kinds__overlap=list(scope.kinds))
        .exclude(pk=scope.project_id or 0)
        .annotate(
            text_likeness=TrigramSimilarity(words, " ".join((scope.title, scope.summary, scope.work))),
            title_likeness=TrigramSimilarity("title", scope.title),
        )
        .filter(Q(text_likeness__gte=SIMILAR_TEXT) | Q(title_likeness__gte=SIMILAR_TITLE))
        .annotate(likeness=Greatest("text_likeness", "title_likeness"))
        .order_by("-likeness", "pk")
        .values_list("pk", "likeness")
        .distinct()[:SIMILAR_MAX]
    )
    return {pk: round(100 * likeness) for pk, likeness in rows}


def _listed(likeness: dict[int, int], *, now: datetime) -> Iterable[Earlier]:
    """Return every rate at which these listings stood, each with the moment until which it did."""
    closed = Max("project__history__at", filter=Q(project__history__state=ProjectState.CLOSED))
    versions: dict[int, list[Any]] = defaultdict(list)
    rows = ListingVersion.objects.filter(project__in=likeness).select_related("project").defer("content")
    for row in rows.annotate(closed_at=closed).order_by("project_id", "number"):
        versions[row.project_id].append(row)
    for pk, own in versions.items():
        for row, after in zip(own, [*own[1:], None], strict=True):
            until = after.at if after is not None else row.closed_at or now
            yield Earlier(row.project, row.rate_min_minor, row.rate_max_minor, until, likeness[pk])


def is_confirmed(project: Project, scope: Scope, *, now: datetime) -> bool:
    """Whether staff confirmed, within sixty days, that this listing may pay as little as this."""
    return ListingReview.objects.filter(
        project=project,
        state=ReviewState.CONFIRMED,
        decided_at__gte=now - timedelta(days=RELISTED_DAYS),
        rate_min_minor__lte=scope.low_minor,
        rate_max_minor__lte=scope.high_minor,
    ).exists()


def paid_before(project: Project, *, now: datetime) -> ListingReview | None:
    """Return what a published listing's page says of the earlier, higher rate: for sixty days after it was last listed."""
    low_now = Coalesce("project__rate_min_minor", "project__rate_max_minor")
    lower = Q(earlier_max_minor__gt=F("project__rate_max_minor")) | Q(earlier_min_minor__gt=low_now)
    rows = ListingReview.objects.filter(
        lower,
        project=project,
        state=ReviewState.CONFIRMED,
        earlier_until__gte=now - timedelta(days=RELISTED_DAYS),
    )
    found: ListingReview | None = rows.order_by("-decided_at", "-pk").first()
    return found


def latest_review(project: Project) -> ListingReview | None:
    """Return the newest question to staff about a listing, for its lab."""
    rows = ListingReview.objects.filter(project=project).select_related("earlier", "decided_by")
    found: ListingReview | None = rows.order_by("-pk").first()
    return found


def reviews_waiting(request: HttpRequest) -> int | None:
    """Return how many listings wait for staff, for the badge."""
    return int(ListingReview.objects.waiting().count())
