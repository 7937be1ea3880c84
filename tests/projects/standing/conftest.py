"""What tests of standing may use beside the factories: a stand-in for Stripe, and a clock that stands after the week."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories.projects_standing import LATER
from tests.payments.gateway.standin import standin, standin_server

__all__ = ["clock", "standin", "standin_server"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday noon, a week after the test's week was approved, standing still."""
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller
