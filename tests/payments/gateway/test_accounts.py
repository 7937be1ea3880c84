"""Recipient accounts, the links to their onboarding, and the banks behind them."""

from __future__ import annotations

import http.client
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from payments.gateway import client
from payments.gateway.errors import StripeMisconfigured, StripeRejected
from tests.payments.gateway.standin import RECIPIENT, StandIn


def create(**changes: Any) -> Any:
    asked: dict[str, Any] = {
        "email": "ada@example.org",
        "country": "US",
        "display_name": "Ada Okafor",
        "idempotency_key": "account-1",
    }
    return client.create_recipient_account(**(asked | changes))


def test_a_new_account_is_not_ready_and_says_what_is_due(standin: StandIn) -> None:
    account = create()
    assert (account.email, account.country, account.display_name) == ("ada@example.org", "US", "Ada Okafor")
    assert (account.transfers_status, account.is_ready) == ("restricted", False)
    assert account.currently_due == ("identity.individual", "defaults.external_account")
    assert client.retrieve_account(account.id) == account
    assert client.retrieve_bank_account(account.id) is None


def test_an_active_capability_and_nothing_else_makes_an_account_ready(standin: StandIn) -> None:
    account = create()
    standin.order("account", {"account": account.id, "status": "pending"})
    assert not client.retrieve_account(account.id).is_ready
    standin.order("account", {"account": account.id, "status": "active"})
    ready = client.retrieve_account(account.id)
    assert (ready.is_ready, ready.currently_due) == (True, ())
    standin.order("account", {"account": account.id, "status": "restricted"})
    assert not client.retrieve_account(account.id).is_ready


def test_what_is_not_included_is_null_as_in_v2(standin: StandIn) -> None:
    account = create()
    bare = standin.sdk.v2.core.accounts.retrieve(account.id).to_dict()
    assert (bare["configuration"], bare["identity"], bare["requirements"]) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identity": {"entity_type": "individual"}}, "identity_country_required"),
        (
            {"defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "stripe"}}},
            "account_controller_express_dash_without_application_losses_or_fees",
        ),
        ({"contact_email": "nobody"}, "email_invalid"),
        ({"colour": "blue"}, "parameter_unknown"),
    ],
)
def test_accounts_are_refused_as_stripe_refuses_them(standin: StandIn, changes: dict[str, Any], code: str) -> None:
    params: Any = RECIPIENT | changes
    with pytest.raises(stripe.InvalidRequestError) as refused:
        standin.sdk.v2.core.accounts.create(params)
    assert (refused.value.http_status, refused.value.code) == (400, code)


def test_an_account_link_lives_for_a_quarter_of_an_hour(standin: StandIn) -> None:
    account = create()
    link = client.create_account_link(
        account.id, refresh_url="https://preceptor.example/again", return_url="https://preceptor.example/done"
    )
    assert link.url.startswith(f"{standin.address}/setup/e/")
    made = standin.sdk.v2.core.accounts.retrieve(account.id).created
    assert 890 <= (link.expires_at - datetime.fromisoformat(made)).total_seconds() <= 960


def test_the_configurations_field_is_refused_as_endive_refuses_it(standin: StandIn) -> None:
    flow: Any = {"refresh_url": "https://preceptor.example/again", "configurations": ["recipient"]}
    params: Any = {"account": create().id, "use_case": {"type": "account_onboarding", "account_onboarding": flow}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        standin.sdk.v2.core.account_links.create(params)
    assert refused.value.code == "parameter_unknown"


def test_an_unknown_account_is_a_404_and_a_wrong_key_is_our_misconfiguration(standin: StandIn, settings: Any) -> None:
    with pytest.raises(StripeRejected) as refused:
        client.retrieve_account("acct_nobody")
    assert refused.value.stripe_status == 404
    settings.STRIPE_SECRET_KEY = "sk_live_nothing"
    with pytest.raises(StripeMisconfigured):
        client.retrieve_account("acct_nobody")


def test_money_of_an_expert_is_paid_to_the_bank_and_may_come_back(standin: StandIn) -> None:
    standin.fund(100_000)
    ada, ben = standin.recipient(), standin.recipient()
    for account, last4 in ((ada, "6789"), (ben, "1116")):
        link = client.create_account_link(
            account, refresh_url="http://127.0.0.1:1/r", return_url="http://127.0.0.1:1/d"
        )
        fill(link.url, country="US", last4=last4, choice="finish")
    bank = client.retrieve_bank_account(ada)
    assert bank is not None
    assert (bank.label, bank.country, bank.status) == ("STRIPE TEST BANK ··6789", "US", "new")
    for number, account in enumerate((ada, ben)):
        standin.sdk.v1.transfers.create(
            {"amount": 7_000, "currency": "usd", "destination": account}, {"idempotency_key": f"po-{number}"}
        )
    standin.advance(days=1)
    assert [payout.status for payout in client.list_bank_payouts(ada)] == ["in_transit"]
    standin.advance(days=2)
    assert [payout.status for payout in client.list_bank_payouts(ben)] == ["paid"]
    standin.advance(days=2)
    (paid,), (failed,) = client.list_bank_payouts(ada), client.list_bank_payouts(ben)
    assert (paid.status, paid.amount_minor, paid.currency, paid.failure_code) == ("paid", 7_000, "USD", "")
    assert len(paid.trace_id) == 15
    assert (failed.status, failed.failure_code) == ("failed", "no_account")
    back = standin.sdk.v1.balance.retrieve({}, {"stripe_account": ben}).to_dict()
    assert back["available"][0]["amount"] == 7_000


def fill(url: str, **fields: str) -> str:
    """Send the onboarding form and return the address it leads to."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("POST", parts.path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    assert answer.status == 303, answer.read()
    return str(answer.getheader("Location"))
