"""What is asked of an expert, where each part stands, and how many unpaid minutes that makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from experts.assessments.enums import UNPAID_MINUTES, InterviewState
from experts.assessments.models import Ask, Assessment, Attempt, Guide, Interview, Question
from experts.profiles.models import Expert, Field


def papers_of(field: Field) -> tuple[bool, bool]:
    """Return whether an assessment and whether an interview is published that a case in this field would ask."""
    assessment, guide = (papers.objects.for_field(field).published().exists() for papers in (Assessment, Guide))
    return assessment, guide


def fields_with_papers() -> QuerySet[Field]:
    """Return the fields for which an assessment or an interview is published, or for the field above them."""
    own = [papers.objects.published().values("field") for papers in (Assessment, Guide)]
    return Field.objects.filter(Q(pk__in=own[0]) | Q(pk__in=own[1]) | Q(parent__in=own[0]) | Q(parent__in=own[1]))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an expert stands with an assessment: what is open, what is behind them, and when they may try again."""

    attempts: list[Attempt]  # the newest first
    open: Attempt | None
    number: int  # of the next attempt
    left: int  # attempts that may still be made
    next_at: datetime | None  # while cooling off
    has_passed: bool
    refusal: str  # why nothing can begin now; "" when it can

    @property
    def last(self) -> Attempt | None:
        return self.attempts[0] if self.attempts else None


def standing_of(expert: Expert, assessment: Assessment, *, now: datetime) -> Standing:
    """Return where the expert stands. One query."""
    rows = Attempt.objects.filter(expert=expert, assessment=assessment).select_related("version").order_by("-number")
    return _standing(list(rows), assessment, now=now)


def _standing(attempts: list[Attempt], assessment: Assessment, *, now: datetime) -> Standing:
    version, last = assessment.current, attempts[0] if attempts else None
    left = max(0, version.attempts - len(attempts)) if version else 0
    has_passed = any(attempt.has_passed for attempt in attempts)
    next_at = None
    if last is not None and last.closed_at is not None and version is not None:
        due = last.closed_at + timedelta(days=version.cooling_off_days)
        next_at = due if due > now and left and not has_passed else None
    refusal = ""
    if has_passed:
        refusal = _("You have passed this. It counts everywhere, so there is nothing to do again.")
    elif last is not None and not last.is_open and last.score_bps is None:
        refusal = _("Your last attempt is still being scored.")
    elif not left:
        refusal = _("You have used every attempt at this assessment.")
    elif next_at is not None:
        refusal = _("You can try again from %s UTC.") % f"{next_at:%d %b %Y, %H:%M}"
    return Standing(
        attempts=attempts, open=last if last is not None and last.is_open else None,
        number=(last.number if last else 0) + 1, left=left, next_at=next_at, has_passed=has_passed, refusal=refusal,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedPaper:
    """One assessment that is asked."""

    assessment: Assessment
    standing: Standing

    @property
    def is_begun(self) -> bool:
        return bool(self.standing.attempts)


@dataclass(frozen=True, slots=True)
class AskedInterview:
    """The interview that is asked, and the expert's, if it was begun. `lapsed` is an earlier one that came to nothing."""

    guide: Guide
    interview: Interview | None
    lapsed: Interview | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything one case or application asks."""

    ask: Ask
    papers: list[AskedPaper]
    interviews: list[AskedInterview]

    @property
    def minutes(self) -> int:
        """The unpaid minutes in sum: what was counted, and what is still to come."""
        return self.ask.unpaid_minutes + sum(self._coming())

    def _coming(self) -> list[int]:
        papers = [
            one.assessment.live.minutes for one in self.papers if not one.is_begun and not one.assessment.live.is_paid
        ]
        talks = [
            one.guide.live.minutes
            for one in self.interviews
            if one.interview is None and one.lapsed is None and not one.guide.live.is_paid
        ]
        return papers + talks

    @property
    def most(self) -> int:
        return UNPAID_MINUTES

    @property
    def is_done(self) -> bool:
        """Nothing is left that the expert could do now."""
        papers = all(one.is_begun and one.standing.open is None for one in self.papers)
        return papers and all(one.interview is not None and not one.interview.is_open for one in self.interviews)


def asks_of(expert: Expert, *, now: datetime) -> list[Asked]:
    """Return what is asked of the expert, the newest first, with what they have done. Six queries, whatever is asked."""
    asks = list(Ask.objects.open().filter(expert=expert).select_related("field").order_by("-pk"))
    papers = list(Assessment.objects.published().in_reading_order())
    guides = list(Guide.objects.published().in_reading_order())
    attempts = list(
        Attempt.objects.filter(expert=expert).select_related("version", "assessment__current").order_by("-number")
    )
    interviews = list(Interview.objects.filter(expert=expert).select_related("version").order_by("-pk"))
    return [
        Asked(
            ask=ask,
            papers=[
                AskedPaper(one, _standing([row for row in attempts if row.assessment_id == one.pk], one, now=now))
                for one in papers
                if one.field_id in (ask.field_id, ask.field.parent_id)
            ],
            interviews=[
                _asked_interview(one, interviews)
                for one in guides
                if one.field_id in (ask.field_id, ask.field.parent_id)
            ],
        )
        for ask in asks
    ]


def _asked_interview(guide: Guide, interviews: list[Interview]) -> AskedInterview:
    mine = [row for row in interviews if row.guide_id == guide.pk]
    kept = [row for row in mine if row.state != InterviewState.LAPSED]
    return AskedInterview(guide, kept[0] if kept else None, mine[0] if mine and not kept else None)


def unpaid_minutes_of_field(field: Field) -> int:
    """Return the unpaid minutes that a case in this field asks with what is published now."""
    papers = [
        row.live.minutes
        for table in (Assessment, Guide)
        for row in table.objects.published().for_field(field).select_related("current")
        if not row.live.is_paid
    ]
    return sum(papers)


def pool_of(field: Field) -> list[tuple[str, int]]:
    """Return the topics of the field's published questions, each with their number, in alphabetical order."""
    topics = Question.objects.published().filter(field=field).values_list("current__topic", flat=True)
    return sorted(Counter(topics).items())


def words_for(expert: Expert, field: Field) -> dict[str, str]:
    """Return what the placeholders of an interview say for this expert."""
    entry = expert.field_entries.filter(field=field).first()
    years = (entry.years if entry else 0) or expert.years_experience
    return {
        "field": field.name,
        "years": str(years) if years else _("several"),
        "headline": expert.headline or _("your present work"),
        "country": expert.country_name or _("your country"),
    }
