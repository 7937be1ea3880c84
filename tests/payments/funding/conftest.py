"""What tests of deposits share: somebody who pays."""

from __future__ import annotations

import pytest

from marketplace.accounts.models import User
from tests.factories.payments_funding import make_payer


@pytest.fixture
def payer(db: None) -> User:
    return make_payer()
