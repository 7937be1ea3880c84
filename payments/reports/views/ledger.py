"""The ledger explorer: the chart, the accounts of a code, one account, one entry."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from payments.ledger import queries as books
from payments.ledger.enums import CHART
from payments.ledger.models import Entry
from payments.reports.forms import PageForm
from payments.reports.policies import finance_only
from payments.reports.queries import AccountStatement, explorer, owners
from payments.reports.views.files import csv_response


@require_GET
@finance_only
def ledger(request: Request) -> HttpResponse:
    """The chart of accounts with what stands on it, and a way to find an entry by its key."""
    asked = PageForm.read(request.GET)
    currencies = books.currencies()
    currency = asked["currency"] if asked["currency"] in currencies else currencies[0]
    found = list(explorer.entries_found(asked["q"] or "")[:50])
    if len(found) == 1:
        return redirect("reports:entry", found[0].public_id)
    rows = books.trial_balance(currency)
    context = {
        "door": "finance",
        "rows": rows,
        "debits": sum(row.debit_minor for row in rows),
        "credits": sum(row.credit_minor for row in rows),
        "currency": currency,
        "currencies": currencies,
        "asked": asked["q"] or "",
        "found": found,
    }
    return render(request, "finance/ledger.html", context)


@require_GET
@finance_only
def accounts(request: Request, code: str) -> HttpResponse:
    """The accounts under one code; a code of the platform has one per currency and opens at once."""
    asked = PageForm.read(request.GET)
    known = explorer.code_or_404(code)
    currencies = books.currencies()
    currency = asked["currency"] if asked["currency"] in currencies else currencies[0]
    rows, after = explorer.accounts_page(known, currency, after=asked["after"], nonzero=bool(asked["nonzero"]))
    if CHART[known].owner_kind == "platform" and len(rows) == 1:
        return redirect(rows[0].url)
    context = {
        "door": "finance",
        "code": known,
        "rule": CHART[known],
        "rows": rows,
        "after": after,
        "currency": currency,
        "currencies": currencies,
        "nonzero": bool(asked["nonzero"]),
        "total_minor": books.total_minor(known, currency),
    }
    return render(request, "finance/accounts.html", context)


@require_GET
@finance_only
def account(request: Request, code: str, currency: str, owner: UUID | None = None) -> HttpResponse:
    """The statement of one account, the newest movement first."""
    found = explorer.account_or_404(code, currency, owner)
    asked = PageForm.read(request.GET)
    lines, older = explorer.statement_page(found, before=asked["before"])
    name = f"{found.code} {found.get_code_display()}"
    whose = owners.names_of([(found.owner_kind, found.owner_ref)])[found.owner_kind, found.owner_ref]
    context = {
        "door": "finance",
        "account": found,
        "rule": CHART[found.code],
        "title": whose if owner else name,
        "eyebrow": name if owner else "",
        "balance_minor": books.balance_minor(explorer.code_or_404(code), owner, currency),
        "stored": found.balance_minor is not None,
        "lines": lines,
        "older": older,
        "is_first": asked["before"] is None,
        "now": clock.now(),
    }
    return render(request, "finance/account.html", context)


@require_GET
@finance_only
def account_csv(request: Request, code: str, currency: str, owner: UUID | None = None) -> HttpResponseBase:
    """The whole statement of one account as a file."""
    explorer.account_or_404(code, currency, owner)
    report = AccountStatement(code=code, owner_ref=owner, currency=currency)
    return csv_response(report, by=str(request.user), now=clock.now())


@require_GET
@finance_only
def entry(request: Request, public_id: UUID) -> HttpResponse:
    """One entry with everything that is known of it."""
    found = get_object_or_404(Entry.objects.select_related("reverses", "reversed_by"), public_id=public_id)
    lines = explorer.entry_lines(found)
    context = {
        "door": "finance",
        "entry": found,
        "reversed_by": getattr(found, "reversed_by", None),
        "actor": owners.actors_of([(found.actor_kind, found.actor_ref)])[found.actor_kind, found.actor_ref],
        "lines": lines,
        "total_minor": sum(line.transfer.amount_minor for line in lines),
        "currency": lines[0].transfer.currency,
    }
    return render(request, "finance/entry.html", context)
