"""
Vetting cases in a world in which everything goes wrong: workers are killed, sources refuse and hang, the broker forgets, the
database drops its connections, and time jumps.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import redis
from django.db import connection

from experts.vetting.enums import CaseState, CheckKind, CheckResult
from experts.vetting.models import Case, Check, Decision
from marketplace.audit.models import AuditEvent
from marketplace.demo.models import BusinessClock
from marketplace.kernel import registry
from tests.factories.experts_credentials import make_licence
from tests.factories.experts_profiles import make_expert
from tests.factories.experts_vetting import make_case
from tests.faults.providers import always_hangs, always_refuses
from tests.faults.world import children_of
from tests.support.processes import READY_LIMIT, Worker, wait_until

FOUND = {
    CheckKind.PROFILE: CheckResult.PASSED,
    CheckKind.RESUME: CheckResult.ATTENTION,  # none was sent
    CheckKind.CREDENTIAL: CheckResult.PASSED,
    CheckKind.SANCTIONS: CheckResult.NEEDS_PERSON,  # no list was imported
    CheckKind.DUPLICATE: CheckResult.PASSED,
}
"""What each check finds when its source answers."""

ASKED_BETWEEN = 8
"""How many experts ask between one thing that happens and the next."""


@dataclass
class Cases:
    """So many cases, workers that work their checks, and the things that happen meanwhile."""

    seed: int
    workers: list[Worker]
    broker: str
    patience: float = 200.0
    offset: timedelta = timedelta(0)
    deeds: Counter[str] = field(default_factory=Counter)
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    @property
    def now(self) -> datetime:
        return datetime.now(tz=UTC) + self.offset

    def begin(self, count: int, *, calm: bool = False) -> None:
        """Start the workers, and have so many experts ask to be vetted; unless `calm`, things happen meanwhile."""
        for worker in self.workers:
            worker.start()
        for number in range(count):
            if not calm and number % ASKED_BETWEEN == ASKED_BETWEEN - 1:
                self.something()
            expert = make_expert()
            make_licence(expert, number=f"{200_000 + number}", now=self.now)
            make_case(expert, now=self.now)
        for worker in self.workers:
            wait_until(worker.ready, within=READY_LIMIT, what=f"{worker.name} to take tasks")

    # -- what happens ------------------------------------------------------------------------------------------

    def live_through(self) -> None:
        """Let one thing after the other happen until every check is in."""
        deadline = time.monotonic() + self.patience
        while self.unfinished():
            assert time.monotonic() < deadline, f"Stuck: {self.report()}"
            time.sleep(self.random.uniform(0.1, 0.8))
            self.something()

    def something(self) -> None:
        """Let one thing happen, and the sweeper come by."""
        happening = self.random.choices(
            [self.kill_child, self.kill_worker, self.flush_broker, self.cut_connections, self.a_while],
            weights=[30, 4, 6, 6, 54],
        )[0]
        self.deeds[happening.__name__] += 1
        happening()
        self.sweep()

    def kill_child(self) -> None:
        """Kill a process that works, as the kernel does when memory runs out; its parent makes another."""
        pids = [pid for worker in self.workers if worker.runs for pid in children_of(worker.pid)]
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(pids), signal.SIGKILL)

    def kill_worker(self) -> None:
        """Kill a whole worker, as a machine that loses power would, and start it again."""
        worker = self.random.choice(self.workers)
        worker.kill()
        worker.start()

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.broker) as client:
            client.flushdb()

    def cut_connections(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def a_while(self) -> None:
        self.offset += timedelta(seconds=self.random.choice([20, 90, 240, 400]))
        BusinessClock.objects.update_or_create(pk=1, defaults={"offset_seconds": self.offset.total_seconds()})

    def sweep(self) -> None:
        """Do what the sweeper does each minute, for this room."""
        for name, ring in registry.sweeps.items():
            if name.startswith("vetting."):
                ring(self.now)

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()

    # -- what must be true at the end --------------------------------------------------------------------------

    def unfinished(self) -> int:
        return int(Case.objects.filter(state=CaseState.CHECKING).count())

    def lost(self) -> int:
        """Count the cases that no person could find in the queue as ready to be decided, or whose checks are not all in."""
        waiting = Case.objects.awaiting_decision().exclude(checks__result=CheckResult.PENDING)
        return int(Case.objects.count() - waiting.distinct().count())

    def decided_by_machine(self) -> int:
        """Count the cases that have an outcome although no person was here to give one."""
        return int(Decision.objects.count() + Case.objects.decided().count())

    def wrong_findings(self) -> list[str]:
        """Name the checks that say something else than their source would, or than that a person is needed."""
        wrong = []
        for check in Check.objects.select_related("case"):
            number, kind = check.case.number, CheckKind(check.kind)
            broken = always_refuses(kind, number) or always_hangs(kind, number)
            right = {CheckResult.NEEDS_PERSON} if broken else {FOUND[kind], CheckResult.NEEDS_PERSON}
            if check.result not in right or not check.explanation:
                wrong.append(f"{check}: {check.result}")
        return wrong

    def finished_twice(self) -> int:
        """Count how often a case was brought to its decision once more than once."""
        return int(AuditEvent.objects.filter(what="vetting.finish_checks").count() - Case.objects.count())

    def left_to_a_person(self) -> int:
        """Count the checks that were given up and say so."""
        rows = Check.objects.filter(result=CheckResult.NEEDS_PERSON, evidence__has_key="error")
        return int(rows.count())

    def report(self) -> str:
        states = Counter(Case.objects.values_list("state", flat=True))
        results = Counter(Check.objects.values_list("result", flat=True))
        jobs = Counter(Check.objects.values_list("job_state", flat=True))
        logs = "".join(worker.output[-1500:] for worker in self.workers)
        return f"seed {self.seed}, {dict(self.deeds)}, cases {dict(states)}, results {dict(results)}, jobs {dict(jobs)}\n{logs}"
