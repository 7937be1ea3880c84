"""Files that take several pieces to arrive, and a line to the server that goes dead in the middle."""

from __future__ import annotations

import io
import random
import re

import pikepdf
from playwright.sync_api import Page, Route

from tests.factories.experts_credentials import pdf_bytes

PIECE = 256 * 1024


def heavy(lines: tuple[str, ...], size: int) -> bytes:
    """Return a résumé with so much in it that it takes several pieces."""
    pdf = pikepdf.open(io.BytesIO(pdf_bytes(*lines)))
    pdf.Root.Ballast = pdf.make_stream(random.Random(3).randbytes(size))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


class Line:
    """The line to the server: dead from a given number of pieces on, counted over its whole life."""

    def __init__(self, page: Page) -> None:
        self.sent, self.most = 0, 10_000
        page.route(re.compile(r"/uploads/[0-9a-f-]+/$"), self._carry)

    def _carry(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif self.sent >= self.most:
            route.abort("connectionfailed")
        else:
            self.sent += 1
            route.continue_()
