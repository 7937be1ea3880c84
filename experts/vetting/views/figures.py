"""Pictures of the work of vetting, for its staff; and how vetting works, with its figures, for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from experts.vetting import queries
from experts.vetting.enums import (
    ANSWER_DAYS,
    APPEAL_DAYS,
    DECISION_DAYS,
    DECLINE_REASON_MIN_CHARS,
    JUDGE_DAYS,
    REASON_SENTENCES,
    REASONS_OF_OUTCOME,
    AppealOutcome,
    Outcome,
)
from experts.vetting.queries import Ages, Week
from experts.vetting.views.page import require_staff
from marketplace.kernel import clock
from marketplace.kernel.http import Request


@require_GET
def workload(request: Request) -> HttpResponse:
    """How old the open cases are, how long decisions take, who has what in hand, and what appeals overturn."""
    require_staff(request)
    now = clock.now()
    weeks, public = queries.weeks_of_decisions(now), queries.public_figures(now)
    ages = queries.ages_of_open_cases(now)
    context = {
        "door": "vetting",
        "now": now,
        "counts": queries.counts_for(request.user),
        "public": public,
        "recent": queries.turnaround(queries.month_before(now), now),
        "ages": ages,
        "age_labels": [_("up to 1 day"), _("1 to 2"), _("2 to 3"), _("3 to 7"), _("over 7 days")],
        "age_series": _age_series(ages),
        "week_labels": [date_format(week.monday, "j M") for week in weeks],
        "decision_series": _decision_series(weeks),
        "day_series": _day_series(weeks),
        "appeal_series": _appeal_series(weeks),
        "has_decisions": any(week.outcomes for week in weeks),
        "has_appeals": any(week.appeals for week in weeks),
        "people": queries.workloads(now),
    }
    return render(request, "vetting/workload.html", context)


@login_not_required
@require_GET
def how(request: Request) -> HttpResponse:
    """How vetting works: the steps, the clocks, the reasons there are, and the figures of the last year."""
    reasons = [
        (outcome.label, [(code.label, REASON_SENTENCES[code]) for code in REASONS_OF_OUTCOME[outcome]])
        for outcome in (Outcome.ASK_FOR_MORE, Outcome.DECLINE)
    ]
    context = {
        "figures": queries.public_figures(clock.now()),
        "reasons": reasons,
        "days": {"decision": DECISION_DAYS, "answer": ANSWER_DAYS, "appeal": APPEAL_DAYS, "judge": JUDGE_DAYS},
        "least_chars": DECLINE_REASON_MIN_CHARS,
    }
    return render(request, "vetting/how.html", context)


def _age_series(ages: Ages) -> list[dict[str, Any]]:
    return [
        {"name": _("wait for us"), "values": ages.waiting_for_us},
        {"name": _("checks running"), "values": ages.checking},
        {"name": _("wait for the expert"), "values": ages.waiting_for_expert},
    ]


def _decision_series(weeks: Sequence[Week]) -> list[dict[str, Any]]:
    names = {Outcome.APPROVE: _("approved"), Outcome.ASK_FOR_MORE: _("more asked"), Outcome.DECLINE: _("declined")}
    return [{"name": name, "values": [week.outcomes[outcome] for week in weeks]} for outcome, name in names.items()]


def _day_series(weeks: Sequence[Week]) -> list[dict[str, Any]]:
    """The median, and on top of it what the slowest tenth took longer; the table says both in days."""
    return [
        {
            "name": _("half within"),
            "values": [week.median for week in weeks],
            "texts": [_days(week.median) if week.days else "–" for week in weeks],
        },
        {
            "name": _("nine in ten within"),
            "values": [week.p90 - week.median for week in weeks],
            "texts": [_days(week.p90) if week.days else "–" for week in weeks],
        },
    ]


def _days(value: float) -> str:
    return _("%s days") % f"{value:.1f}"


def _appeal_series(weeks: Sequence[Week]) -> list[dict[str, Any]]:
    overturned = [week.appeals[AppealOutcome.APPROVED] + week.appeals[AppealOutcome.REOPENED] for week in weeks]
    return [
        {"name": _("decline stands"), "values": [week.appeals[AppealOutcome.UPHELD] for week in weeks]},
        {"name": _("overturned"), "values": overturned},
    ]
