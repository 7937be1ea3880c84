"""What tests of hiring share: a clock that stands, for pages that say how long something takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories.projects_hiring import NOW


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stand still at the moment from which the factories count."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
