"""What tests of work share: a project that is open and has no tasks yet."""

from __future__ import annotations

import pytest

from projects.listings.models import Project
from tests.factories.projects_listings import make_gig


@pytest.fixture
def project(db: None) -> Project:
    return make_gig()
