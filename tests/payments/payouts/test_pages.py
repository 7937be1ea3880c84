"""The pages of finance and the expert's payout account, as a browser without JavaScript meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from marketplace.kernel import clock
from payments.payouts import actions
from payments.payouts.enums import HoldReason, ItemState, PayoutAccountState, RunState
from payments.payouts.models import Hold, PayItem, PayoutAccount, PayRun
from tests.factories.payments_payouts import (
    NOW,
    PASSWORD,
    PERIOD,
    approved_run,
    computed_run,
    drafted_run,
    executing_run,
    make_account,
    make_payee,
    make_person,
    send_all,
    work_off,
)

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    """A browser in which the person is signed in with both factors."""
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}})
    client = Client()
    client.force_login(user)
    return client


def confirmed(user) -> Client:
    """The same, and the person has just confirmed who they are."""
    client = signed_in(user)
    response = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert response.status_code == 302, response.content
    return client


def address(name, run, **more):
    return reverse(f"payouts:{name}", args=[run.public_id, *more.values()])


# --------------------------------------------------------------------------------------------------------- finance


@pytest.fixture
def today(monkeypatch):
    """The Thursday on which the run of the tests is made."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_a_run_goes_from_draft_to_reconciled_by_forms_alone(finance, funded, today):
    make_payee(funded)
    preparer, approver = signed_in(finance.preparer), confirmed(finance.approver)

    response = preparer.post(reverse("payouts:draft"), {"week": "2026-W46", "currency": "USD"})
    run = PayRun.objects.get()
    assert response.url == address("run", run)
    work_off(NOW)
    preparer.post(address("compute", run))
    work_off(NOW)
    run.refresh_from_db()
    page = approver.get(address("run", run))
    sha = page.context["approve_form"].initial["sha256"]
    approver.post(address("approve", run), {"sha256": sha, "comment": "Checked the first payouts by hand."})
    preparer.post(address("execute", run))
    work_off(NOW)
    send_all(NOW)

    run.refresh_from_db()
    assert (run.state, run.approved_by) == (RunState.RECONCILED, finance.approver)
    words = preparer.get(address("run", run)).content.decode()
    assert "Checked the first payouts by hand." in words
    assert "Approved by Priya Vance" in words
    assert "Difference $0.00" in words


def test_approving_asks_who_it_is_first(finance, funded, today):
    make_payee(funded)
    run = computed_run(finance)
    browser = signed_in(finance.approver)

    response = browser.post(
        address("approve", run), {"sha256": run.computed_sha256}, HTTP_REFERER=f"http://testserver{address('run', run)}"
    )

    assert response.status_code == 302
    assert response.url.startswith("/accounts/reauthenticate/?next=")
    run.refresh_from_db()
    assert run.state == RunState.COMPUTED


def test_who_prepared_the_run_is_told_why_the_answer_is_no(finance, funded, today):
    make_payee(funded)
    run = computed_run(finance)

    response = confirmed(finance.preparer).post(address("approve", run), {"sha256": run.computed_sha256})

    assert response.status_code == 403
    assert b"Who prepared a run can never approve it" in response.content


@pytest.mark.parametrize("name", ["runs", "holds", "draft", "place_hold"])
def test_lists_of_finance_do_not_exist_for_others(name, db):
    client = signed_in(make_person("Somebody"))
    url = reverse(f"payouts:{name}")

    assert (client.post(url) if name in ("draft", "place_hold") else client.get(url)).status_code == 404


def test_a_run_and_its_items_do_not_exist_for_others(finance, funded):
    payee = make_payee(funded)
    run = approved_run(finance)
    item = run.items.get()
    for client in (signed_in(payee), signed_in(make_person("Somebody"))):
        for name in ("run", "run_live", "run_log"):
            assert client.get(address(name, run)).status_code == 404
        assert client.get(address("item", run, item=item.public_id)).status_code == 404
        for name in ("compute", "approve", "execute", "pause", "resume", "cancel", "close", "reconcile"):
            assert client.post(address(name, run)).status_code == 404
        assert client.post(address("retry", run, item=item.public_id)).status_code == 404
    assert Client().get(address("run", run)).status_code == 302


@pytest.mark.parametrize("make", [drafted_run, computed_run, approved_run, executing_run])
def test_the_page_of_a_run_stands_in_every_state(make, finance, funded):
    make_payee(funded)
    run = make(finance)

    response = signed_in(finance.preparer).get(address("run", run))

    assert response.status_code == 200
    assert run.get_state_display() in response.content.decode()


