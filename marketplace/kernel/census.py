"""A count of all durable jobs, whatever room they belong to: what is due and since when, and what is parked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db.models import Count, Min

from marketplace.kernel.jobs import Job


@dataclass(frozen=True, slots=True)
class Standing:
    """How the jobs of one kind stand. `kind` is the model, "notices.EmailMessage"."""

    kind: str
    due: int
    oldest_due_at: datetime | None
    parked: int


def take_census(now: datetime) -> list[Standing]:
    """Return the standing of every kind of job, by its name. Two small index scans each."""
    return [_standing(jobs, now) for jobs in sorted(job_models(), key=lambda model: model._meta.label)]


def job_models() -> list[type[Job]]:
    """Return the tables of jobs of all rooms."""
    return [model for model in apps.get_models() if issubclass(model, Job)]


def _standing(jobs: type[Job], now: datetime) -> Standing:
    due = jobs.objects.due(now).order_by().aggregate(count=Count("pk"), oldest=Min("not_before"))
    parked = jobs.objects.parked().count()
    return Standing(jobs._meta.label, due["count"], due["oldest"], parked)
