"""The public board: find a gig, read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from experts.profiles.queries import country_name, expert_of, language_name
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.listings import policies
from projects.listings.enums import SECTIONS, BoardOrder, ProjectState, TaskKind
from projects.listings.forms.board import BoardForm, query_of
from projects.listings.models import Project
from projects.listings.queries import Filters, funding_of, listing_or_404, requirements_met
from projects.listings.queries import board as find_gigs
from projects.listings.queries.board import PAGE
from projects.listings.queries.cards import Reader, cards, reader_of
from projects.listings.queries.facets import label_of
from projects.listings.queries.requirements import fit_of, words_of
from projects.listings.views.history import past_of


@login_not_required
@require_GET
def board(request: Request) -> HttpResponse:
    """Gigs that take applications now, found by words and filters. `#more` alone is the next page for htmx."""
    now = clock.now()
    form = BoardForm(request.GET)
    filters = form.filters()
    reader = _reader(request)
    page = find_gigs(
        filters,
        now=now,
        after=form.cleaned_data["after"],
        own_field_ids=reader.own_field_ids if reader else (),
        near_field_ids=reader.near_field_ids if reader else (),
    )
    context = _frame(reader) | {
        "page": page,
        "cards": cards(page.rows, reader=reader, today=now.date()),
        "filters": filters,
        "chips": _chips(filters, page.facets),
        "orders": BoardOrder,
        "older": query_of(filters, after=page.next_after) if page.next_after else "",
        "first": query_of(filters) if form.cleaned_data["after"] else None,
        "per_page": PAGE,
        "now": now,
    }
    wanted = "#more" if request.htmx and request.htmx.target == "more" else ""
    return render(request, f"listings/board.html{wanted}", context)


def _chips(filters: Filters, facets: list[Any]) -> list[tuple[str, str]]:
    """Return what is on as (words, the board without it)."""
    names = {option.value: option.label for facet in facets if facet.name == "field" for option in _flat(facet)}
    chips = [
        (label_of(name, value, names), query_of(filters, without=(name, value)))
        for name, values in filters.chosen.items()
        for value in sorted(values)
    ]
    if filters.lab:
        chips.append((_("One lab only"), query_of(filters, without=("lab", filters.lab))))
    return chips


def _flat(facet: Any) -> list[Any]:
    return [one for option in [*facet.options, *facet.more] for one in [option, *option.below]]


@login_not_required
@require_GET
def detail(request: Request, project_id: UUID) -> HttpResponse:
    """Everything an expert should know before applying."""
    now = clock.now()
    actor = _person(request)
    project = listing_or_404(actor, project_id)
    reader = _reader(request)
    met = requirements_met(reader.expert, project, reader.standing) if reader else []
    context = _frame(reader) | {
        "project": project,
        "sections": [(label, project.sections[code]) for code, label in SECTIONS if project.sections.get(code)],
        "kinds": [TaskKind(kind).label for kind in project.kinds],
        "countries": [country_name(code) for code in project.countries],
        "languages": [language_name(code) for code in project.languages],
        "funding": funding_of(project, today=now.date()),
        "met": met,
        "fit": fit_of(met) if reader else None,
        "asked": [(row, words_of(row)) for row in project.requirements.all()],
        "unpaid_minutes": policies.unpaid_minutes(project),
        "may_change": actor is not None and policies.may_change(project, actor),
        "takes_applications": _takes_applications(project, now),
        "now": now,
    }
    context |= past_of(project, now=now)
    return render(request, "listings/detail.html", context)


def _takes_applications(project: Project, now: Any) -> bool:
    in_time = project.closes_at is None or project.closes_at > now
    return project.state == ProjectState.OPEN and in_time and project.places_left > 0


def _person(request: Request) -> User | None:
    """Return who reads; visitors are nobody. Open pages have both, which the type of a request does not say."""
    user: object = request.user
    return user if isinstance(user, User) else None


def _reader(request: Request) -> Reader | None:
    person = _person(request)
    return reader_of(expert_of(person), today=clock.now().date()) if person else None


def _frame(reader: Reader | None) -> dict[str, Any]:
    """Return the frame of the page: the expert's own navigation, or that for visitors."""
    return {"reader": reader, "layout": "layouts/expert.html" if reader else "layouts/public.html"}