def test_the_page_of_a_run_names_what_needs_a_look(finance, funded):
    make_payee(funded, name="Rejected Person")
    make_payee(funded, name="Held Person", ready=False)
    run = executing_run(finance)
    item = run.items.get(state=ItemState.QUEUED)
    funded.order("account", {"account": item.stripe_account_id, "status": "restricted"})
    actions.send_item(item_id=item.public_id, now=NOW)

    words = signed_in(finance.preparer).get(address("run", run) + "?show=look").content.decode()

    assert "insufficient_capabilities_for_transfer; released, expert told" in words
    assert "Payout account is not ready" in words
    assert words.index("Rejected Person") < words.index("Held Person")
    page = signed_in(finance.preparer).get(address("item", run, item=item.public_id))
    assert b"Try again under a new key" in page.content


def test_items_are_found_by_name_and_by_state(finance, funded):
    make_payee(funded, name="Femi Okonjo")
    make_payee(funded, name="Elena Vasquez")
    run = computed_run(finance)
    client = signed_in(finance.preparer)

    def shown(query):
        return [line.item.payee.full_name for line in client.get(address("run", run) + query).context["items"]]

    assert shown("?q=okon") == ["Femi Okonjo"]
    assert shown("?show=HELD") == []
    assert shown("?show=READY&q=vas") == ["Elena Vasquez"]
    assert len(shown("?show=nonsense&after=x")) == 2


def test_items_come_in_pages_by_position(finance, funded, monkeypatch):
    monkeypatch.setattr("payments.payouts.views.run_page.PAGE", 2)
    for number in range(5):
        make_payee(funded, name=f"Payee {number}")
    run = computed_run(finance)
    client, query, names = signed_in(finance.preparer), "", []
    while True:
        context = client.get(address("run", run) + query).context
        names += [line.item.payee.full_name for line in context["items"]]
        query = context["older"]
        if not query:
            break

    assert sorted(names) == [f"Payee {number}" for number in range(5)]
    assert len(names) == 5


