"""Files: exact, stamped, harmless in a spreadsheet, streamed, and all from one moment."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Event, Thread
from typing import ClassVar
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import EXPONENTS, parse_major
from payments.reports.queries import Journal, PayoutRegister, TrialBalance
from payments.reports.shapes import Column, Report, Row, Tie
from payments.reports.writers import csv_file
from tests.factories.payments_ledger import fund, lab
from tests.factories.payments_payouts import PERIOD
from tests.payments.reports.conftest import Week

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ID = UUID("01900000-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Sample(Report):
    """A report of given rows."""

    slug: ClassVar[str] = "sample"
    title: ClassVar[str] = "Sample"
    answers: ClassVar[str] = "What is in it."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", "Name"),
        Column("id", "Id", "ref"),
        Column("on", "On", "day"),
        Column("n", "N", "count"),
        Column("net", "Net", "money", total=True),
    )
    found: tuple[Row, ...] = ()
    repeat: int = 1
    currency: str = "USD"

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        for _ in range(self.repeat):
            yield from self.found

    def parameters(self) -> list[tuple[str, str]]:
        return [("Currency", self.currency)]

    def as_of(self) -> str:
        return "2026-11-22"

    def ties(self) -> list[Tie]:
        return []


def written(report: Report) -> str:
    out = io.BytesIO()
    csv_file.write(report, out, by="Priya Vance", now=NOW)
    return out.getvalue().decode()


@pytest.mark.django_db
def test_a_file_holds_head_rows_an_empty_line_and_the_stamp() -> None:
    rows: tuple[Row, ...] = (
        ("Ase Lindgren", ID, date(2026, 11, 9), 3, 1_953_75),
        ("Ö, “quoted”", None, None, 0, -55_00),
    )
    text = written(Sample(rows))
    body, _, stamp = text.partition("\r\n\r\n")
    assert body.split("\r\n") == [
        "name,id,on,n,net",
        "Ase Lindgren,01900000-0000-7000-8000-000000000001,2026-11-09,3,1953.75",
        '"Ö, “quoted”",,,0,-55.00',
    ]
    assert list(csv.reader(io.StringIO(stamp))) == [
        ["Report", "Sample"],
        ["Currency", "USD"],
        ["As of, business date", "2026-11-22"],
        ["Known at", "2026-11-23T09:00:00+00:00"],
        ["Made by", "Priya Vance"],
        ["Rows", "2"],
        ["Sum of Net", "1898.75"],
        ["SHA-256 of the lines above", hashlib.sha256((body + "\r\n").encode()).hexdigest()],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cells_that_a_spreadsheet_would_run_begin_with_an_apostrophe(text: str) -> None:
    assert csv_file.defused(text) == f"'{text}"


@pytest.mark.django_db
def test_names_are_defused_and_negative_amounts_stay_numbers() -> None:
    body = written(Sample((("=cmd|' /C calc'!A0", None, None, 0, -1),))).split("\r\n")
    assert body[1] == "'=cmd|' /C calc'!A0,,,0,-0.01"


@given(st.integers(-(10**14), 10**14), st.sampled_from(["USD", "EUR", "JPY"]))
def test_amounts_are_exact_in_major_units(minor: int, currency: str) -> None:
    text = csv_file.cell_text(minor, Column("net", "Net", "money"), currency)
    assert re.fullmatch(r"-?\d+(\.\d\d)?", text)
    assert Decimal(text).scaleb(EXPONENTS[currency]) == minor


@pytest.mark.full
@pytest.mark.django_db
def test_a_long_report_needs_no_more_memory_than_a_short_one() -> None:
    row: Row = ("Somebody with a name of usual length", ID, date(2026, 11, 9), 1, 1_953_75)

    def peak(rows: int) -> int:
        tracemalloc.start()
        out, stamp = csv_file.spooled(Sample((row,), repeat=rows), by="tests", now=NOW)
        with out:
            assert stamp.rows == rows
            high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    peak(10)
    short, long = peak(5_000), peak(50_000)
    assert long < short + 200_000


@pytest.mark.django_db
def test_the_file_of_the_register_sums_to_what_the_ledger_paid_and_says_so(week: Week) -> None:
    report = PayoutRegister(period=PERIOD)
    text = written(report)
    body, _, stamp = text.partition("\r\n\r\n")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [(row["legal_name"], row["net"], row["state"]) for row in rows] == [
        ("Elena Vasquez", "500.01", "UNKNOWN"),
        ("Joos Achterberg", "77.07", "HELD"),
        ("'=Femi Okonjo", "500.02", "SENT"),
        ("Ase Lindgren", "500.00", "SENT"),
    ]
    sent = sum(parse_major(row["net"]) for row in rows if row["state"] == "SENT")
    assert sent == report.ties()[0].books_minor
    facts = dict(csv.reader(io.StringIO(stamp)))
    assert facts["Sum of Net"] == "1577.10"
    assert facts["SHA-256 of the run"] == week.run.computed_sha256


@pytest.mark.django_db(transaction=True)
def test_a_file_shows_the_books_of_one_moment_while_others_post() -> None:
    """An entry that comes in the middle of writing is in neither half of the file."""
    fund(lab(), 100)
    half, posted = Event(), Event()

    @dataclass(frozen=True)
    class SlowJournal(Journal):
        def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
            yield from super().rows(start, size)
            half.set()
            assert posted.wait(timeout=10)
            yield from super().rows(start, size)

    def post_meanwhile() -> None:
        try:
            half.wait(timeout=10)
            fund(lab(), 5)
        finally:
            posted.set()
            connections.close_all()

    thread = Thread(target=post_meanwhile)
    thread.start()
    stamp = csv_file.write(SlowJournal(), io.BytesIO(), by="tests", now=NOW)
    thread.join(timeout=10)
    assert (stamp.rows, stamp.sums) == (4, {"debit": 200, "credit": 200})
    assert TrialBalance().totals()[1]["debit"] == 105


# --------------------------------------------------------------------------------------------------------------- shell


@pytest.mark.django_db
def test_the_command_writes_the_same_register(week: Week) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("payout_report", "--week", "2026-W46", "--format", "csv", stdout=out, stderr=err)
    body = written(PayoutRegister(period=PERIOD)).partition("\r\n\r\n")[0]
    assert out.getvalue().partition("\r\n\r\n")[0] == body
    digest = hashlib.sha256(f"{body}\r\n".encode()).hexdigest()
    assert err.getvalue().strip() == f"4 rows, SHA-256 {digest}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("week_asked", "sentence"),
    [("2026-46", "is not a week"), ("2026-W60", "week"), ("2026-W02", "There is no pay run for 2026-W02 in USD")],
)
def test_the_command_refuses_in_words(week_asked: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("payout_report", "--week", week_asked)
