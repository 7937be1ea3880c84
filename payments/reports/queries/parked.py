"""Jobs of the money rooms that are parked: which there are, and what a person reads of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from marketplace.kernel.jobs import Job
from payments.funding.models import FundingEvent
from payments.gateway.models import StripeEvent
from payments.payouts.models import PayoutEvent, PayoutJob, PayRun

MONEY_JOBS: Final[dict[str, tuple[Any, type[Job]]]] = {
    "stripe-event": (_("Stripe"), StripeEvent),
    "funding-event": (_("Funding"), FundingEvent),
    "payout-event": (_("Payouts"), PayoutEvent),
    "payout-job": (_("Pay runs"), PayoutJob),
}
"""Kind of job, as it is called in a form -> the room that people know it by, and its table."""
MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """One job that needs a person. `run` is the pay run that it belongs to, if it does."""

    kind: str
    id: int
    room: str
    name: str
    attempts: int
    queued_at: datetime
    last_error: str
    run: PayRun | None


def parked_jobs() -> list[ParkedJob]:
    """Return the parked jobs of the money rooms, the oldest first, at most a hundred of each kind."""
    found = [
        ParkedJob(
            kind=kind,
            id=job.pk,
            room=str(room),
            name=_name(job),
            attempts=job.attempts,
            queued_at=job.queued_at,
            last_error=job.last_error,
            run=job.run if isinstance(job, PayoutJob) else None,
        )
        for kind, (room, jobs) in MONEY_JOBS.items()
        for job in _rows(jobs)
    ]
    return sorted(found, key=lambda job: job.queued_at)


def _rows(jobs: type[Job]) -> list[Job]:
    rows: Any = jobs.objects.parked().order_by("queued_at", "pk")
    return list((rows.select_related("run") if jobs is PayoutJob else rows)[:MOST_ROWS])


def _name(job: Job) -> str:
    if isinstance(job, PayoutJob):
        return str(job.get_kind_display())
    return str(getattr(job, "name", "") or getattr(job, "type", ""))


def count_parked() -> int:
    """Return how many jobs of the money rooms are parked."""
    return sum(int(jobs.objects.parked().count()) for _room, jobs in MONEY_JOBS.values())
