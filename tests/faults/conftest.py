"""What fault tests share: a stand-in for Stripe of their own, and the world that things happen to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.faults.world")

from tests.faults.world import World  # noqa: E402
from tests.payments.gateway.standin import StandIn, standin, standin_server  # noqa: E402
from tests.support import processes  # noqa: E402

__all__ = ["standin", "standin_server"]


@pytest.fixture
def make_world(
    request: pytest.FixtureRequest, transactional_db: None, standin: StandIn, valkey: str, tmp_path: Path
) -> Iterator[Callable[..., World]]:
    """Give a function that makes a world for one seed, with a real money worker in it."""
    worlds: list[World] = []

    def make(seed: int, *, app: str = "marketplace.celery") -> World:
        env = processes.environment(valkey, tmp_path / "data") | {"STRIPE_SIMULATOR_URL": standin.address}
        env.pop("STRIPE_SECRET_KEY", None)
        worker = processes.make_worker(env, tmp_path, name="worker-money", queues="money", concurrency=1)
        worker.command[worker.command.index("marketplace.celery")] = app
        worlds.append(World(seed=seed, standin=standin, worker=worker, broker=valkey))
        return worlds[-1]

    yield make
    for world in worlds:
        world.end()
        if request.session.testsfailed:
            request.node.add_report_section("teardown", "what happened", "\n".join(world.story))
