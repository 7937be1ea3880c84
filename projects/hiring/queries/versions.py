"""
Which version of a contract pays which week.

`Contract.current_version` is what lists show: a sweep moves it when a later version begins. Money asks here, by the week, so
that a late sweep pays nobody by an old version, and no version counts before its first moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from marketplace.kernel import clock
from projects.hiring.models import Contract, ContractVersion


def version_of_week(contract: Contract, period: date) -> ContractVersion:
    """
    Return the version that pays a week: the last one that begins before the week's end.

    Only the first version begins inside a week, every other one on a Monday 00:00 UTC, so a week has one version.
    """
    return versions_of_week([contract], period)[contract.pk]


def versions_of_week(contracts: Iterable[Contract], period: date) -> dict[int, ContractVersion]:
    """Return the version that pays this week for each contract, by its row id, in one query."""
    rows = ContractVersion.objects.filter(contract__in=[contract.pk for contract in contracts])
    ends = clock.ends_at(period)
    found: dict[int, ContractVersion] = {}
    for version in rows.order_by("contract_id", "number"):
        if version.contract_id not in found or version.effective_from < ends:
            found[version.contract_id] = version
    return found


def last_version(contract: Contract) -> ContractVersion:
    """Return the newest version, whether it is in force already or begins later."""
    version: ContractVersion = contract.versions.order_by("-number")[0]
    return version
