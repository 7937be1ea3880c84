"""Report 1: every item of one week's pay run, as it was computed and as it went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from marketplace.kernel.clock import period_label
from payments.payouts.enums import ItemState, RunState
from payments.payouts.models import Attempt, PayItem, PayRun
from payments.payouts.queries import ranked, state_rows, tie_of
from payments.reports.shapes import CHUNK, Column, Report, Row, Tie

TONES: Final[dict[str, str]] = {ItemState.UNKNOWN: "unknown", ItemState.REJECTED: "danger", ItemState.HELD: "warning"}


@dataclass(frozen=True)
class PayoutRegister(Report):
    """One week (its Monday) in one currency; a cancelled run does not count."""

    slug: ClassVar[str] = "payout-register"
    title: ClassVar[str] = "Payout register"
    answers: ClassVar[str] = "Who is paid what in one week, and did it arrive at Stripe."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("run", "Run", on_screen=False),
        Column("period", "Period", "day", on_screen=False),
        Column("item", "Item", "mono", on_screen=False),
        Column("expert_id", "Expert id", "mono", on_screen=False),
        Column("legal_name", "Expert"),
        Column("country", "To"),
        Column("currency", "Currency", on_screen=False),
        Column("gross", "Gross", "money", total=True),
        Column("withheld", "Withheld", "money", total=True),
        Column("net", "Net", "money", total=True),
        Column("state", "State", "state"),
        Column("held_reason", "Held or left out because", "words"),
        Column("stripe_account", "Stripe account", "mono", on_screen=False),
        Column("destination", "Paid to"),
        Column("transfer", "Transfer", "mono"),
        Column("balance_transaction", "Balance transaction", "mono", on_screen=False),
        Column("attempts", "Attempts", "count"),
        Column("sent_at", "Sent", "moment"),
        Column("failure_code", "Failure", "mono"),
        Column("computed_at", "Computed at", "moment", on_screen=False),
        Column("prepared_by", "Prepared by", on_screen=False),
        Column("approved_by", "Approved by", on_screen=False),
        Column("approved_at", "Approved at", "moment", on_screen=False),
    )
    period: date
    currency: str = "USD"

    @cached_property
    def run(self) -> PayRun | None:
        """The week's run, or None while nobody has drafted it."""
        runs = PayRun.objects.filter(period=self.period, currency=self.currency).exclude(state=RunState.CANCELLED)
        return runs.select_related("created_by", "approved_by").first()

    def _items(self) -> QuerySet[PayItem]:
        items: QuerySet[PayItem] = PayItem.objects.filter(run=self.run)
        return items

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        if self.run is None:
            return
        run, label = self.run, period_label(self.period)
        prepared, approved = str(run.created_by), str(run.approved_by or "")
        of_item = Attempt.objects.filter(item=OuterRef("pk")).order_by().values("item").annotate(n=Count("pk"))
        counted = Coalesce(Subquery(of_item.values("n")), 0)
        items: Any = ranked(self._items().select_related("payee").annotate(attempt_count=counted))
        ordered = items.order_by("rank", "payee__full_name", "pk")[start : None if size is None else start + size]
        for item in ordered.iterator(chunk_size=CHUNK):
            reason = item.get_held_reason_display() or item.get_excluded_reason_display() or item.failure_message
            yield (
                f"{label} {self.currency}", self.period, item.public_id, item.payee.public_id, str(item.payee),
                item.country, item.currency, item.gross_minor, item.withheld_minor, item.net_minor, item.state, reason,
                item.stripe_account_id, item.destination_label, item.stripe_transfer_id, item.balance_transaction,
                item.attempt_count, item.sent_at, item.failure_code, run.computed_at, prepared, approved,
                run.approved_at,
            )  # fmt: skip

    def tone(self, row: Row) -> str:
        return TONES.get(str(row[10]), "")

    def totals(self) -> tuple[int, dict[str, int]]:
        found = self._items().aggregate(
            n=Count("pk"),
            gross=Sum("gross_minor", default=0),
            withheld=Sum("withheld_minor", default=0),
            net=Sum("net_minor", default=0),
        )
        return found.pop("n"), {name: int(minor) for name, minor in found.items()}

    def parameters(self) -> list[tuple[str, str]]:
        return [
            ("Week", period_label(self.period)),
            ("Currency", self.currency),
            ("Run", str(self.run.public_id) if self.run else "not drafted"),
            ("State", str(self.run.get_state_display()) if self.run else "none"),
            ("SHA-256 of the run", self.run.computed_sha256 if self.run else ""),
        ]

    def as_of(self) -> str:
        return self.run.computed_at.date().isoformat() if self.run and self.run.computed_at else "not computed"

    def ties(self) -> list[Tie]:
        if self.run is None or self.run.computed_at is None:
            return []
        tie = tie_of(self.run, state_rows(self.run))
        _count, sums = self.totals()
        return [
            Tie("Sent", tie.sent_minor, "1010 paid out for these items", tie.paid_minor),
            Tie("On the way", tie.open_minor, "2300 in transit for these items", tie.in_transit_minor),
            Tie("Net of the run", sums["net"], "1010, 2300 and 2200 together", tie.ledger_minor, ("net",)),
        ]

    @property
    def file_name(self) -> str:
        return f"{self.slug}-{period_label(self.period)}-{self.currency}"
