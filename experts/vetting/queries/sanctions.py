"""Who is to be screened, who is held, and the hits that people decide on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from experts.profiles.models import Expert
from experts.registries.models import RegistryImport
from experts.vetting.models import Hit, HitDecision, Screening
from marketplace.accounts.models import User


def to_screen(newest: RegistryImport, *, threshold: int) -> QuerySet[Expert]:
    """Return the people who were not screened against this list under their present name and with this threshold."""
    done = Screening.objects.filter(
        expert=OuterRef("pk"), seen_in=newest, name=OuterRef("user__full_name"), threshold=threshold
    )
    return Expert.objects.filter(~Exists(done), user__is_active=True).order_by("pk")


def people_to_hold() -> QuerySet[User]:
    """
    Return the people who are not paid because of the sanctions list: somebody still compares them with an entry, or two
    people found that they are the one. For rooms that pay.
    """
    return User.objects.filter(expert__sanction_hits__in=Hit.objects.blocking()).distinct().order_by("pk")


def hits(user: User, *, states: Collection[str]) -> Any:
    """Return the hits in these states that a member of staff may see, with both sides."""
    return Hit.objects.visible_to(user).filter(state__in=states).with_both()


def hits_waiting(request: HttpRequest) -> int | None:
    """Return how many hits wait for somebody, for the badge."""
    if not request.user.is_authenticated:
        return None
    return int(Hit.objects.visible_to(request.user).waiting().count())


def decisions_on(hit: Hit) -> QuerySet[HitDecision]:
    """Return what was said about a hit so far, the newest first."""
    return hit.decisions.select_related("decided_by").order_by("-pk")


def screenings_of(expert: Expert) -> QuerySet[Screening]:
    """Return the last screenings of a person, the newest first."""
    return Screening.objects.filter(expert=expert).select_related("seen_in").order_by("-pk")[:6]
