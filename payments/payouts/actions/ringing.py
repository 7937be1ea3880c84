"""
Steps that other actions of this room share: making a job, telling of an event, telling a payee. All need an open
transaction, so that the job, the news and their reason commit together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from marketplace.kernel.actors import System
from marketplace.kernel.events import announce
from marketplace.kernel.jobs import JobState
from payments.payouts import tasks
from payments.payouts.enums import PayoutJobKind
from payments.payouts.models import PayItem, PayoutAccount, PayoutEvent, PayoutJob, PayRun

SYSTEM: Final = System("payouts")
SOON: Final = timedelta(minutes=1)


def ring_job(kind: PayoutJobKind, run: PayRun | None, *, now: datetime, after: timedelta = timedelta(0)) -> None:
    """Have a long work done by a worker; one that waits for the same already, and not much longer, is enough."""
    due = now + after
    soon = max(due, now + SOON)
    if PayoutJob.objects.filter(kind=kind, run=run, job_state=JobState.QUEUED, not_before__lte=soon).exists():
        return
    job = PayoutJob.objects.create(kind=kind, run=run, not_before=due, queued_at=now)
    tasks.perform_job.apply_async_on_commit(kwargs={"job_id": str(job.pk)}, countdown=after.total_seconds() or None)


def ring_refresh(account: PayoutAccount, *, now: datetime) -> None:
    """Have a payout account fetched again by a worker. Its one job is set due anew, also when it was parked a day ago."""
    again = {"job_state": JobState.QUEUED, "not_before": now, "queued_at": now, "attempts": 0, "lease_until": None}
    job, _made = PayoutJob.objects.update_or_create(
        account=account, defaults=again, create_defaults=again | {"kind": PayoutJobKind.REFRESH}
    )
    tasks.perform_job.delay_on_commit(job_id=str(job.pk))


def tell_of_item(name: str, item: PayItem, *, now: datetime) -> None:
    """Announce "item_sent" or "item_rejected" to the rooms above."""
    announce(
        PayoutEvent,
        name=name,
        now=now,
        ring=tasks.deliver_event,
        item_id=str(item.public_id),
        run_id=str(item.run.public_id),
        payee_id=str(item.payee.public_id),
        period=item.run.period.isoformat(),
    )
