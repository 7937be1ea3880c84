"""
Reports as CSV (RFC 4180, UTF-8): the head, the rows, an empty line, then the stamp.

Amounts are exact decimal strings in major units. Cells of text that a spreadsheet would run as a formula begin with an
apostrophe. The stamp ends with the SHA-256 of everything above the empty line, so that a file can be checked with
`head` and `sha256sum` alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Final

from marketplace.kernel.money import major_units
from payments.reports.shapes import Cell, Column, Report, snapshot

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
FLUSH_AT: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands at the end of a file."""

    rows: int
    sums: dict[str, int]
    sha256: str


def write(report: Report, out: IO[bytes], *, by: str, now: datetime) -> Stamp:
    """
    Write the report into `out` from one snapshot, in constant memory.

    :param by: who asked for it, in words.
    :param now: when the books were read; "known at".
    """
    report.prepare()
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    digest = hashlib.sha256()
    sums = {column.name: 0 for column in report.columns if column.total}
    count = 0

    def flush(*, hashed: bool = True) -> None:
        data = text.getvalue().encode()
        if hashed:
            digest.update(data)
        out.write(data)
        text.seek(0)
        text.truncate()

    lines.writerow([column.name for column in report.columns])
    with snapshot():
        for row in report.rows():
            lines.writerow(
                [cell_text(cell, column, report.currency) for column, cell in zip(report.columns, row, strict=True)]
            )
            count += 1
            for column, cell in zip(report.columns, row, strict=True):
                if column.total and isinstance(cell, int):
                    sums[column.name] += cell
            if text.tell() > FLUSH_AT:
                flush()
    flush()
    stamp = Stamp(count, sums, digest.hexdigest())
    lines.writerow([])
    lines.writerows(_stamp_lines(report, stamp, by=by, now=now))
    flush(hashed=False)
    return stamp


def spooled(report: Report, *, by: str, now: datetime) -> tuple[IO[bytes], Stamp]:
    """
    Write the report into a temporary file and return it, rewound.

    The file goes out only when it is whole: an error gives an error page instead of half a file, and a slow reader
    holds no transaction open.
    """
    out: IO[bytes] = TemporaryFile()  # noqa: SIM115 -- closed by the response that sends it
    try:
        stamp = write(report, out, by=by, now=now)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out, stamp


def cell_text(cell: Cell, column: Column, currency: str) -> str:
    """Return one cell as text."""
    if cell is None or cell == "":
        return ""
    if column.kind == "money" and isinstance(cell, int):
        return major_units(cell, currency)
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, date):  # and datetime
        return cell.isoformat()
    return defused(str(cell))


def defused(text: str) -> str:
    """Return text that no spreadsheet runs as a formula (owasp.org, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _stamp_lines(report: Report, stamp: Stamp, *, by: str, now: datetime) -> list[list[str]]:
    labels = {column.name: column.label for column in report.columns}
    return [
        ["Report", report.title],
        *[[label, defused(value)] for label, value in report.parameters()],
        ["As of, business date", report.as_of()],
        ["Known at", now.isoformat(timespec="seconds")],
        ["Made by", defused(by)],
        ["Rows", str(stamp.rows)],
        *[[f"Sum of {labels[name]}", major_units(minor, report.currency)] for name, minor in stamp.sums.items()],
        ["SHA-256 of the lines above", stamp.sha256],
    ]
