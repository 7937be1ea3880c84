"""Fields: the overview, and the way in for each of them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from experts.profiles.models import Field
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.listings.enums import BoardOrder
from projects.listings.queries import Filters
from projects.listings.queries import board as find_gigs
from projects.listings.queries.cards import cards, top_level
from projects.listings.queries.fields import FieldLine, figures_of, lines_by_field
from projects.listings.views.board import _frame, _reader

GIGS_SHOWN = 10
NOTHING = FieldLine()


@login_not_required
@require_GET
def fields(request: Request) -> HttpResponse:
    """All fields with how many gigs stand in each, and what the best of them pays."""
    taxonomy = list(Field.objects.in_reading_order())
    lines = lines_by_field(clock.now())
    shown = [one for one in taxonomy if one.retired_at is None or one.pk in lines]
    rows = [
        (top, lines.get(top.pk, NOTHING), [(one, lines.get(one.pk, NOTHING)) for one in below])
        for top, below in top_level(shown)
    ]
    return render(request, "listings/fields.html", _frame(_reader(request)) | {"field_rows": rows})


@login_not_required
@require_GET
def field(request: Request, code: str) -> HttpResponse:
    """The way in for one field: what it pays, what is asked, what experts do in it, and its newest gigs."""
    now = clock.now()
    row = get_object_or_404(Field.objects.select_related("parent", "merged_into"), code=code)
    if row.merged_into is not None:
        return redirect("listings:field", row.merged_into.code, permanent=True)
    reader = _reader(request)
    page = find_gigs(Filters(fields=(code,), order=BoardOrder.NEWEST), now=now, size=GIGS_SHOWN)
    kinds = next(facet for facet in page.facets if facet.name == "kind")
    lines = lines_by_field(now)
    below = list(Field.objects.offered().filter(parent=row).order_by("tree_order"))
    context = _frame(reader) | {
        "field": row,
        "figures": figures_of(row, now=now),
        "page": page,
        "cards": cards(page.rows, reader=reader, today=now.date()),
        "kinds": [option.label for option in kinds.options if option.count],
        "below": [(one, lines[one.pk].gigs) for one in below if one.pk in lines],
        "quiet": [one for one in below if one.pk not in lines],
        "now": now,
    }
    return render(request, "listings/field.html", context)
