"""Payout accounts: made once at Stripe, believed only when fetched, held when the bank changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from marketplace.notices.models import EmailMessage, Notification
from payments.gateway.errors import StripeUnavailable
from payments.gateway.signals import account_changed
from payments.payouts import actions, queries
from payments.payouts.enums import HoldReason, ItemState, PayoutAccountState
from payments.payouts.models import Hold, PayoutAccount, PayoutJob
from tests.factories.payments_payouts import NOW, computed_run, fund, make_account, make_payee, make_person, work_off

pytestmark = pytest.mark.django_db
ACCOUNTS = "/v2/core/accounts"


def finish(standin, person, *, last4="4417"):
    """Finish Stripe's page as the person would, with these last four digits of the bank account."""
    import urllib.parse
    import urllib.request

    url = actions.onboarding_url(by=person, refresh_url="http://127.0.0.1:1/r", return_url="http://127.0.0.1:1/d")
    data = urllib.parse.urlencode({"choice": "finish", "country": "US", "last4": last4}).encode()

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args):
            return None

    with pytest.raises(urllib.error.HTTPError, match="303"):
        urllib.request.build_opener(Stay).open(url, data, timeout=10)
    return PayoutAccount.objects.get(user=person)


def refresh(account, now=NOW):
    return actions.refresh_account(stripe_account_id=account.stripe_account_id, now=now)


def test_an_account_is_made_at_stripe_and_named_here(standin):
    person = make_person("Imani Okafor")

    account = actions.start_account(country="US", by=person, now=NOW)

    assert account.stripe_account_id.startswith("acct_")
    assert (account.state, account.country) == (PayoutAccountState.STARTED, "US")
    assert not queries.payout_account_ready(person)
    assert queries.account_of(person) == account


def test_an_answer_that_was_lost_makes_no_second_account(standin):
    person = make_person()
    standin.faults({"method": "POST", "path": ACCOUNTS, "action": "lose_answer", "nth": 1})
    with pytest.raises(StripeUnavailable):
        actions.start_account(country="US", by=person, now=NOW)
    assert PayoutAccount.objects.get().stripe_account_id is None

    account = actions.start_account(country="US", by=person, now=NOW + timedelta(minutes=1))

    assert [one["id"] for one in standin.state()["accounts"]] == [account.stripe_account_id]


def test_a_second_account_is_refused(standin):
    person = make_person()
    actions.start_account(country="US", by=person, now=NOW)

    with pytest.raises(WrongState, match="already"):
        actions.start_account(country="GB", by=person, now=NOW)


def test_a_country_that_we_cannot_pay_to_is_refused(standin):
    with pytest.raises(Invalid, match="cannot pay"):
        actions.start_account(country="KP", by=make_person(), now=NOW)


def test_without_an_account_there_is_no_page_to_go_to(standin):
    with pytest.raises(WrongState, match="country"):
        actions.onboarding_url(by=make_person(), refresh_url="http://127.0.0.1:1/", return_url="http://127.0.0.1:1/")


def test_readiness_is_the_capability_and_the_label_is_what_stripe_says(standin):
    person = make_person()
    actions.start_account(country="US", by=person, now=NOW)
    account = finish(standin, person)

    refresh(account)

    account.refresh_from_db()
    assert (account.state, account.transfers_status) == (PayoutAccountState.READY, "active")
    assert account.destination_label.endswith("··4417")
    assert (account.checked_at, account.destination_changed_at, account.currently_due) == (NOW, None, [])
    assert queries.payout_account_ready(person)
    assert Notification.objects.get(user=person).title == "Your payout account is ready"


def test_refreshing_twice_tells_once(standin):
    person = make_person()
    actions.start_account(country="US", by=person, now=NOW)
    account = finish(standin, person)

    refresh(account)
    refresh(account, now=NOW + timedelta(minutes=1))

    assert Notification.objects.filter(user=person).count() == 1


def test_an_answer_that_comes_late_does_not_overwrite_a_newer_one(standin):
    account = make_account(make_person(), stripe_id=standin.recipient())
    refresh(account, now=NOW)
    standin.order("account", {"account": account.stripe_account_id, "status": "restricted"})

    refresh(account, now=NOW - timedelta(seconds=1))

    account.refresh_from_db()
    assert (account.state, account.checked_at) == (PayoutAccountState.READY, NOW)


def test_a_capability_that_is_lost_restricts_the_account_and_says_so(standin):
    person = make_person()
    account = make_account(person, stripe_id=standin.recipient())
    standin.order("account", {"account": account.stripe_account_id, "status": "restricted"})

    refresh(account)

    account.refresh_from_db()
    assert account.state == PayoutAccountState.RESTRICTED
    assert account.currently_due == ["identity.individual", "defaults.external_account"]
    assert Notification.objects.get(user=person).title == "Stripe asks for more before we can pay you"


def test_the_gateway_s_signal_refreshes_ours_and_leaves_others_alone(standin):
    account = make_account(make_person(), stripe_id=standin.recipient(), ready=False)

    account_changed.send(sender=None, account_id=account.stripe_account_id, now=NOW)
    account_changed.send(sender=None, account_id="acct_of_nobody_here", now=NOW)

    account.refresh_from_db()
    assert account.state == PayoutAccountState.READY


