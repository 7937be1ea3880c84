"""
What tests of hours may use beside the factories.

- `standin`: a running stand-in for Stripe, for weeks that are paid.
- `clock`: a clock that stands in the test's week, for pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories.projects_hours import at
from tests.payments.gateway.standin import standin, standin_server

__all__ = ["clock", "standin", "standin_server"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Wednesday 10:00 UTC of the test's week, standing still."""
    with time_machine.travel(at(2, 10), tick=False) as traveller:
        yield traveller
