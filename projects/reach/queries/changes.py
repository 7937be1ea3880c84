"""When a listing was last changed, as the audit trail knows it; and everything that search engines may know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import BigIntegerField, Func, Max, QuerySet
from django.urls import reverse

from experts.profiles.models import Field
from marketplace.audit.models import AuditEvent
from projects.labs.models import Lab
from projects.listings.models import Project

PART: Final = 50_000
"""How many addresses one file of a sitemap may hold (sitemaps.org)."""
FIXED: Final = ("pages:how_it_works", "pages:how_pay_works", "vetting:how", "pages:help", "pages:legal")


def changed_at(refs: Sequence[UUID]) -> dict[str, datetime]:
    """Return when each of these listings was last changed, by public id; one query over the index of the trail."""
    events = AuditEvent.objects.filter(
        about_kind="project", about_ref__in=[str(ref) for ref in refs], what__startswith="listings."
    )
    return dict(events.order_by().values_list("about_ref").annotate(last=Max("at")))


@dataclass(frozen=True, slots=True)
class Place:
    """One address of the sitemap, and when what stands there changed last, if that is known."""

    path: str
    changed_at: datetime | None = None


def gigs() -> QuerySet[Project]:
    """Return the gigs that anybody may find, in the order of the sitemap."""
    found: QuerySet[Project] = Project.objects.on_the_board().order_by("pk")
    return found


def parts() -> int:
    """Return how many files the sitemap needs."""
    return max(1, -(-(len(_heads()) + gigs().count()) // PART))


def places(number: int) -> Iterator[Place]:
    """Yield the addresses of one file, the first is 1: pages, fields and labs first, then gigs."""
    heads = _heads()
    start, end = (number - 1) * PART, number * PART
    yield from heads[start:end]
    first, last = max(0, start - len(heads)), max(0, end - len(heads))
    rows = list(gigs().values_list("public_id", "published_at")[first:last])
    changed = changed_at([public_id for public_id, _published in rows])
    for public_id, published in rows:
        yield Place(reverse("listings:detail", args=[public_id]), changed.get(str(public_id), published))


def _heads() -> list[Place]:
    """Return everything but gigs: its pages show gigs, so the newest of those says when they changed."""
    board = Project.objects.on_the_board()
    newest = board.aggregate(at=Max("published_at"))["at"]
    found = [Place(reverse(name), newest) for name in ("pages:home", "listings:board", "listings:fields")]
    found += [Place(reverse(name)) for name in FIXED]
    in_field = Func("field_ids", function="unnest", output_field=BigIntegerField())
    by_field = dict(board.order_by().annotate(one=in_field).values_list("one").annotate(at=Max("published_at")))
    fields = Field.objects.offered().order_by("tree_order").values_list("pk", "code")
    found += [Place(reverse("listings:field", args=[code]), by_field.get(pk)) for pk, code in fields]
    labs = Lab.objects.filter(is_anonymous=False, projects__in=board).order_by("slug")
    found += [
        Place(reverse("labs:public", args=[slug]), at)
        for slug, at in labs.values_list("slug").annotate(at=Max("projects__published_at"))
    ]
    return found
