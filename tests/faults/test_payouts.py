"""
A run under kill -9, lost answers, 429s, 500s, a forgetful broker, cut connections and a jumping clock: every expert is
paid exactly once. `python -m tests.faults --seeds 20` lives through more stories.
"""

from __future__ import annotations

import os

import pytest

FAST = [1, 2, 3]
FULL = [pytest.param(seed, marks=pytest.mark.full) for seed in range(4, 14)]
CHOSEN = [int(seed) for seed in os.environ.get("PRECEPTOR_FAULT_SEEDS", "").split(",") if seed]


@pytest.mark.parametrize("seed", CHOSEN or [*FAST, *FULL])
def test_whatever_goes_wrong_every_expert_is_paid_exactly_once(seed, make_world):
    world = make_world(seed)
    world.approve_a_run(payees=world.random.randrange(20, 41))

    world.begin()
    world.live_through(rounds=8)
    world.heal()

    world.check_everybody_was_paid_exactly_once()


@pytest.mark.full
def test_a_worker_that_forgets_its_keys_and_looks_nothing_up_pays_twice(make_world):
    """The negative control: the same world, without the rules. If this paid once, the test above would prove nothing."""
    world = make_world(1, app="tests.faults.naive")
    world.approve_a_run(payees=30)

    world.begin()
    world.let_work(sends=30, within=20)
    world.heal(enough=world.paid_more_than_once)

    assert world.paid_more_than_once() != []
