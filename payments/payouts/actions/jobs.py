"""Working off this room's jobs and events, and what the sweeper rings again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from marketplace.kernel import jobs
from marketplace.kernel.jobs import ring_due
from payments.payouts import signals, tasks
from payments.payouts.actions.accounts import refresh_account
from payments.payouts.actions.lookups import look_up_group
from payments.payouts.actions.reconciliation import reconcile_all, reconcile_run
from payments.payouts.actions.runs import compute_run, finish_screening
from payments.payouts.actions.sending import ring_items
from payments.payouts.actions.settling import settle_if_done
from payments.payouts.enums import ItemState, PayoutJobKind
from payments.payouts.models import PayItem, PayoutEvent, PayoutJob, PayRun

SWEEP_LIMIT = 500


def perform_job(*, job_id: int, now: datetime) -> bool:
    """Do one long work; return whether this call did it. An error makes it due again after a growing pause."""
    return jobs.perform(PayoutJob.objects.all(), pk=job_id, now=now, work=lambda job: _work(job, now=now))


def _work(job: PayoutJob, *, now: datetime) -> None:
    if job.account is not None:
        refresh_account(stripe_account_id=str(job.account.stripe_account_id), now=now)
    elif job.run is None:
        reconcile_all(now=now)
    else:
        WORKS[job.kind](job.run, now)


def _send(run: PayRun, now: datetime) -> None:
    """Look the group up (rules 6 and 7), then ring for everything that may go."""
    look_up_group(run_id=run.public_id, now=now)
    ring_items(run.items.all(), now=now)
    settle_if_done(run_pk=run.pk, now=now)


WORKS: dict[str, Callable[[PayRun, datetime], object]] = {
    PayoutJobKind.COMPUTE: lambda run, now: compute_run(run_id=run.public_id, now=now),
    PayoutJobKind.BEGIN: _send,
    PayoutJobKind.LOOK_UP: _send,
    PayoutJobKind.RECONCILE: lambda run, now: reconcile_run(run_id=run.public_id, now=now),
}


def deliver_event(*, event_id: int, now: datetime) -> bool:
    """Send one event to the rooms above; where nobody screens payees, a drafted run counts as screened."""

    def work(event: PayoutEvent) -> None:
        signal = signals.BY_NAME[event.name]
        signal.send(sender=PayoutEvent, now=now, **event.payload)
        if signal is signals.run_drafted and not signal.has_listeners(PayoutEvent):
            finish_screening(run_id=event.payload["run_id"], now=now)

    return jobs.perform(PayoutEvent.objects.all(), pk=event_id, now=now, work=work)


# ----------------------------------------------------------------------------------------------------------- sweeps


def ring_due_items(now: datetime) -> int:
    """Ring for items of runs that nobody works on: where a call is open, the other messages are still in the queue."""
    busy = PayItem.objects.filter(state=ItemState.SENDING, lease_until__gt=now).values("run")
    return ring_items(PayItem.objects.exclude(run__in=busy), now=now, limit=SWEEP_LIMIT)


def ring_due_jobs(now: datetime) -> int:
    return ring_due(PayoutJob.objects.all(), now=now, ring=lambda pk: tasks.perform_job.delay(job_id=pk))


def ring_due_events(now: datetime) -> int:
    return ring_due(PayoutEvent.objects.all(), now=now, ring=lambda pk: tasks.deliver_event.delay(event_id=pk))
