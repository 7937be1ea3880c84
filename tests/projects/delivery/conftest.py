"""What tests of exports share: a contract whose project has no tasks yet."""

from __future__ import annotations

import pytest

from projects.hiring.models import Contract
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import make_contract


@pytest.fixture
def contract(db: None) -> Contract:
    return make_contract(make_gig())
