"""What tests of payouts share: the two people of finance, and a stand-in with money on it."""

import pytest

from tests.factories.payments_payouts import Finance, fund, make_finance
from tests.payments.gateway.standin import StandIn


@pytest.fixture
def finance(db: None) -> Finance:
    return make_finance()


@pytest.fixture
def funded(db: None, standin: StandIn) -> StandIn:
    """Give a stand-in that holds $100,000.00 of ours."""
    fund(standin, 10_000_000)
    return standin
