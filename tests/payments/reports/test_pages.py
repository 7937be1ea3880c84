"""The pages of finance: for finance only, right, and with the same number of queries however long the lists are."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts.enums import StaffRoleKind
from marketplace.kernel.ids import new_public_id
from payments.funding.models import FundingEvent
from payments.ledger.actions import AccountRef
from payments.ledger.actions import reverse as reverse_entry
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.payouts import actions as payouts
from payments.reports.queries import CATALOGUE
from tests.factories.marketplace_accounts import make_staff, make_user
from tests.factories.payments_ledger import BY, fund, lab, move, project
from tests.factories.payments_payouts import NOW, Finance, computed_run, make_payee
from tests.payments.gateway.standin import StandIn
from tests.payments.reports.conftest import Week, signed_in

pytestmark = [pytest.mark.full, pytest.mark.django_db]
REPORTS = [slug for slug in CATALOGUE if slug != "stripe-clearing"]


def every_address() -> list[str]:
    funds = lab()
    entry = fund(funds, 100)
    return [
        reverse("reports:cockpit"),
        reverse("reports:at_stripe"),
        reverse("reports:parked"),
        reverse("reports:ledger"),
        reverse("reports:accounts", args=["2000"]),
        reverse("reports:account", args=["2000", "USD", funds.owner_ref]),
        reverse("reports:account_csv", args=["2000", "USD", funds.owner_ref]),
        reverse("reports:account", args=["1010", "USD"]),
        reverse("reports:account_csv", args=["1010", "USD"]),
        reverse("reports:entry", args=[entry.public_id]),
        reverse("reports:index"),
        *(reverse("reports:report", args=[slug]) for slug in CATALOGUE),
        *(reverse("reports:report_csv", args=[slug]) for slug in CATALOGUE),
    ]


def count_queries(client: Client, path: str) -> int:
    client.get(path)  # Once before, so that nothing is counted that is read once per process.
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


# -------------------------------------------------------------------------------------------------------------- access


def test_nobody_but_finance_sees_that_the_books_are_there(client: Client) -> None:
    addresses = every_address()
    for person in (make_user(), make_staff(StaffRoleKind.VETTING), make_staff(StaffRoleKind.SUPPORT)):
        client.force_login(person)
        assert {client.get(path).status_code for path in addresses} == {404}
        assert client.post(reverse("reports:check_now")).status_code == 404


def test_visitors_are_led_to_the_sign_in_and_staff_to_their_second_factor(client: Client) -> None:
    for path in every_address():
        assert client.get(path)["Location"].startswith(f"{reverse('account_login')}?next=")
    client.force_login(make_staff(StaffRoleKind.FINANCE_APPROVER, second_factor=False))
    assert client.get(reverse("reports:cockpit"))["Location"] == reverse("mfa_index")


def test_both_roles_of_finance_see_every_page(client: Client, standin: StandIn) -> None:
    addresses = every_address()
    for role in (StaffRoleKind.FINANCE_PREPARER, StaffRoleKind.FINANCE_APPROVER):
        client.force_login(make_staff(role))
        assert {path: client.get(path).status_code for path in addresses} == dict.fromkeys(addresses, 200)


def test_what_is_not_there_is_a_404(books_client: Client) -> None:
    for path in (
        reverse("reports:accounts", args=["9999"]),
        reverse("reports:account", args=["2000", "USD", new_public_id()]),
        reverse("reports:account", args=["2000", "XXX"]),
        reverse("reports:account_csv", args=["2000", "USD"]),
        reverse("reports:entry", args=[new_public_id()]),
        reverse("reports:report", args=["no-such-report"]),
        reverse("reports:report_csv", args=["no-such-report"]),
    ):
        assert books_client.get(path).status_code == 404


# ------------------------------------------------------------------------------------------------------------- reports


def test_a_report_is_the_same_on_screen_and_in_its_file(books_client: Client, week: Week) -> None:
    page = books_client.get(reverse("reports:report", args=["payout-register"])).context["page"]
    answer = books_client.get(reverse("reports:report_csv", args=["payout-register"]))
    assert answer.streaming
    assert answer["Content-Disposition"] == 'attachment; filename="payout-register-2026-W46-USD.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    body = text.partition("\r\n\r\n")[0]
    assert answer["X-Content-SHA256"] == hashlib.sha256(f"{body}\r\n".encode()).hexdigest()
    rows = list(csv.DictReader(io.StringIO(body)))
    on_screen = [{column.name: cell for column, cell in row} for _tone, row, _way_out in page.rows]
    assert [row["transfer"] for row in rows] == [row["transfer"] or "" for row in on_screen]
    assert (page.count, page.sums["net"]) == (4, 1_577_10)
    assert page.is_tied


@pytest.mark.parametrize("slug", REPORTS)
def test_a_report_costs_as_many_queries_for_three_as_for_one(books_client: Client, week: Week, slug: str) -> None:
    path = reverse("reports:report", args=[slug])
    move(project_with(50), project(), 50)  # One owner of each kind: names are read by one query per kind.
    fewer = count_queries(books_client, path)
    for _ in range(2):
        move(project_with(50), project(), 50)
        make_payee(week.standin, owed_minor=70_00)
    assert count_queries(books_client, path) == fewer


def project_with(minor: int) -> AccountRef:
    funds = project()
    fund(funds, minor)
    return funds


def test_wrong_parameters_are_explained_and_no_file_is_made(books_client: Client) -> None:
    query = "?since=2026-11-20&until=2026-11-10"
    page = books_client.get(reverse("reports:report", args=["trial-balance"]) + query)
    assert "This day lies before the first one." in page.content.decode()
    assert "page" not in page.context
    assert books_client.get(reverse("reports:report_csv", args=["trial-balance"]) + query).status_code == 400
    month = "?since=2026-01-01&until=2026-11-10"
    assert books_client.get(reverse("reports:report_csv", args=["stripe-clearing"]) + month).status_code == 400


def test_a_silent_stripe_is_a_page_that_says_so(books_client: Client, standin: StandIn) -> None:
    standin.faults({"method": "GET", "path": "/v1/balance_transactions", "action": "500"})
    assert books_client.get(reverse("reports:report", args=["stripe-clearing"])).status_code == 503


def test_long_reports_have_pages(books_client: Client) -> None:
    funds = lab()
    fund(funds, 1000)
    for _ in range(60):
        move(funds, project(), 1)
    path = reverse("reports:report", args=["journal"])
    first = books_client.get(path).context["page"]
    assert (first.start, first.last, first.count) == (0, 100, 122)
    second = books_client.get(f"{path}?start=100").context["page"]
    assert (second.start, second.last) == (100, 122)
    assert second.sums == first.sums
    assert "start=100" in books_client.get(path).content.decode()


# -------------------------------------------------------------------------------------------------------------- ledger


def test_the_chart_balances_and_finds_an_entry_by_its_key(books_client: Client) -> None:
    funds = lab()
    entry = fund(funds, 100_00, key="bt:txn_abc")
    fund(funds, 1_00, key="bt:txn_abd")
    page = books_client.get(reverse("reports:ledger"))
    assert page.context["debits"] == page.context["credits"] == 101_00
    found = books_client.get(reverse("reports:ledger"), {"q": "bt:txn_abc"})
    assert found["Location"] == reverse("reports:entry", args=[entry.public_id])
    assert len(books_client.get(reverse("reports:ledger"), {"q": "bt:txn_"}).context["found"]) == 2
    assert "No entry has a key" in books_client.get(reverse("reports:ledger"), {"q": "nothing"}).content.decode()
    assert books_client.get(reverse("reports:ledger"), {"q": str(entry.public_id)}).status_code == 302


def test_a_code_with_one_account_opens_it_at_once(books_client: Client) -> None:
    fund(lab(), 100)
    answer = books_client.get(reverse("reports:accounts", args=["1010"]))
    assert answer["Location"] == reverse("reports:account", args=["1010", "USD"])


def test_accounts_of_a_code_cost_as_many_queries_for_three_as_for_one(books_client: Client) -> None:
    fund(lab(), 100)
    path = reverse("reports:accounts", args=["2000"])
    one = count_queries(books_client, path)
    for _ in range(2):
        fund(lab(), 100)
    assert count_queries(books_client, path) == one
    assert len(books_client.get(path).context["rows"]) == 3


def test_accounts_that_stand_at_zero_can_be_left_out(books_client: Client) -> None:
    spent, kept = lab(), lab()
    fund(spent, 100)
    fund(kept, 100)
    move(spent, project(), 100)
    rows = books_client.get(reverse("reports:accounts", args=["2000"]), {"nonzero": "1"}).context["rows"]
    assert [row.account.owner_ref for row in rows] == [kept.owner_ref]


def test_a_statement_costs_as_many_queries_for_three_movements_as_for_one(books_client: Client) -> None:
    funds = lab()
    fund(funds, 100)
    path = reverse("reports:account", args=["2000", "USD", funds.owner_ref])
    one = count_queries(books_client, path)
    for _ in range(2):
        fund(funds, 100)
    assert count_queries(books_client, path) == one
    assert [row.line.running_minor for row in books_client.get(path).context["lines"]] == [300, 200, 100]


def test_a_statement_has_pages_that_go_on_where_the_last_ended(books_client: Client) -> None:
    funds = lab()
    for _ in range(60):
        fund(funds, 1)
    path = reverse("reports:account", args=["2000", "USD", funds.owner_ref])
    first = books_client.get(path)
    assert [row.line.running_minor for row in first.context["lines"]] == list(range(60, 10, -1))
    second = books_client.get(path, {"before": first.context["older"]})
    assert [row.line.running_minor for row in second.context["lines"]] == list(range(10, 0, -1))
    assert second.context["older"] is None


def test_an_entry_shows_its_movements_and_what_reversed_it(books_client: Client) -> None:
    funds = lab()
    entry = fund(funds, 12_34)
    with transaction.atomic():
        mirror = reverse_entry(key="adj:1", entry_id=entry.pk, by=BY, now=NOW, memo="Entered twice")
    text = books_client.get(reverse("reports:entry", args=[entry.public_id])).content.decode()
    assert "12.34" in text
    assert reverse("reports:entry", args=[mirror.public_id]) in text
    assert reverse("reports:account", args=["2000", "USD", funds.owner_ref]) in text
    back = books_client.get(reverse("reports:entry", args=[mirror.public_id])).content.decode()
    assert reverse("reports:entry", args=[entry.public_id]) in back
    assert "Entered twice" in back


# ------------------------------------------------------------------------------------------------------------- cockpit


def titles(client: Client) -> list[str]:
    return [waiting.title for waiting in client.get(reverse("reports:cockpit")).context["cockpit"].waiting]


def test_a_computed_run_waits_for_the_approver_and_not_for_who_prepared_it(week_of_two: tuple[Client, Client]) -> None:
    preparing, approving = week_of_two
    assert titles(approving) == ["Approve pay run 2026-W46 USD"]
    assert titles(preparing) == []


@pytest.fixture
def week_of_two(finance: Finance, standin: StandIn) -> tuple[Client, Client]:
    """Give two browsers, of who prepares and of who approves, in front of a computed run."""
    make_payee(standin=None, owed_minor=500_00)
    computed_run(finance)
    return signed_in(Client(), finance.preparer), signed_in(Client(), finance.approver)


def test_the_cockpit_shows_exceptions_the_next_run_and_what_is_in_the_books(books_client: Client, week: Week) -> None:
    cockpit = books_client.get(reverse("reports:cockpit")).context["cockpit"]
    assert [(str(item.payee), item.state) for item, _url in cockpit.exceptions] == [
        ("Elena Vasquez", "UNKNOWN"),
        ("Joos Achterberg", "HELD"),
    ]
    assert (cockpit.next_run.run, cockpit.next_run.owed_minor) == (week.run, 77_07)
    assert (cockpit.next_run.sent_items, cockpit.next_run.sent_minor) == (2, 1_000_02)
    assert {balance.row.code: balance.row.balance_minor for balance in cockpit.balances}["2300"] == 500_01
    assert cockpit.trial_is_zero


def test_the_cockpit_costs_as_many_queries_for_three_exceptions_as_for_one(
    finance: Finance, standin: StandIn, client: Client
) -> None:
    signed_in(client, finance.approver)
    make_payee(owed_minor=500_00, ready=False)
    run = computed_run(finance)
    one = count_queries(client, reverse("reports:cockpit"))
    payouts.cancel_run(run_id=run.public_id, words="Again, with more people.", by=finance.preparer, now=NOW)
    for _ in range(2):
        make_payee(owed_minor=500_00, ready=False)
    computed_run(finance)
    assert count_queries(client, reverse("reports:cockpit")) == one
    assert client.get(reverse("reports:cockpit")).context["cockpit"].exceptions_count == 3


def test_a_difference_to_stripe_and_a_parked_job_wait_for_everybody(books_client: Client, week: Week) -> None:
    payouts.reconcile_run(run_id=week.run.public_id, now=NOW)
    FundingEvent.objects.create(
        name="deposit_settled", job_state="PARKED", attempts=8, last_error="boom", not_before=NOW, queued_at=NOW
    )
    found = titles(books_client)
    assert any("to Stripe" in title for title in found)
    assert "1 money job is parked" in found
    parked = books_client.get(reverse("reports:parked")).content.decode()
    assert "deposit_settled" in parked
    assert "boom" in parked


def test_what_stripe_has_is_shown_beside_the_books(books_client: Client, week: Week) -> None:
    context = books_client.get(reverse("reports:at_stripe")).context
    assert (context["total_minor"], context["clearing_minor"]) == (8_499_97, 8_999_98)
    assert context["difference_minor"] == -500_01
    fragment = books_client.get(reverse("reports:at_stripe"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Difference" in fragment


# -------------------------------------------------------------------------------------------------------------- proofs


def test_checking_now_runs_the_proofs_and_a_changed_balance_turns_the_cockpit_red(books_client: Client) -> None:
    fund(lab(), 100)
    assert books_client.post(reverse("reports:check_now"))["Location"] == reverse("reports:cockpit")
    cockpit = books_client.get(reverse("reports:cockpit")).context["cockpit"]
    assert cockpit.checks
    assert cockpit.red == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_ledgeraccount SET balance_minor = 99 WHERE code = %s", [AccountCode.LAB_FUNDS])
    books_client.post(reverse("reports:check_now"))
    answer = books_client.get(reverse("reports:cockpit"))
    (red,) = answer.context["cockpit"].red
    assert red.name == "ledger: stored balance equals the sum of transfers"
    assert "says 99 but its transfers sum to 100" in answer.content.decode()
    assert titles(books_client) == ["Not true: ledger: stored balance equals the sum of transfers"]


def test_the_proofs_are_rung_every_hour_and_never_by_a_page(books_client: Client, valkey: str) -> None:
    from marketplace.kernel import registry
    from payments.reports import actions
    from payments.reports.models import InvariantCheck

    started = datetime.now(tz=UTC)
    sweep = registry.sweeps["reports.invariants"]
    assert sweep(started) == 1
    books_client.get(reverse("reports:cockpit"))
    assert not InvariantCheck.objects.exists()
    assert actions.check_invariants(now=started) == {}
    assert sweep(started + timedelta(minutes=59)) == 0
    assert sweep(started + timedelta(minutes=61)) == 1


def test_a_proof_that_cannot_be_run_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    from marketplace.kernel import registry
    from payments.reports import actions

    def broken() -> list[str]:
        raise ZeroDivisionError

    monkeypatch.setitem(registry.invariants, "test: always breaks", broken)
    assert actions.check_invariants(now=NOW) == {
        "test: always breaks": ["The proof could not be run: ZeroDivisionError."]
    }
    assert Entry.objects.count() == 0
