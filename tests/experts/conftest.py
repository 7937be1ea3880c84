"""What tests of people may use."""

from __future__ import annotations

import pytest

from marketplace.kernel import clock


@pytest.fixture(autouse=True)
def _real_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no offset of the business clock: its row is asked for once a second, which would make query counts waver."""
    monkeypatch.setattr(clock, "_offset", None)
