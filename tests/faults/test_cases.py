"""Cases under kill -9, sources that refuse and hang, and a forgetful broker: none lost, none decided by a machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from experts.vetting.enums import CaseState
from experts.vetting.models import Case, Check
from tests.faults.cases import Cases
from tests.support import processes
from tests.support.processes import wait_until


@pytest.fixture
def make_cases(transactional_db: None, valkey: str, tmp_path: Path) -> Iterator[Callable[[int], Cases]]:
    """Give a function that makes a world for one seed, with two real workers whose sources fail."""
    worlds: list[Cases] = []

    def make(seed: int) -> Cases:
        env = processes.environment(valkey, tmp_path / "data") | {"PRECEPTOR_FAULT_SEED": str(seed)}
        workers = [processes.make_worker(env, tmp_path, name="worker-vetting", queues="vetting", concurrency=2)]
        for worker in workers:
            worker.command[worker.command.index("marketplace.celery")] = "tests.faults.providers"
        worlds.append(Cases(seed, workers, valkey))
        return worlds[-1]

    yield make
    for world in worlds:
        world.end()


@pytest.mark.full
def test_whatever_goes_wrong_no_case_is_lost_and_none_is_decided_by_a_machine(make_cases):
    world = make_cases(3)
    world.begin(40)
    world.live_through()

    assert (world.lost(), world.decided_by_machine(), world.finished_twice()) == (0, 0, 0), world.report()
    assert world.wrong_findings() == []
    assert world.left_to_a_person() >= 2, "Two sources never answer, so two checks at least must need a person."
    assert world.deeds["kill_child"] + world.deeds["kill_worker"] > 0, "Nobody was killed, so nothing was shown."


@pytest.mark.full
def test_without_the_sweep_a_source_that_refuses_would_lose_its_case(make_cases):
    """The negative control: the same workers, and nobody who rings again."""
    world = make_cases(3)
    world.begin(25, calm=True)

    # What a killed worker had in hand stays RUNNING under its lease, so only the queue and the pulse tell that all is still.
    seen: list[int] = []

    def is_still() -> bool:
        time.sleep(4)  # longer than any attempt may take here
        seen.append(Check.objects.unfinished().count())
        return not _rings(world) and seen[-2:] == [seen[-1]] * 2

    wait_until(is_still, within=120, what="the workers to have done what was rung for")
    assert Case.objects.filter(state=CaseState.CHECKING).exists()
    assert world.decided_by_machine() == 0


def _rings(world: Cases) -> int:
    import redis

    with redis.Redis.from_url(world.broker) as client:
        return int(client.llen("vetting"))
