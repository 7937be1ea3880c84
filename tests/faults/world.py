"""
A small world in which everything goes wrong: a money worker that is killed, a Stripe that loses answers, a broker that
forgets, a database that drops its connections, and a clock that jumps. One seed replays one story.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from django.db import connection
from django.db.models import Sum

from marketplace.accounts.models import User
from marketplace.demo.models import BusinessClock
from marketplace.kernel import registry
from marketplace.kernel.jobs import JobState
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor
from payments.payouts import actions, queries
from payments.payouts.enums import ItemState, RunState
from payments.payouts.models import Attempt, PayItem, PayRun
from tests.factories.payments_payouts import Finance, approved_run, fund, make_finance, make_payee
from tests.payments.gateway.standin import StandIn
from tests.support.processes import READY_LIMIT, Worker, wait_until

TRANSFERS = "/v1/transfers"
PATIENCE = 90.0
"""Real seconds after which a story that has not ended counts as stuck."""


@dataclass
class World:
    """Payees who are owed money, one run that shall pay them, and the things that happen meanwhile."""

    seed: int
    standin: StandIn
    worker: Worker
    broker: str
    offset: timedelta = timedelta(0)
    story: list[str] = field(default_factory=list)
    random: random.Random = field(init=False)
    finance: Finance = field(init=False)
    run: PayRun = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._began = time.monotonic()

    # -- the set-up --------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return datetime.now(tz=UTC) + self.offset

    def approve_a_run(self, payees: int) -> None:
        """Owe money to so many people, and have the run that pays them approved by two; the worker starts meanwhile."""
        self.worker.start()
        self.finance = make_finance()
        owed = [self.random.randrange(2_500, 400_000) for _number in range(payees)]
        # Twice as much as is owed: a balance that runs dry would refuse the second payments and so hide them.
        fund(self.standin, 2 * sum(owed))
        for number, minor in enumerate(owed):
            make_payee(self.standin, owed_minor=minor, name=f"Payee {number}")
        self.run = approved_run(self.finance, period=last_period(self.now), now=self.now)
        assert self.run.items.filter(state=ItemState.QUEUED).count() == payees

    def plan_faults(self) -> None:
        """Lose two answers for certain, and let about every third call go wrong in the order that the seed says."""

        def rule(action: str, probability: float, method: str = "POST", **facts: Any) -> dict[str, Any]:
            seed = self.random.randrange(1_000_000)
            return {
                "method": method,
                "path": TRANSFERS,
                "action": action,
                "probability": probability,
                "seed": seed,
            } | facts

        certain = sorted(self.random.sample(range(2, 12), 2))
        self.standin.faults(
            {"method": "POST", "path": TRANSFERS, "action": "lose_answer", "nth": certain},
            rule("lose_request", 0.07),
            rule("lose_answer", 0.10),
            rule("429", 0.06),
            rule("409", 0.02),
            rule("500", 0.03, effect=False),
            rule("500", 0.04, effect=True),
            rule("slow", 0.10, seconds=0.2),
            rule("500", 0.10, method="GET"),
            rule("lose_answer", 0.05, method="GET"),
        )

    def execute(self) -> None:
        actions.execute_run(run_id=self.run.public_id, by=self.finance.preparer, now=self.now)

    # -- what happens ------------------------------------------------------------------------------------------

    def tell(self, words: str) -> None:
        self.story.append(f"{time.monotonic() - self._began:6.2f} s  {words}")

    def kill_child(self) -> None:
        """Kill the process that works, as the kernel does when memory runs out; its parent makes another."""
        for pid in children_of(self.worker.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.tell("killed the working child")

    def kill_worker(self) -> None:
        """Kill everything at once, as a machine that loses power would, and start it again."""
        self.worker.kill()
        self.tell("killed the whole worker")
        self.worker.restart()
        self.tell("the worker is back")

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.broker) as client:
            client.flushdb()
        self.tell("flushed the broker")

    def cut_connections(self) -> None:
        """End every other connection to this database, as a restart of the server would."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        self.tell("cut the worker's connections")

    def let_pass(self, span: timedelta) -> None:
        """Move the business clock, ours and the stand-in's."""
        self.offset += span
        BusinessClock.objects.update_or_create(pk=1, defaults={"offset_seconds": self.offset.total_seconds()})
        self.standin.order("clock", {"offset_seconds": self.offset.total_seconds()})
        self.tell(f"{span} later")

    def sweep(self) -> None:
        """Do what the sweeper does each minute, for this room."""
        for name, ring in registry.sweeps.items():
            if name.startswith("payouts."):
                ring(self.now)

    def something(self) -> None:
        """Let one thing happen."""
        happening = self.random.choices(
            [self.kill_child, self.flush_broker, self.cut_connections, self._a_while, self._a_day, self._nothing],
            weights=[30, 8, 8, 30, 4, 20],
        )[0]
        happening()

    def _nothing(self) -> None:
        self.tell("nothing")

    def _a_while(self) -> None:
        self.let_pass(timedelta(seconds=self.random.choice([20, 150, 400, 1000])))

    def _a_day(self) -> None:
        self.let_pass(timedelta(hours=self.random.choice([23, 25, 70])))

    # -- the end -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start sending, with a worker that is up and a Stripe that goes wrong."""
        wait_until(self.worker.ready, within=READY_LIMIT, what="the worker to take tasks")
        self.plan_faults()
        self.execute()

    def live_through(self, rounds: int) -> None:
        """Let things happen while the run is sent, with one death of the whole worker among them."""
        power_cut = self.random.randrange(rounds)
        for number in range(rounds):
            self.let_work(sends=self.random.randrange(1, 7))
            if number == power_cut:
                self.kill_worker()
            else:
                self.something()
            self.sweep()

    def let_work(self, *, sends: int, within: float = 2.0) -> None:
        """Wait until so many more sends were begun, or for a while; then a moment, so that no step is spared."""
        deadline = time.monotonic() + within
        begun = self._sends()
        while time.monotonic() < deadline and self._sends() < begun + sends:
            time.sleep(0.01)
        time.sleep(self.random.uniform(0.0, 0.06))

    def _sends(self) -> int:
        return int(Attempt.objects.aggregate(n=Sum("sends", default=0))["n"])

    def heal(self, enough: Callable[[], object] = lambda: False) -> None:
        """Let nothing go wrong any more, and time pass until the run is over, or until that is enough."""
        self.standin.faults()
        self.tell("nothing goes wrong any more")
        deadline = time.monotonic() + PATIENCE
        while not self.is_over() and not enough():
            assert time.monotonic() < deadline, f"Stuck:\n{self.report()}"
            self.let_pass(timedelta(minutes=8))
            time.sleep(1.1)  # The worker reads the clock's offset once a second.
            self.sweep()
            self._wait_until_the_worker_is_idle()

    def _wait_until_the_worker_is_idle(self, within: float = 15.0) -> None:
        """Wait until the queue is empty and nothing has changed for half a second, or for a while."""
        deadline, still_since, seen = time.monotonic() + within, time.monotonic(), self._pulse()
        with redis.Redis.from_url(self.broker) as client:
            while time.monotonic() < deadline and time.monotonic() < still_since + 0.5:
                time.sleep(0.05)
                # What killed workers had in their hands stays unacknowledged for a quarter of an hour; it does not count.
                if client.llen("money") or self._pulse() != seen:
                    still_since, seen = time.monotonic(), self._pulse()

    def _pulse(self) -> tuple[int, int, int]:
        """Return what changes while a worker works."""
        done = self.run.items.filter(state=ItemState.SENT).count()
        return self._sends(), done, self.run.jobs.filter(job_state=JobState.DONE).count()

    def is_over(self) -> bool:
        self.run.refresh_from_db()
        return self.run.state == RunState.RECONCILED

    def end(self) -> None:
        self.worker.kill()

    def report(self) -> str:
        """Tell everything that helps to understand a story that ended badly."""
        items = [
            f"{item.public_id} {item.state} tries={item.tries} {item.failure_code} not_before={item.not_before}"
            for item in self.run.items.exclude(state=ItemState.SENT)
        ]
        jobs = [
            f"{job} {job.job_state} {job.not_before} {job.last_error[:200]}"
            for job in self.run.jobs.order_by("-pk")[:5]
        ]
        said = [row.differences for row in self.run.reconciliations.order_by("-at")[:1]]
        lines = [
            f"seed {self.seed}, payments {sorted(self.payments().values())} {self.standin.address}",
            f"run {self.run.state} paused={self.run.is_paused} {self.run.pause_words}",
        ]
        return "\n".join([*lines, *items, *jobs, str(said), *self.story, self.worker.output[-4000:]])

    # -- what must be true at the end --------------------------------------------------------------------------

    def payments(self) -> Counter[str]:
        """Count the transfers at Stripe by item."""
        return Counter(one["metadata"]["item"] for one in self.standin.state()["transfers"])

    def paid_more_than_once(self) -> list[str]:
        return [item for item, count in self.payments().items() if count > 1]

    def check_everybody_was_paid_exactly_once(self) -> None:
        """Compare what each payee was owed with what their account at Stripe got, to the cent; and all the books."""
        items = list(PayItem.objects.filter(run=self.run).select_related("payee"))
        assert self.payments() == {str(item.public_id): 1 for item in items}, self.report()
        got = {one["destination"]: one["amount"] for one in self.standin.state()["transfers"]}
        assert got == {item.stripe_account_id: item.net_minor for item in items}, self.report()
        for user in User.objects.filter(pk__in=[item.payee_id for item in items]):
            assert balance_minor(AccountCode.EXPERT_PAYABLE, user.public_id) == 0
        assert registry.check_invariants() == {}
        assert queries.tie_of(self.run, queries.state_rows(self.run)).difference_minor == 0
        assert actions.reconcile_run(run_id=self.run.public_id, now=self.now).differences == []
        assert balance_minor(AccountCode.STRIPE_CLEARING) == sum(item.net_minor for item in items)
        keys = Attempt.objects.values_list("key", flat=True)
        sent = [call["key"] for call in self.standin.calls(TRANSFERS)]
        assert set(sent) <= set(keys), "A key went out that was not written down before."


def last_period(now: datetime) -> date:
    """The Monday of the last week whose cut-off has passed."""
    before = now - timedelta(days=10)
    return (before - timedelta(days=before.weekday())).date()


def children_of(pid: int) -> list[int]:
    """Return the child processes of a process on Linux."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
