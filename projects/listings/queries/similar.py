"""Gigs like another one, for whoever is on one that stands still."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from projects.listings.models import Project

SIMILAR_SHOWN = 3


def gigs_like(project: Project, *, now: datetime, count: int = SIMILAR_SHOWN) -> list[Project]:
    """
    Return gigs that take applications now and share a field with this one: those that share most fields and a kind of task
    first, then the newest. One query beside the one for its fields.
    """
    ids = list(project.fields.values_list("pk", flat=True))
    rows = (
        Project.objects.taking_applications(now)
        .exclude(pk=project.pk)
        .filter(fields__in=ids)
        .annotate(
            shared=Count("fields", filter=Q(fields__in=ids), distinct=True),
            same_kind=Count("pk", filter=Q(kinds__overlap=project.kinds), distinct=True),
        )
        .select_related("lab")
        .defer("search", "search_text", "sections")
        .order_by("-shared", "-same_kind", "-published_at", "-pk")
    )
    return list(rows[:count])
