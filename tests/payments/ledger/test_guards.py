"""What the database itself refuses: each guard is shown to bite by SQL that goes past the code."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from payments.ledger import queries
from payments.ledger.models import Entry, LedgerAccount, Transfer
from tests.factories.payments_ledger import fund, lab, move, project

INSERT_ENTRY = """
INSERT INTO ledger_entry (public_id, key, kind, effective_on, posted_at, actor_kind, actor_ref, input_sha256, memo)
VALUES (gen_random_uuid(), %s, 'FUNDING', '2026-11-18', '2026-11-18', 'system', 'sql', '', '') RETURNING id
"""
INSERT_TRANSFER = """
INSERT INTO ledger_transfer (entry_id, position, debit_id, credit_id, amount_minor, currency)
VALUES (%s, %s, %s, %s, %s, %s)
"""


def write(key: str, debit: int, credit: int, amount_minor: int, currency: str = "USD") -> int:
    """Write an entry with one transfer by SQL alone; return its row id."""
    ((pk,),) = run(INSERT_ENTRY, key)
    run(INSERT_TRANSFER, pk, 0, debit, credit, amount_minor, currency)
    return int(str(pk))


def run(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET memo = 'changed'",
        "UPDATE ledger_transfer SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_transfer",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_transfer",
        "TRUNCATE ledger_entry CASCADE",
        "TRUNCATE ledger_ledgeraccount CASCADE",
        "DELETE FROM ledger_ledgeraccount",
        "UPDATE ledger_ledgeraccount SET owner_ref = gen_random_uuid() WHERE code = '2000'",
        "UPDATE ledger_ledgeraccount SET code = '2200' WHERE code = '2000'",
        "UPDATE ledger_ledgeraccount SET currency = 'EUR'",
    ],
)
def test_nothing_that_was_written_is_changed_or_removed(sql: str) -> None:
    fund(lab(), 100)
    # Deferred checks first, because TRUNCATE refuses a table with pending ones before our trigger is asked.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(sql)
    assert list(Transfer.objects.values_list("amount_minor", flat=True)) == [100]


@pytest.mark.django_db
def test_a_floor_holds_against_sql() -> None:
    funds = project()
    fund(funds, 100)
    with pytest.raises(IntegrityError, match="never_negative"), transaction.atomic():
        run("UPDATE ledger_ledgeraccount SET balance_minor = -1 WHERE code = '2100'")


@pytest.mark.django_db
def test_a_hot_account_takes_no_running_balance_and_the_others_need_one() -> None:
    fund(lab(), 100)
    for sql in (
        "UPDATE ledger_ledgeraccount SET balance_minor = 0 WHERE code = '1010'",
        "UPDATE ledger_ledgeraccount SET balance_minor = NULL WHERE code = '2000'",
    ):
        with pytest.raises(IntegrityError, match="only_hot_accounts"), transaction.atomic():
            run(sql)


@pytest.mark.django_db(transaction=True)
def test_no_transfer_joins_an_entry_after_its_own_transaction() -> None:
    entry = fund(lab(), 100)
    debit, credit = LedgerAccount.objects.values_list("pk", flat=True)
    with pytest.raises(IntegrityError, match="joins entry"):
        run(INSERT_TRANSFER, entry.pk, 1, debit, credit, 5, "USD")
    assert Transfer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_transfer_may_join_its_entry_from_a_savepoint_of_the_same_transaction() -> None:
    entry = fund(lab(), 100)
    debit, credit = LedgerAccount.objects.values_list("pk", flat=True)
    with transaction.atomic():
        ((pk,),) = run(INSERT_ENTRY, "sql:1")
        with transaction.atomic():
            run(INSERT_TRANSFER, pk, 0, debit, credit, 5, "USD")
    assert list(Entry.objects.order_by("pk").values_list("pk", flat=True)) == [entry.pk, pk]


@pytest.mark.django_db(transaction=True)
def test_an_entry_cannot_be_written_for_a_later_transaction() -> None:
    sql = INSERT_ENTRY.replace("memo)", "memo, txid)").replace("'') RETURNING", "'', '99999999'::xid8) RETURNING")
    with pytest.raises(IntegrityError, match="names the transaction that wrote it"):
        run(sql, "sql:1")


@pytest.mark.django_db(transaction=True)
def test_an_entry_without_transfers_is_refused_at_commit() -> None:
    with pytest.raises(IntegrityError, match="entry sql:1 moves nothing"), transaction.atomic():
        run(INSERT_ENTRY, "sql:1")  # Accepted here; the check waits for the end of the transaction.
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_a_transfer_stays_in_the_currency_of_both_accounts(currency: str) -> None:
    fund(lab(), 100)
    fund(lab(currency="EUR"), 100)
    dollars = LedgerAccount.objects.get(code="1010", currency="USD").pk
    euros = LedgerAccount.objects.get(code="2000", currency="EUR").pk
    with pytest.raises(IntegrityError, match="another currency"), transaction.atomic():
        write("sql:1", dollars, euros, 5, currency)


@pytest.mark.django_db
@pytest.mark.parametrize("amount", [0, -5])
def test_a_transfer_moves_a_positive_amount(amount: int) -> None:
    fund(lab(), 100)
    debit, credit = LedgerAccount.objects.values_list("pk", flat=True)
    with pytest.raises(IntegrityError, match="amount_is_positive"), transaction.atomic():
        write("sql:1", debit, credit, amount)


@pytest.mark.django_db
def test_a_transfer_needs_two_accounts_and_an_entry_is_reversed_once() -> None:
    first, second = fund(lab(), 100), fund(lab(), 100)
    debit = LedgerAccount.objects.get(code="1010").pk
    with pytest.raises(IntegrityError, match="two_different_accounts"), transaction.atomic():
        write("sql:1", debit, debit, 5)
    reversing = INSERT_ENTRY.replace("memo)", "memo, reverses_id)").replace("'') RETURNING", "'', %s) RETURNING")
    run(reversing, "sql:2", first.pk)
    with pytest.raises(IntegrityError, match="reverses_id"), transaction.atomic():
        run(reversing, "sql:3", first.pk)
    with pytest.raises(IntegrityError, match="key"), transaction.atomic():
        run(INSERT_ENTRY, second.key)
    # The entry of "sql:2" has no transfers; it must not meet the deferred check at the end of this test.
    transaction.set_rollback(True)


# -------------------------------------------------------------------------------------------------------------- proofs


@pytest.mark.django_db
def test_the_proofs_are_green_on_honest_books_and_red_when_a_balance_was_changed_in_sql() -> None:
    funds = lab()
    fund(funds, 100)
    move(funds, project(), 30)
    assert (queries.recount(), queries.trial_balance_off(), queries.missing_guards()) == ([], [], [])
    run("UPDATE ledger_ledgeraccount SET balance_minor = 71 WHERE code = '2000'")
    assert queries.recount() == [f"Account 2000 of lab {funds.owner_ref} in USD says 71 but its transfers sum to 70."]


@pytest.mark.django_db
def test_a_guard_that_somebody_switched_off_is_missed() -> None:
    run("ALTER TABLE ledger_transfer DISABLE TRIGGER transfer_is_append_only")
    assert queries.missing_guards() == ["The guard transfer_is_append_only of the ledger is missing or disabled."]


@pytest.mark.django_db
def test_an_old_row_changed_past_the_disabled_guards_is_found_by_the_recount() -> None:
    funds = lab()
    fund(funds, 100)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE ledger_transfer DISABLE TRIGGER transfer_is_append_only")
    run("UPDATE ledger_transfer SET amount_minor = 99")
    assert queries.recount() == [f"Account 2000 of lab {funds.owner_ref} in USD says 100 but its transfers sum to 99."]


def test_the_proofs_are_registered_so_that_a_red_one_stops_the_next_run() -> None:
    from marketplace.kernel import registry

    assert registry.invariants["ledger: stored balance equals the sum of transfers"] is queries.recount
    assert registry.invariants["ledger: trial balance sums to zero"] is queries.trial_balance_off
    assert registry.invariants["ledger: the guards of the books stand"] is queries.missing_guards
