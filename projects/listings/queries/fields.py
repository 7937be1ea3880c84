"""What a field looks like today, counted from rows: its gigs, what they pay, for how long they are funded, what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    FloatField,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Greatest

from experts.credentials.enums import CredentialKind
from experts.profiles.models import Field
from payments.ledger.enums import CHART, AccountCode
from payments.ledger.models import LedgerAccount
from projects.listings.models import Project, Requirement

CREDENTIALS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Pay:
    """What the gigs of one currency pay an hour, from the lowest listed rate to the highest."""

    currency: str
    gigs: int
    low_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A credential that gigs of a field require, and how many of them."""

    label: str
    gigs: int


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """The facts of a field. `pay` has a line for each currency, the one of most gigs first."""

    gigs: int
    labs: int
    places: int
    funded_hours: int
    pay: tuple[Pay, ...]
    asked: tuple[Asked, ...]


def figures_of(field: Field, *, now: datetime) -> FieldFigures:
    """Return the figures of a field with those of its specialties. Three queries."""
    gigs = Project.objects.taking_applications(now).filter(field_ids__contains=[field.pk])
    lowest = Min(Coalesce("rate_min_minor", "rate_max_minor"))
    rows = gigs.order_by().values("currency").annotate(count=Count("pk"), low=lowest, high=Max("rate_max_minor"))
    pay = [Pay(row["currency"], row["count"], row["low"] or 0, row["high"] or 0) for row in rows]
    sums = _with_hours(gigs).aggregate(
        hours=Sum("hours_left"), places=Sum(F("places_wanted") - F("places_filled")), labs=Count("lab", distinct=True)
    )
    return FieldFigures(
        gigs=sum(one.gigs for one in pay),
        labs=sums["labs"] or 0,
        places=sums["places"] or 0,
        funded_hours=sums["hours"] or 0,
        pay=tuple(sorted(pay, key=lambda one: (-one.gigs, one.currency))),
        asked=_asked(gigs),
    )


def _with_hours(gigs: QuerySet[Project]) -> QuerySet[Project]:
    """
    Add how many whole hours each gig can still pay at its highest rate with the fee on top, as `queries.funds` counts them.

    The fee is rounded as money is, ties to the even unit: that is what round() of double precision does in Postgres.
    """
    funds = LedgerAccount.objects.filter(
        code=AccountCode.PROJECT_FUNDS,
        owner_kind=CHART[AccountCode.PROJECT_FUNDS].owner_kind,
        owner_ref=OuterRef("public_id"),
        currency=OuterRef("currency"),
    ).values("balance_minor")[:1]
    share = Cast(F("rate_max_minor") * F("lab__fee_bps"), FloatField()) / Value(10_000.0)
    fee = Cast(Func(share, function="round", output_field=FloatField()), BigIntegerField())
    left = Greatest(Coalesce(Subquery(funds, output_field=BigIntegerField()), Value(0)), Value(0))
    return gigs.filter(rate_max_minor__gt=0).annotate(
        hours_left=Cast(left, BigIntegerField()) / (F("rate_max_minor") + fee)
    )


def _asked(gigs: QuerySet[Project]) -> tuple[Asked, ...]:
    required = Requirement.objects.filter(project__in=gigs, is_required=True).exclude(credential_kind="")
    counted = required.order_by().values_list("credential_kind").annotate(n=Count("project", distinct=True))
    labels = dict(CredentialKind.choices)
    rows = sorted(counted, key=lambda row: (-row[1], str(labels.get(row[0], row[0]))))
    return tuple(Asked(str(labels.get(kind, kind)), n) for kind, n in rows[:CREDENTIALS_SHOWN])


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field in the overview: how many gigs, and the best rate of those in US dollars, or None."""

    gigs: int = 0
    best_minor: int | None = None


def lines_by_field(now: datetime) -> dict[int, FieldLine]:
    """Return the line of each field that has gigs, by its row id, those of its specialties included. One query."""
    unnested = Func("field_ids", function="unnest", output_field=BigIntegerField())
    rows = Project.objects.taking_applications(now).order_by().annotate(one=unnested)
    best = Max("rate_max_minor", filter=Q(currency="USD"))
    counted = rows.values_list("one").annotate(n=Count("pk"), best=best)
    return {pk: FieldLine(n, top) for pk, n, top in counted}
