"""The summary of a large board: its facets are counted once a minute instead of once a visit."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count

from projects.listings.enums import HOURS_BANDS, RATE_BANDS_MINOR
from projects.listings.models import BoardGroup, BoardSummary, Project
from projects.listings.queries import facets

LARGE = 5_000
"""From how many open gigs on a board is summarised. Below it every visit counts for itself, in a few milliseconds."""

HOURS_BEYOND = 99
_ONE_AT_A_TIME = 5_320_117_904  # The advisory lock of whoever makes the summary; any number that nobody else uses.

# Pay down to the step below it and hours up to the step above them: what the filters ask is the same.
GROUPS = """
INSERT INTO listings_boardgroup
    (field_ids, kinds, countries, languages, credential_kinds, age_step, rate_max_minor, weekly_hours_min, number)
SELECT field_ids, kinds, countries, languages, credential_kinds, age_step,
       (ARRAY[0::bigint] || %s::bigint[])[width_bucket(rate_max_minor, %s::bigint[]) + 1],
       (%s::int[] || {beyond})[width_bucket(coalesce(weekly_hours_min, 0) - 1, %s::int[]) + 1],
       count(*)
FROM ({open}) AS open GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


@transaction.atomic(durable=True)
def summarise_board(*, now: datetime, large: int = LARGE) -> int:
    """
    Make the summary of a large board anew, and take that of a small one away; return how many groups there are. A sweep.

    Two sweeps at once make it once: the second one finds the lock taken and leaves.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if cursor.fetchone() == (False,):
            return 0
        shown = Project.objects.taking_applications(now)
        BoardGroup.objects.all().delete()
        if shown.aggregate(number=Count("pk"))["number"] < large:
            BoardSummary.objects.all().delete()
            return 0
        columns = [
            "field_ids",
            "kinds",
            "countries",
            "languages",
            "credential_kinds",
            "rate_max_minor",
            "weekly_hours_min",
        ]
        rows = shown.annotate(age_step=facets.age_step(now)).order_by().values(*columns, "age_step")
        found, values = rows.query.sql_with_params()
        rates, hours = list(RATE_BANDS_MINOR), list(HOURS_BANDS)
        # `found` was compiled by Django with placeholders of its own.
        statement = GROUPS.format(open=found, beyond=HOURS_BEYOND)
        cursor.execute(statement, [rates, rates, hours, hours, *values])
        groups = cursor.rowcount
    counts = facets.count(BoardGroup.objects.all(), {}, now=now, number="sum(number)")
    facts = {"made_at": now, "total": counts.total, "counts": counts.by_facet}
    BoardSummary.objects.update_or_create(pk=1, defaults=facts)
    return groups
