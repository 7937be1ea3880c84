"""Nothing waits for Redis: with no broker and no worker, `manage.py sweep --loop` alone does what is due, money included."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marketplace.kernel import registry
from marketplace.kernel.jobs import JobState
from marketplace.notices.models import EmailMessage
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor
from payments.payouts import actions
from payments.payouts.enums import RunState
from payments.payouts.models import Attempt, PayItem
from tests.factories.payments_payouts import approved_run, fund, make_finance, make_payee
from tests.faults.world import TRANSFERS, last_period
from tests.payments.gateway.standin import StandIn
from tests.support import processes
from tests.support.processes import Process, wait_until

PAYEES = 6


@pytest.mark.full
def test_the_sweep_alone_pays_a_whole_run_exactly_once(
    transactional_db: None, silent_broker: str, standin: StandIn, tmp_path: Path
):
    now = datetime.now(tz=UTC)
    finance = make_finance()
    fund(standin, 10_000_00)
    payees = [make_payee(standin, owed_minor=500_00 + number, name=f"Payee {number}") for number in range(PAYEES)]
    run = approved_run(finance, period=last_period(now), now=now)
    standin.faults({"method": "POST", "path": TRANSFERS, "nth": 3, "action": "lose_answer"})
    actions.execute_run(run_id=run.public_id, by=finance.preparer, now=datetime.now(tz=UTC))

    env = processes.environment(silent_broker, tmp_path / "data") | {"STRIPE_SIMULATOR_URL": standin.address}
    env.pop("STRIPE_SECRET_KEY", None)
    sweep = Process("sweep", [sys.executable, "manage.py", "sweep", "--loop", "--every", "0.2"], env, tmp_path)
    sweep.start()
    try:

        def is_over() -> bool:
            assert sweep.runs, sweep.output[-3000:]
            run.refresh_from_db()
            # A job is marked as done in a transaction of its own, after what it did: a stop between the two leaves it due.
            jobs_left = run.jobs.exclude(job_state=JobState.DONE).exists()
            letters_left = EmailMessage.objects.exclude(job_state=JobState.DONE).exists()
            return run.state == RunState.RECONCILED and not jobs_left and not letters_left

        wait_until(is_over, within=90, what="the run to be paid")
    finally:
        sweep.stop()

    items = list(PayItem.objects.filter(run=run))
    sent = standin.state()["transfers"]
    assert Counter(one["metadata"]["item"] for one in sent) == {str(item.public_id): 1 for item in items}
    assert sorted(one["amount"] for one in sent) == [500_00 + number for number in range(PAYEES)]
    assert {attempt.number for attempt in Attempt.objects.all()} == {1}
    assert {balance_minor(AccountCode.EXPERT_PAYABLE, user.public_id) for user in payees} == {0}
    assert registry.check_invariants() == {}
    assert run.jobs.exclude(job_state=JobState.DONE).count() == 0
    assert EmailMessage.objects.filter(kind="payouts", job_state=JobState.DONE).count() == PAYEES
