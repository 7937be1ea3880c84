"""Answers that are files."""

from __future__ import annotations

from datetime import datetime

from django.http import FileResponse

from payments.reports.shapes import Report
from payments.reports.writers import csv_file


def csv_response(report: Report, *, by: str, now: datetime) -> FileResponse:
    """Return the report as a CSV file that is sent piece by piece; X-Content-SHA256 is the hash of its stamp."""
    out, stamp = csv_file.spooled(report, by=by, now=now)
    response = FileResponse(
        out, as_attachment=True, filename=f"{report.file_name}.csv", content_type="text/csv; charset=utf-8"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-SHA256"] = stamp.sha256
    return response
