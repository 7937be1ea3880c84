"""Statistics of questions and of scorers, only where there are enough answers for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from experts.assessments import figures
from experts.assessments.enums import FEWEST_FOR_STATISTICS, FULL_BPS, RUBRIC_TOP, AttemptState
from experts.assessments.models import AttemptQuestion, QuestionVersion, Script
from experts.assessments.queries.scripts import Agreement, pairs_of
from experts.profiles.models import Field

TOO_EASY, TOO_HARD, TELLS_LITTLE = 0.95, 0.20, 0.15


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One version of a question: how many first attempts met it, p and discrimination where n allows, what to look at."""

    version: QuestionVersion
    n: int
    p: float | None
    r: float | None
    unanswered: int
    flags: list[str]

    @property
    def missing(self) -> int:
        """How many more answers are needed before the figures say something."""
        return max(0, FEWEST_FOR_STATISTICS - self.n)


def figures_of_field(field: Field) -> list[ItemFigures]:
    """
    Return the figures of every version that first attempts of this field met, the most doubtful first. Two queries.

    Later attempts are left out: who meets a question twice knows it.
    """
    rows = AttemptQuestion.objects.filter(
        attempt__state=AttemptState.SCORED, attempt__number=1, attempt__assessment__field=field
    )
    marks = rows.values_list("attempt_id", "version_id", "credit_bps", "version__points", "saved_at")
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    by_version: dict[int, list[tuple[int, int, int, bool]]] = defaultdict(list)
    for attempt, version, earned, points, saved_at in marks:
        credit = earned or 0  # of a scored attempt, so never none
        totals[attempt][0] += credit * points
        totals[attempt][1] += points
        by_version[version].append((attempt, credit, points, saved_at is None))
    versions = QuestionVersion.objects.select_related("question").in_bulk(by_version)
    found = [_figures(versions[pk], met, totals) for pk, met in by_version.items()]
    return sorted(found, key=lambda one: (not one.flags, one.n < FEWEST_FOR_STATISTICS, one.version.question_id))


def _figures(
    version: QuestionVersion, met: Sequence[tuple[int, int, int, bool]], totals: dict[int, list[int]]
) -> ItemFigures:
    n, unanswered = len(met), sum(blank for _attempt, _credit, _points, blank in met)
    if n < FEWEST_FOR_STATISTICS:
        return ItemFigures(version, n, None, None, unanswered, [])
    shares = [credit / FULL_BPS for _attempt, credit, _points, _blank in met]
    rest = [_rest(totals[attempt], credit, points) for attempt, credit, points, _blank in met]
    p, r = figures.difficulty(shares), figures.discrimination(shares, rest)
    return ItemFigures(version, n, p, r, unanswered, _flags(p, r))


def _rest(total: Sequence[int], credit: int, points: int) -> float:
    """Return the share of the points on all other questions of the same attempt."""
    others = total[1] - points
    return (total[0] - credit * points) / (others * FULL_BPS) if others else 0.0


def _flags(p: float, r: float | None) -> list[str]:
    found = []
    if p > TOO_EASY:
        found.append(_("nearly everybody gets it right"))
    if p < TOO_HARD:
        found.append(_("hardly anybody gets it right"))
    if r is not None and r < 0:
        found.append(_("better experts get it wrong: look at the key"))
    elif r is not None and r < TELLS_LITTLE:
        found.append(_("tells good from weak hardly apart"))
    return found


def agreement_overall(field: Field) -> tuple[int, Agreement | None]:
    """Return how many scripts were settled in a field, and how far the first two people agreed over all their marks."""
    scripts = list(Script.objects.settled().filter(field=field).prefetch_related("sheets").order_by("-pk")[:500])
    pairs: list[tuple[int, int]] = []
    gaps: list[int] = []
    for script in scripts:
        scored = [(one.scored_at, one.pk, one) for one in script.sheets.all() if one.scored_at is not None]
        sheets = [one for _at, _pk, one in sorted(scored)[:2]]
        if len(sheets) == 2:
            pairs += pairs_of(sheets[0].marks, sheets[1].marks)
            gaps.append(abs((sheets[0].score_bps or 0) - (sheets[1].score_bps or 0)))
    if len(pairs) < FEWEST_FOR_STATISTICS:
        return len(scripts), None
    kappa = figures.weighted_kappa(pairs, top=RUBRIC_TOP)
    return len(scripts), Agreement(len(pairs), figures.exact_agreement(pairs), kappa, sum(gaps) // len(gaps))
