"""The lab's side: weeks to approve, and weeks that were."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from projects.hours.enums import TimesheetState
from projects.hours.models import PayLine, TimeEntry, Timesheet
from projects.labs.models import Lab

LINES = Prefetch("lines", PayLine.objects.order_by("day"))
ENTRIES = Prefetch("entries", TimeEntry.objects.order_by("during"))


def weeks_to_approve(lab: Lab) -> QuerySet[Timesheet]:
    """Return the lab's weeks in review, the nearest clock first, with lines and entries."""
    rows = Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.SUBMITTED).with_people()
    return rows.prefetch_related(LINES, ENTRIES).order_by("review_ends_at", "pk")


def weeks_approved(lab: Lab) -> QuerySet[Timesheet]:
    """Return the lab's approved weeks that were charged, the newest first."""
    rows = Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.APPROVED, lines__isnull=False).distinct()
    rows = rows.with_people().select_related("approved_by")
    return rows.prefetch_related(LINES).order_by("-period", "-pk")


def waiting_after(rows: QuerySet[Timesheet], pk: int | None) -> QuerySet[Timesheet]:
    """Return what follows a week in the order of `weeks_to_approve`; the first page if there is no such week."""
    last = Timesheet.objects.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(
        Q(review_ends_at__gt=last.review_ends_at) | Q(review_ends_at=last.review_ends_at, pk__gt=last.pk)
    )


def approved_after(rows: QuerySet[Timesheet], pk: int | None) -> QuerySet[Timesheet]:
    """Return what follows a week in the order of `weeks_approved`; the first page if there is no such week."""
    last = Timesheet.objects.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(Q(period__lt=last.period) | Q(period=last.period, pk__lt=last.pk))


def hours_waiting(lab: Lab) -> int:
    """Return how many weeks wait for the lab's approval."""
    return int(Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.SUBMITTED).count())