def test_a_changed_bank_account_is_held_for_72_hours_and_every_address_is_told(standin, finance):
    person = make_person("Elena Vasquez", email="elena@new.example")
    EmailAddress.objects.create(user=person, email="elena@old.example", verified=True)
    EmailAddress.objects.create(user=person, email="elena@unproven.example", verified=False)
    actions.start_account(country="US", by=person, now=NOW)
    refresh(finish(standin, person, last4="4417"))
    later = NOW + timedelta(days=5)

    account = refresh(finish(standin, person, last4="9001"), now=later)

    hold = Hold.objects.get()
    assert account.destination_label.endswith("··9001")
    assert account.destination_changed_at == later
    assert (hold.payee, hold.reason) == (person, HoldReason.DESTINATION_CHANGED)
    assert (hold.placed_at, hold.expires_at) == (later, later + timedelta(hours=72))
    mails = EmailMessage.objects.filter(subject="The bank account of your payouts was changed")
    assert sorted(mails.values_list("to_address", flat=True)) == ["elena@new.example", "elena@old.example"]
    assert "··4417" in mails[0].text
    assert "··9001" in mails[0].text
    assert Notification.objects.filter(user=finance.preparer, title="A payee changed bank details").exists()
    assert queries.hold_of(person, now=later) == hold
    assert queries.hold_of(person, now=later + timedelta(hours=72)) is None


def test_a_payee_whose_bank_changed_is_held_in_the_run_and_paid_in_the_next(standin, finance):
    fund(standin, 1_000_000)
    payee = make_payee(standin)
    finish(standin, payee, last4="9001")
    refresh(PayoutAccount.objects.get(user=payee))

    run = computed_run(finance)

    item = run.items.get()
    assert (item.state, item.held_reason) == (ItemState.HELD, HoldReason.DESTINATION_CHANGED)
    actions.cancel_run(run_id=run.public_id, words="Only for this test", by=finance.preparer, now=NOW)
    again = computed_run(finance, now=NOW + timedelta(hours=73))
    assert again.items.get().state == ItemState.READY


# --------------------------------------------------------------------------------------- when the webhook was lost


def test_a_change_whose_webhook_was_dropped_is_found_within_a_day_and_cools_down(standin, finance):
    fund(standin, 1_000_000)
    payee = make_payee(standin)
    standin.faults({"event": "*", "action": "drop"})
    finish(standin, payee, last4="9001")
    assert not Hold.objects.exists()

    assert actions.ring_old_accounts(now=NOW) == 1
    work_off(NOW)

    account = PayoutAccount.objects.get(user=payee)
    assert (account.checked_at, account.destination_label[-6:]) == (NOW, "··9001")
    assert (Hold.objects.get().payee, Hold.objects.get().reason) == (payee, HoldReason.DESTINATION_CHANGED)
    assert computed_run(finance).items.get().state == ItemState.HELD


def test_an_account_is_fetched_once_a_day_by_one_job_and_only_of_people_whom_we_owe(funded):
    owed, other = make_payee(funded), make_payee(funded, owed_minor=0)
    make_person("Has no account")

    assert [actions.ring_old_accounts(now=NOW) for _twice in range(2)] == [1, 0]
    work_off(NOW)
    assert actions.ring_old_accounts(now=NOW + timedelta(hours=23)) == 0
    assert actions.ring_old_accounts(now=NOW + timedelta(hours=24)) == 1
    work_off(NOW + timedelta(hours=24))

    job = PayoutJob.objects.get()
    assert (job.kind, job.account.user, job.job_state, job.attempts) == ("REFRESH", owed, JobState.DONE, 1)
    assert PayoutAccount.objects.get(user=other).checked_at == NOW - timedelta(days=30)


def test_a_round_takes_so_many_accounts_and_the_next_one_the_rest(funded, monkeypatch):
    monkeypatch.setattr("payments.payouts.actions.accounts.REFRESHES_A_ROUND", 2)
    payees = [make_payee(funded) for _number in range(3)]
    PayoutAccount.objects.filter(user=payees[2]).update(checked_at=NOW - timedelta(days=40))

    assert actions.ring_old_accounts(now=NOW) == 2
    assert list(PayoutJob.objects.order_by("pk").values_list("account__user", flat=True)) == [
        payees[2].pk,
        payees[0].pk,
    ]
    assert [actions.ring_old_accounts(now=NOW) for _more in range(2)] == [1, 0]


def test_a_stripe_that_does_not_answer_parks_the_one_job_until_the_next_day(funded):
    make_payee(funded)
    funded.faults({"method": "GET", "path": f"{ACCOUNTS}/*", "action": "500"})
    actions.ring_old_accounts(now=NOW)
    for hour in range(12):
        work_off(NOW + timedelta(hours=hour))

    job = PayoutJob.objects.get()
    assert (job.job_state, job.attempts) == (JobState.PARKED, MAX_ATTEMPTS)
    assert actions.ring_old_accounts(now=NOW + timedelta(hours=13)) == 0
    funded.faults()
    tomorrow = NOW + timedelta(hours=25)
    assert actions.ring_old_accounts(now=tomorrow) == 1
    work_off(tomorrow)
    assert PayoutAccount.objects.get().checked_at == tomorrow
