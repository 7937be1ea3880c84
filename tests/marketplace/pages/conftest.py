"""What tests of pages share: times that are read in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import pytest
from django.utils import timezone


@pytest.fixture
def utc() -> Iterator[None]:
    """Whatever zone an earlier request left active, read times in UTC."""
    with timezone.override(UTC):
        yield
