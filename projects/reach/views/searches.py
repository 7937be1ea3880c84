"""A person's saved searches: save, look, change, pause, run, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles.queries import expert_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.listings.queries import board
from projects.listings.queries.cards import cards, reader_of
from projects.reach import queries
from projects.reach.actions import searches as actions
from projects.reach.enums import SEARCHES_MAX, Frequency
from projects.reach.forms import CONSEQUENCES, ChangeForm, SaveForm
from projects.reach.models import SavedSearch
from projects.reach.queries.matches import filters_of, name_of, newest_query, plain_query, words_of
from projects.reach.queries.searches import gets_email, same_search, searches_of, unseen_gigs

GIGS_SHOWN = 50


@require_GET
def search_list(request: Request) -> HttpResponse:
    """All searches of the person, with how many gigs are new in each."""
    rows = searches_of(request.user, clock.now())
    context = {"rows": rows, "most": SEARCHES_MAX, "gets_email": gets_email(request.user)}
    return render(request, "reach/searches.html", context)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Save what the board was asked; the address carries the board's own query."""
    now = clock.now()
    mine = list(SavedSearch.objects.visible_to(request.user).order_by("name", "pk"))
    form = SaveForm(request.POST, mine=mine) if request.method == "POST" else None
    if form is not None and form.is_valid():
        wanted = actions.Wanted(
            query=plain_query(filters_of(form.cleaned_data["query"])),
            name=form.cleaned_data["name"],
            frequency=form.cleaned_data["frequency"],
        )
        saved = actions.save_search(wanted=wanted, by=request.user, now=now, instead_of=form.replaced)
        messages.success(request, _("Saved. New gigs show up here from now on."))
        return redirect("reach:search", saved.public_id)
    filters = filters_of(form["query"].value() or "" if form else request.GET)
    query = plain_query(filters)
    there = same_search(request.user, query)
    if there is not None and form is None:
        messages.info(request, _("You keep this search already. This is it."))
        return redirect("reach:edit", there.public_id)
    words = words_of([filters])[0]
    initial = {"name": name_of(words)[: form_name_max()], "frequency": Frequency.DAILY, "query": query}
    context = {
        "form": form or SaveForm(initial=initial, mine=mine),
        "words": words,
        "hints": CONSEQUENCES,
        "total": board(filters, now=now, size=1).total,
        "board_url": board_url(query),
    }
    return render(request, "reach/new.html", context, status=400 if form else 200)


def form_name_max() -> int:
    return int(ChangeForm.base_fields["name"].max_length)  # type: ignore[attr-defined]


def board_url(query: str) -> str:
    """Return the board with this query."""
    return f"{reverse('listings:board')}?{query}"


@require_GET
def search(request: Request, search_id: UUID) -> HttpResponse:
    """One search: what it found since the person looked last."""
    now = clock.now()
    row = queries.search_or_404(request.user, search_id)
    gigs = unseen_gigs(row, now, most=GIGS_SHOWN + 1)
    reader = reader_of(expert_of(request.user), today=now.date())
    context = {
        "search": row,
        "words": words_of([filters_of(row.query)])[0],
        "cards": cards(gigs[:GIGS_SHOWN], reader=reader, today=now.date()),
        "has_more": len(gigs) > GIGS_SHOWN,
        "board_url": board_url(newest_query(row.query)),
        "gets_email": gets_email(request.user),
        "now": now,
    }
    return render(request, "reach/search.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: Request, search_id: UUID) -> HttpResponse:
    """Change its name and how often; what it looks for is changed on the board."""
    row = queries.search_or_404(request.user, search_id)
    initial = {"name": row.name, "frequency": row.frequency}
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        actions.change_search(
            search_id=row.public_id, name=said["name"], frequency=said["frequency"], by=request.user, now=clock.now()
        )
        messages.success(request, _("Saved."))
        return redirect("reach:search", row.public_id)
    context: dict[str, Any] = {
        "search": row,
        "form": form,
        "words": words_of([filters_of(row.query)])[0],
        "hints": CONSEQUENCES,
        "board_url": board_url(row.query),
    }
    return render(request, "reach/edit.html", context, status=400 if form.errors else 200)


@require_POST
def run(request: Request, search_id: UUID) -> HttpResponse:
    """Go to the board with this search, the newest first; nothing it found is new after that."""
    row = queries.search_or_404(request.user, search_id)
    actions.mark_seen(search_id=row.public_id, by=request.user, now=clock.now())
    return redirect(board_url(newest_query(row.query)))


@require_POST
def pause(request: Request, search_id: UUID) -> HttpResponse:
    row = queries.search_or_404(request.user, search_id)
    actions.pause_search(search_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Paused. It looks for nothing until you switch it on again."))
    return redirect("reach:searches")


@require_POST
def resume(request: Request, search_id: UUID) -> HttpResponse:
    row = queries.search_or_404(request.user, search_id)
    actions.resume_search(search_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("On again. What appeared meanwhile and is still open comes next."))
    return redirect("reach:searches")


@require_http_methods(["GET", "POST"])
def delete(request: Request, search_id: UUID) -> HttpResponse:
    """Ask, then delete."""
    row = queries.search_or_404(request.user, search_id)
    if request.method == "POST":
        actions.delete_search(search_id=row.public_id, by=request.user, now=clock.now())
        messages.success(request, _("Deleted."))
        return redirect("reach:searches")
    return render(request, "reach/delete.html", {"search": row})
