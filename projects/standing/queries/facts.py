"""Counting what a certificate says, from the rows of the rooms that hold it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from experts.credentials.models import Credential
from experts.credentials.queries import reached_steps
from experts.profiles.models import Expert, Field
from experts.vetting.queries import approved_cases
from payments.ledger.models import Entry
from projects.hours.models import PayLine
from projects.listings.enums import TaskKind
from projects.listings.models import Project
from projects.standing.enums import NAMED_STEPS
from projects.standing.shapes import Facts, NamedCredential, WorkOfKind
from projects.work.enums import AssignmentState, ReviewDecision
from projects.work.models import Assignment, Review


def facts_of(expert: Expert, field: Field | None, *, credential_ids: Iterable[UUID], now: datetime) -> Facts:
    """
    Return what can be said of the expert's work as of now.

    :param field: only gigs of this field or a specialty of it; None is all work.
    :param credential_ids: which credentials to name; those that nobody but the expert has looked at are left out.
    """
    work, by_silence = _work(expert, field)
    paid = _in_field(paid_lines(expert), field, "timesheet__contract__project").aggregate(
        minutes=Sum("minutes", default=0), first=Min("day"), last=Max("day")
    )
    vetted = approved_cases(expert)
    if field is not None:
        vetted = vetted.filter(Q(field=field) | Q(field__parent=field))
    chosen = set(credential_ids)
    return Facts(
        as_of=now,
        field=field.name if field else "",
        work=work,
        by_silence=by_silence,
        minutes=paid["minutes"],
        first_day=paid["first"],
        last_day=paid["last"],
        vetted=tuple((case.field.name, case.decided_at.date()) for case in vetted if case.decided_at),
        credentials=tuple(_named(row) for row in credentials_to_name(expert) if row.public_id in chosen),
    )


def paid_lines(expert: Expert) -> QuerySet[PayLine]:
    """Return the lines that labs approved and were charged for, without those whose charge was reversed."""
    rows = PayLine.objects.approved().filter(timesheet__contract__expert=expert, minutes__gt=0)
    kept: QuerySet[PayLine] = rows.filter(~Exists(reversed_charge()))
    return kept


def reversed_charge() -> QuerySet[Entry]:
    """Return, inside a query over pay lines, the entry that charged the line if it was reversed."""
    key = Concat(
        Value("approval:"),
        Cast(OuterRef("public_id"), CharField()),
        Value(":"),
        Cast(OuterRef("timesheet__revision"), CharField()),
    )
    return Entry.objects.filter(key=key, reversed_by__isnull=False)


def _work(expert: Expert, field: Field | None) -> tuple[tuple[WorkOfKind, ...], int]:
    """Return the decided work by kind, the most of it first, and how much was accepted because nobody looked."""
    decided = Assignment.objects.filter(
        contract__expert=expert, state__in=[AssignmentState.ACCEPTED, AssignmentState.REJECTED]
    )
    rows = _in_field(decided, field, "project")
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    by_kind = rows.order_by().values_list("task__batch__template__kind", "state").annotate(count=Count("pk"))
    for kind, state, count in by_kind:
        counts[kind][state] = count
    silent = Review.objects.filter(
        submission__assignment=OuterRef("pk"), reviewer__isnull=True, decision=ReviewDecision.ACCEPT
    )
    work = [
        WorkOfKind(
            kind=kind.lower(),
            label=str(TaskKind(kind).label),
            accepted=found.get(AssignmentState.ACCEPTED, 0),
            decided=sum(found.values()),
        )
        for kind, found in counts.items()
    ]
    ordered = sorted(work, key=lambda one: (-one.decided, one.kind))
    return tuple(ordered), rows.filter(Exists(silent), state=AssignmentState.ACCEPTED).count()


def _in_field(rows: Any, field: Field | None, path: str) -> Any:
    """Return the rows whose project, found at `path`, names the field or a specialty of it."""
    if field is None:
        return rows
    projects = Project.objects.filter(Q(fields=field) | Q(fields__parent=field))
    return rows.filter(**{f"{path}__in": projects.values("pk")})


def fields_with_work(expert: Expert) -> list[Field]:
    """Return the fields, and those above them, in which the expert has paid time or decided work. Two queries."""
    hired = Project.objects.filter(
        Exists(paid_lines(expert).filter(timesheet__contract__project=OuterRef("pk")))
        | Exists(
            Assignment.objects.filter(contract__expert=expert, project=OuterRef("pk"), state=AssignmentState.ACCEPTED)
        )
    )
    named = Field.objects.filter(projects__in=hired).distinct()
    wanted = {pk for pair in named.values_list("pk", "parent_id") for pk in pair if pk is not None}
    return list(Field.objects.filter(pk__in=wanted).in_reading_order())


def credentials_to_name(expert: Expert) -> list[Credential]:
    """Return the credentials that count and that somebody else than the expert has looked at, with their steps."""
    rows = Credential.objects.counting().filter(expert=expert, step__in=NAMED_STEPS)
    return list(rows.defer("number").with_ladder())


def _named(credential: Credential) -> NamedCredential:
    move = reached_steps(credential).get(credential.step)
    return NamedCredential(
        ref=str(credential.public_id),
        label=credential.label,
        step=credential.step,
        since=(move.at if move else credential.declared_at).date(),
        seen_on=move.seen_on if move else None,
        expires_on=credential.expires_on,
    )
