"""Questions about what members of a lab wrote about a candidate."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from marketplace.accounts.models import User
from projects.hiring.enums import DEFAULT_CRITERIA, LIVE_APPLICATION_STATES
from projects.hiring.models import Application, CandidateNote, Criteria, Scorecard, ScorecardMark
from projects.listings.models import Project


def criteria_of(project: Project) -> list[str]:
    """Return what candidates of a project are scored on."""
    texts = Criteria.objects.filter(project=project).values_list("texts", flat=True).first()
    return list(texts or DEFAULT_CRITERIA)


@dataclass(frozen=True, slots=True)
class Scores:
    """What a reader may see of the scorecards of a candidate: their number always, the cards once they have given theirs."""

    count: int
    cards: list[Scorecard]
    own: Scorecard | None
    is_blind: bool

    @property
    def average(self) -> float | None:
        """The mean over the cards that may be seen."""
        return sum(card.average for card in self.cards) / len(self.cards) if self.cards else None


def scores_of(application: Application, reader: User) -> Scores:
    """
    Return the scorecards that a member of the lab may see. Two queries.

    Whoever has not given their own sees only how many there are, so that nobody writes down what others think. Once the
    application is decided, there is nothing to protect any more.
    """
    rows = Scorecard.objects.visible_to(reader).filter(application=application)
    marks = Prefetch("marks", ScorecardMark.objects.order_by("position"))
    cards = list(rows.select_related("scorer").prefetch_related(marks).order_by("pk"))
    own = next((card for card in cards if card.scorer_id == reader.pk), None)
    is_blind = own is None and application.state in LIVE_APPLICATION_STATES and application.decided_at is None
    return Scores(len(cards), [] if is_blind else cards, own, is_blind)


def notes_about(application: Application, reader: User) -> QuerySet[CandidateNote]:
    """Return the lab's notes about a candidate, the newest first."""
    rows: QuerySet[CandidateNote] = CandidateNote.objects.visible_to(reader).filter(application=application)
    return rows.select_related("author").order_by("-pk")
