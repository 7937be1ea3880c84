"""How a lab treats experts, for everybody, as a page and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.listings.queries import listing_or_404
from projects.standing.queries.fairness import DAYS, NEEDED, Figure, fairness_of


@login_not_required
@require_GET
def of_lab(request: Request, slug: str) -> HttpResponse:
    """The figures of a lab that shows its name; an anonymous one looks like none."""
    return _page(request, _named_lab(slug), gig=None)


@login_not_required
@require_GET
def of_lab_json(request: Request, slug: str) -> HttpResponse:
    """The same for programs."""
    return _json(_named_lab(slug), now=clock.now())


@login_not_required
@require_GET
def of_gig(request: Request, project_id: UUID) -> HttpResponse:
    """The figures of the lab behind a gig: the way to those of a lab that stays anonymous."""
    gig = _gig(request, project_id)
    if not gig.lab.is_anonymous:
        return redirect("standing:lab_fairness", gig.lab.slug)
    return _page(request, gig.lab, gig=gig)


@login_not_required
@require_GET
def of_gig_json(request: Request, project_id: UUID) -> HttpResponse:
    """The same for programs."""
    return _json(_gig(request, project_id).lab, now=clock.now())


def _named_lab(slug: str) -> Lab:
    found: Lab = get_object_or_404(Lab.objects.filter(is_anonymous=False), slug=slug)
    return found


def _gig(request: Request, project_id: UUID) -> Project:
    return listing_or_404(_person(request), project_id)


def _person(request: Request) -> User | None:
    user: object = request.user
    return user if isinstance(user, User) else None


def _page(request: Request, lab: Lab, *, gig: Project | None) -> HttpResponse:
    person = _person(request)
    is_expert = person is not None and Expert.objects.filter(user=person).exists()
    figures = fairness_of(lab, now=clock.now())
    where = ("standing:gig_fairness_json", gig.public_id) if gig else ("standing:lab_fairness_json", lab.slug)
    context = {
        "profile": lab,
        "gig": gig,
        "counted": [figure for figure in figures if figure.is_counted],
        "uncounted": [figure for figure in figures if not figure.is_counted],
        "days": DAYS,
        "needed": NEEDED,
        "json_url": reverse(where[0], args=[where[1]]),
        "layout": "layouts/expert.html" if is_expert else "layouts/public.html",
    }
    return render(request, "standing/fairness.html", context)


def _json(lab: Lab, *, now: datetime) -> JsonResponse:
    body = {
        "lab": lab.public_name,
        "as_of": now.isoformat(),
        "days": DAYS,
        "facts_needed": NEEDED,
        "figures": [_plain(figure) for figure in fairness_of(lab, now=now)],
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _plain(figure: Figure) -> dict[str, Any]:
    return {
        "code": figure.code,
        "label": figure.label,
        "value": figure.value,
        "unit": figure.unit,
        "facts": figure.facts,
        "words": figure.words,
        "how": figure.how,
    }