def test_the_live_part_polls_while_something_moves_and_stops_afterwards(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    client = signed_in(finance.preparer)

    moving = client.get(address("run_live", run), HTTP_HX_REQUEST="true").content.decode()
    send_all(NOW)
    settled = client.get(address("run_live", run), HTTP_HX_REQUEST="true").content.decode()

    assert 'hx-trigger="every 2s"' in moving
    assert "<html" not in moving
    assert "every 2s" not in settled
    assert client.get(address("run_live", run)).url == address("run", run)


def test_pausing_and_resuming_by_form(finance, funded, today):
    make_payee(funded)
    run = executing_run(finance)
    client = signed_in(finance.preparer)

    client.post(address("pause", run))
    run.refresh_from_db()
    assert (run.is_paused, run.pause_words) == (True, "Paused by Mateus Lindqvist")
    assert b"Resume sending" in client.get(address("run", run)).content
    client.post(address("resume", run))
    run.refresh_from_db()
    assert not run.is_paused


def test_the_log_of_a_run_reads_in_words(finance, funded):
    make_payee(funded)
    run = approved_run(finance)

    words = signed_in(finance.preparer).get(address("run_log", run)).content.decode()

    assert "Approved by Priya Vance:" in words
    assert "$2,100.00 set aside for 1 items." in words
    assert "Drafted by Mateus Lindqvist." in words


def test_a_hold_is_placed_and_released_by_form(finance, db):
    payee = make_person("Held Person")
    client = signed_in(finance.preparer)
    facts = {"email": payee.email.upper(), "reason": "MANUAL", "words": "The bank asks who this is", "days": "7"}

    assert client.post(reverse("payouts:place_hold"), facts).status_code == 302
    hold = Hold.objects.get()
    assert (hold.payee, hold.expires_at - hold.placed_at) == (payee, timedelta(days=7))
    assert b"The bank asks who this is" in client.get(reverse("payouts:holds")).content
    refused = client.post(reverse("payouts:release_hold", args=[hold.public_id]), {"words": "short"})
    assert refused.status_code == 400
    client.post(reverse("payouts:release_hold", args=[hold.public_id]), {"words": "The bank is content now"})
    hold.refresh_from_db()
    assert (hold.released_by, hold.release_words) == (finance.preparer, "The bank is content now")
    assert b"Nobody is held" in client.get(reverse("payouts:holds")).content
    assert b"released by" in client.get(reverse("payouts:holds") + "?all=1").content


def test_a_hold_for_nobody_says_so_beside_the_field(finance, db):
    facts = {"email": "nobody@nowhere.example", "reason": "MANUAL", "words": "The bank asks who this is", "days": "7"}

    response = signed_in(finance.preparer).post(reverse("payouts:place_hold"), facts)

    assert response.status_code == 400
    assert b"Nobody here has this address." in response.content
    assert not Hold.objects.exists()


# ----------------------------------------------------------------------------------------------------------- counts

RUN_PAGE, RUNS_PAGE, HOLDS_PAGE = 21, 11, 12


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_page_of_a_run_asks_the_database_the_same_however_many_items(
    how_many, finance, funded, today, django_assert_num_queries
):
    for number in range(how_many):
        make_payee(funded, name=f"Payee {number}")
    run = computed_run(finance)
    client = signed_in(finance.preparer)

    with django_assert_num_queries(RUN_PAGE):
        response = client.get(address("run", run))

    assert len(response.context["items"]) == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_of_runs_asks_the_database_the_same_however_many(
    how_many, finance, funded, today, django_assert_num_queries
):
    for number in range(how_many):
        drafted_run(finance, period=PERIOD - timedelta(weeks=number))
    client = signed_in(finance.preparer)

    with django_assert_num_queries(RUNS_PAGE):
        response = client.get(reverse("payouts:runs"))

    assert len(response.context["runs"]) == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_of_holds_asks_the_database_the_same_however_many(how_many, finance, today, django_assert_num_queries):
    for number in range(how_many):
        actions.place_hold(
            payee=make_payee(name=f"Payee {number}", ready=False), reason=HoldReason.MANUAL,
            words="The bank asks who this is", expires_at=None, by=finance.preparer, now=NOW,
        )  # fmt: skip
    client = signed_in(finance.preparer)

    with django_assert_num_queries(HOLDS_PAGE):
        response = client.get(reverse("payouts:holds"))

    assert (len(response.context["holds"]), len(response.context["waiting"])) == (how_many, how_many)


# -------------------------------------------------------------------------------------------------- payout account


def test_an_expert_sets_the_account_up_and_comes_back_ready(standin, db):
    expert = make_person("Imani Okafor")
    client = signed_in(expert)

    response = client.post(reverse("payouts:account_start"), {"country": "GB"})
    account = PayoutAccount.objects.get(user=expert)
    assert response.url.startswith(standin.address)
    assert (account.state, account.country) == (PayoutAccountState.STARTED, "GB")

    standin.order("account", {"account": account.stripe_account_id, "status": "active"})
    assert client.get(reverse("payouts:account_return")).url == reverse("payouts:account")
    account.refresh_from_db()
    assert account.state == PayoutAccountState.READY
    assert b"Change bank details at Stripe" in client.get(reverse("payouts:account")).content


def test_coming_back_does_not_mean_done(standin, db):
    client = signed_in(make_person("Imani Okafor"))
    client.post(reverse("payouts:account_start"), {"country": "US"})

    client.get(reverse("payouts:account_return"))

    assert PayoutAccount.objects.get().state == PayoutAccountState.STARTED
    page = client.get(reverse("payouts:account")).content.decode()
    assert "Almost there" in page
    assert "defaults.external_account" in page


def test_a_country_that_we_cannot_pay_to_is_refused_beside_the_field(db):
    response = signed_in(make_person("Somebody")).post(reverse("payouts:account_start"), {"country": "KP"})

    assert response.status_code == 400
    assert not PayoutAccount.objects.exists()


def test_changing_a_ready_account_asks_who_it_is_first(standin, db):
    expert = make_person("Imani Okafor")
    make_account(expert, stripe_id=standin.recipient())

    asked = signed_in(expert).post(reverse("payouts:account_details"))
    allowed = confirmed(expert).post(reverse("payouts:account_details"))

    assert asked.url.startswith("/accounts/reauthenticate/")
    assert allowed.url.startswith(standin.address)


def test_a_used_link_leads_back_with_a_word(db):
    response = signed_in(make_person("Somebody")).get(reverse("payouts:account_again"), follow=True)

    assert b"That link was used or too old." in response.content


def test_an_expert_sees_their_last_payouts_and_not_those_of_others(finance, funded):
    payee, other = make_payee(funded, owed_minor=123_400), make_payee(funded, owed_minor=987_600)
    executing_run(finance)
    send_all(NOW)

    page = signed_in(payee).get(reverse("payouts:account")).content.decode()

    assert "$1,234.00" in page
    assert "$9,876.00" not in page
    assert PayItem.objects.get(payee=other).state == ItemState.SENT
