"""What /metrics tells Prometheus: how the jobs, the sweeps, the proofs of the books and the pay items stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, Min
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from marketplace.kernel import registry
from marketplace.kernel.census import take_census
from marketplace.pages.models import SweepRecord
from payments.payouts.enums import ItemState
from payments.payouts.models import PayItem
from payments.reports.queries.cockpit import current_checks


class SiteCollector(Collector):
    """
    Reads everything from the database when it is asked, so that it is the same whichever process answers.

    Ages are in seconds of the business clock.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._jobs()
        yield from self._sweeps()
        yield from self._proofs()
        yield from self._items()

    def _jobs(self) -> Iterator[GaugeMetricFamily]:
        standings = take_census(self.now)
        yield _family("jobs_due", "Jobs that wait for a worker", "kind", [(row.kind, row.due) for row in standings])
        ages = [(row.kind, self._age(row.oldest_due_at)) for row in standings]
        yield _family("jobs_oldest_due_seconds", "How long the oldest due job has waited", "kind", ages)
        parked = [(row.kind, row.parked) for row in standings]
        yield _family("jobs_parked", "Jobs that wait for a person", "kind", parked)

    def _sweeps(self) -> Iterator[GaugeMetricFamily]:
        records = list(SweepRecord.objects.filter(name__in=list(registry.sweeps)).order_by("name"))
        ages = [(record.name, self._age(record.last_run_at)) for record in records]
        yield _family("sweep_age_seconds", "Time since a sweep last ran", "sweep", ages)
        failing = [(record.name, int(bool(record.last_error))) for record in records]
        yield _family("sweep_failing", "1 if the last run of a sweep raised", "sweep", failing)

    def _proofs(self) -> Iterator[GaugeMetricFamily]:
        checks = current_checks()
        red = [(check.name, int(not check.is_green)) for check in checks]
        yield _family("invariant_red", "1 if a proof of the books found something", "invariant", red)
        ages = [(check.name, self._age(check.checked_at)) for check in checks]
        yield _family("invariant_age_seconds", "Time since a proof was last run", "invariant", ages)

    def _items(self) -> Iterator[GaugeMetricFamily]:
        found = PayItem.objects.filter(state=ItemState.UNKNOWN).aggregate(count=Count("pk"), since=Min("unknown_since"))
        name = "preceptor_pay_items_unknown"
        yield GaugeMetricFamily(name, "Pay items whose call had no answer", value=found["count"])
        name = "preceptor_pay_item_unknown_seconds"
        yield GaugeMetricFamily(name, "How long the oldest of them has been unknown", value=self._age(found["since"]))

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self.now - since).total_seconds())


def _family(name: str, help_text: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"preceptor_{name}", help_text, labels=[label])
    for key, value in values:
        family.add_metric([key], value)
    return family


def metrics_registry(now: datetime) -> CollectorRegistry:
    """Return a registry that holds the site's figures and nothing of the process that answers."""
    figures = CollectorRegistry()
    figures.register(SiteCollector(now))
    return figures
