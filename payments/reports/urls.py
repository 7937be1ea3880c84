"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern, path

from payments.reports.views import cockpit, ledger, reports

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("finance/", cockpit.cockpit, name="cockpit"),
    path("finance/at-stripe/", cockpit.at_stripe, name="at_stripe"),
    path("finance/proofs/", cockpit.check_now, name="check_now"),
    path("finance/parked/", cockpit.parked, name="parked"),
    path("finance/parked/again/", cockpit.try_again, name="try_again"),
    path("finance/ledger/", ledger.ledger, name="ledger"),
    path("finance/ledger/entries/<uuid:public_id>/", ledger.entry, name="entry"),
    path("finance/ledger/<str:code>/", ledger.accounts, name="accounts"),
    path("finance/ledger/<str:code>/<str:currency>/", ledger.account, name="account"),
    path("finance/ledger/<str:code>/<str:currency>/csv/", ledger.account_csv, name="account_csv"),
    path("finance/ledger/<str:code>/<str:currency>/<uuid:owner>/", ledger.account, name="account"),
    path("finance/ledger/<str:code>/<str:currency>/<uuid:owner>/csv/", ledger.account_csv, name="account_csv"),
    path("finance/reports/", reports.index, name="index"),
    path("finance/reports/<slug:slug>/", reports.report, name="report"),
    path("finance/reports/<slug:slug>/csv/", reports.report_csv, name="report_csv"),
]
