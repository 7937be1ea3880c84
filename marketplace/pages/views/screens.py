"""The first screens of the expert's and the lab's front doors."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from experts.profiles.models import Expert
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.money import format_money
from marketplace.pages.queries import expert as expert_queries
from marketplace.pages.queries import lab as lab_queries
from marketplace.pages.queries.public import newest_gigs
from projects.labs.enums import MANAGING_ROLES
from projects.labs.queries import lab_or_404, role_in


@require_GET
def expert_home(request: Request) -> HttpResponse:
    """What shall I do next, what have I earned, when is it paid."""
    now = clock.now()
    weeks = expert_queries.weeks_picture(request.user, now)
    money = expert_queries.earnings(request.user, now)
    context = {
        "now": now,
        "expert": Expert.objects.filter(user=request.user).first(),
        "period": clock.period_label(clock.period_of(now)),
        "todos": expert_queries.todos(request.user, now),
        "earnings": money,
        "waiting": expert_queries.waiting_on_others(request.user),
        "contracts": expert_queries.running_contracts(request.user, now),
        "gigs": newest_gigs(3),
        "week_labels": [week.label for week in weeks],
        "week_series": _hours_series(weeks, money.currency),
        "week_tops": [format_money(week.pay_minor, money.currency) if week.pay_minor else "" for week in weeks],
        "has_weeks": any(week.seconds for week in weeks),
    }
    return render(request, "pages/expert_home.html", context)


def _hours_series(weeks: list[expert_queries.WeekBar], currency: str) -> list[dict[str, Any]]:
    texts = [
        f"{week.seconds // 3600}:{week.seconds % 3600 // 60:02d}, {format_money(week.pay_minor, currency)}"
        for week in weeks
    ]
    return [{"name": "Hours", "values": [round(week.seconds / 3600, 2) for week in weeks], "texts": texts}]


@require_GET
def lab_overview(request: Request, slug: str) -> HttpResponse:
    """Is the work getting done, is it good, what does it cost."""
    lab = lab_or_404(request.user, slug)
    now = clock.now()
    days, accepted = lab_queries.accepted_by_day(lab, now)
    weeks, pay, fee = lab_queries.spend_by_week(lab, now)
    role = role_in(lab, request.user)
    context = {
        "lab": lab,
        "lab_role": role,
        "sees_money": role in MANAGING_ROLES,
        "now": now,
        "to_decide": lab_queries.to_decide(lab, manages=role in MANAGING_ROLES),
        "figures": lab_queries.figures(lab, now),
        "projects": lab_queries.projects_of(lab),
        "day_labels": days,
        "day_series": [{"name": "Accepted", "values": accepted, "texts": [str(count) for count in accepted]}],
        "week_labels": weeks,
        "week_series": [
            {"name": "Pay", "values": [minor / 100 for minor in pay], "texts": [format_money(minor) for minor in pay]},
            {"name": "Fee", "values": [minor / 100 for minor in fee], "texts": [format_money(minor) for minor in fee]},
        ],
        "has_spend": any(pay),
        "has_accepted": any(accepted),
    }
    return render(request, "pages/lab_overview.html", context)
