"""The reports of finance, in the order in which the index shows them."""

from __future__ import annotations

from typing import Final

from payments.reports.queries.clearing import Clearing
from payments.reports.queries.journal import AccountStatement, Journal
from payments.reports.queries.payables import Payables
from payments.reports.queries.payout_register import PayoutRegister
from payments.reports.queries.trial_balance import TrialBalance
from payments.reports.shapes import Report

CATALOGUE: Final[dict[str, type[Report]]] = {
    report.slug: report for report in (PayoutRegister, Payables, TrialBalance, Journal, Clearing)
}
"""By slug. The statement of one account is reached from the account itself."""

__all__ = ["CATALOGUE", "AccountStatement", "Clearing", "Journal", "Payables", "PayoutRegister", "TrialBalance"]
