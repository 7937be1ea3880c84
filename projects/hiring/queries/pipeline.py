"""The pipeline of a lab: the table with its orders and filters, the board with its columns, and what is held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Avg, Count, Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from marketplace.accounts.models import User
from projects.hiring.enums import ApplicationState, HeldKind
from projects.hiring.models import Application, HeldDecision, Scorecard, ScorecardMark
from projects.hiring.queries.applications import candidates_in_turn, pipeline_counts
from projects.labs.models import Lab
from projects.listings.models import Project

BOARD_STATES: Final = (
    ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED, ApplicationState.OFFERED, ApplicationState.HIRED,
)  # fmt: skip
ENDED_STATES: Final = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN, ApplicationState.LAPSED)
COLUMN: Final = 15
"""How many candidates a column of the board shows; the table has the rest."""
CSV_ROWS: Final = 10_000

ORDERS: Final = {"": ("turn", "pk"), "newest": ("-submitted_at", "-pk"), "oldest": ("submitted_at", "pk")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the pipeline is narrowed to, and its order; empty means everything, by the lab's clocks."""

    project: Project | None = None
    state: str = ""
    text: str = ""
    unscored: bool = False
    sort: str = ""


def pipeline(lab: Lab, reader: User, wanted: Wanted) -> QuerySet[Application]:
    """
    Return the candidates as a member of the lab sees them, with their scorecards counted and what is held about them.

    `cards` counts scorecards; `average` is their mean and `is_scored` says whether the reader has given theirs, without
    which no page shows the mean.
    """
    return _with_scores(_narrowed(lab, reader, wanted), reader)


def pipeline_page(
    lab: Lab, reader: User, wanted: Wanted, *, after: int | None, size: int
) -> tuple[list[Any], int | None]:
    """
    Return one page of the pipeline, and after which application the next one begins.

    Which rows they are is found first, by themselves, so that scorecards are counted for a page and not for the lab.
    """
    rows = pipeline_after(_narrowed(lab, reader, wanted), after, wanted.sort)
    ids = list(rows.values_list("pk", flat=True)[: size + 1])
    shown = candidates_in_turn(lab).filter(pk__in=ids[:size]).order_by(*ORDERS[wanted.sort])
    return list(_with_scores(shown, reader)), ids[size - 1] if len(ids) > size else None


def _narrowed(lab: Lab, reader: User, wanted: Wanted) -> QuerySet[Application]:
    rows = candidates_in_turn(lab, wanted.project, wanted.state)
    if wanted.text:
        rows = rows.filter(expert__headline__icontains=wanted.text)
    if wanted.unscored:
        own = Scorecard.objects.filter(application=OuterRef("pk"), scorer=reader)
        rows = rows.filter(~Exists(own), decided_at__isnull=True)
    return rows.order_by(*ORDERS[wanted.sort])


def _with_scores(rows: QuerySet[Application], reader: User) -> QuerySet[Application]:
    cards = Scorecard.objects.filter(application=OuterRef("pk")).order_by()
    marks = ScorecardMark.objects.filter(scorecard__application=OuterRef("pk")).order_by()
    number = cards.values("application").annotate(number=Count("pk")).values("number")
    mean = marks.values("scorecard__application").annotate(mean=Avg("mark")).values("mean")
    return rows.annotate(
        cards=Coalesce(Subquery(number), 0),
        average=Subquery(mean),
        is_scored=Exists(cards.filter(scorer=reader)),
    ).prefetch_related(Prefetch("held", HeldDecision.objects.held(), to_attr="held_now"))


def pipeline_after(rows: QuerySet[Application], pk: int | None, sort: str) -> QuerySet[Application]:
    """Return what follows an application in the order of the list; the first page if it is not there."""
    last: Any = rows.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    if not sort:
        return rows.filter(Q(turn__gt=last.turn) | Q(turn=last.turn, pk__gt=last.pk))
    side = "lt" if sort == "newest" else "gt"
    at = last.submitted_at
    return rows.filter(Q(**{f"submitted_at__{side}": at}) | Q(**{"submitted_at": at, f"pk__{side}": last.pk}))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board: its state, how many stand there, and the first of them."""

    state: ApplicationState
    count: int
    rows: list[Application]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Board:
    """The columns, and how many ended."""

    columns: list[Column]
    ended: int

    @property
    def is_empty(self) -> bool:
        return not self.ended and not any(column.count for column in self.columns)


def board_of(lab: Lab, reader: User, project: Project | None = None) -> Board:
    """Return the board of a lab: the first candidates of each state, the most urgent first. Three queries."""
    counts = pipeline_counts(lab, project)
    rows = candidates_in_turn(lab, project)
    place = Window(RowNumber(), partition_by=F("state"), order_by=[F("turn").asc(), F("pk").asc()])
    first = rows.filter(state__in=BOARD_STATES).annotate(place=place).filter(place__lte=COLUMN).values("pk")
    shown: Any = _with_scores(candidates_in_turn(lab, project), reader).filter(
        pk__in=list(first.values_list("pk", flat=True))
    )
    by_state: dict[str, list[Application]] = {}
    for row in shown.order_by("turn", "pk"):
        by_state.setdefault(row.state, []).append(row)
    columns = [Column(state, counts.get(state, 0), by_state.get(state, [])) for state in BOARD_STATES]
    return Board(columns, sum(counts.get(state, 0) for state in ENDED_STATES))


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """What was decided with one press and can still be undone."""

    group: UUID
    kind: str
    count: int
    applies_at: datetime
    held_at: datetime
    name: str

    @property
    def is_decline(self) -> bool:
        return self.kind == HeldKind.DECLINE


def held_groups(lab: Lab) -> list[HeldGroup]:
    """Return what can still be undone in a lab, the next to count first. One query."""
    rows = (
        HeldDecision.objects.of_lab(lab)
        .held()
        .values("group", "kind", "decided_by__full_name")
        .annotate(number=Count("pk"), at=Min("applies_at"), since=Min("held_at"))
        .order_by("at")
    )
    return [
        HeldGroup(row["group"], row["kind"], row["number"], row["at"], row["since"], row["decided_by__full_name"])
        for row in rows
    ]


def lines_of(rows: QuerySet[Application]) -> Iterator[list[str]]:
    """Yield the lines of the table as text, the head first. Names stand there only of who was hired."""
    yield ["application", "candidate", "project", "state", "applied", "due", "decided", "reason", "scorecards"]
    for row in rows.prefetch_related(None)[:CSV_ROWS].iterator(chunk_size=1000):
        hired = row.state == ApplicationState.HIRED
        name = row.expert.user.get_full_name() if hired else row.expert.headline
        moments = (row.submitted_at, row.due_at if row.decided_at is None else None, row.decided_at)
        yield [
            str(row.public_id), name, row.project.title, row.state,
            *(moment.isoformat(timespec="seconds") if moment else "" for moment in moments),
            row.decline_reason, str(getattr(row, "cards", 0)),
        ]  # fmt: skip
