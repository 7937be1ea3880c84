"""Addresses of hours in the API."""

from __future__ import annotations

from django.urls import path

from projects.hours import api

urlpatterns = [
    path("me/time-entries/", api.MyTimeEntries.as_view(), name="my_time_entries"),
    path("me/timesheets/", api.MyTimesheets.as_view(), name="my_timesheets"),
    path("me/pay-lines/", api.MyPayLines.as_view(), name="my_pay_lines"),
    path("me/payslips/", api.MyPayslips.as_view(), name="my_payslips"),
    path("timesheets/", api.LabTimesheets.as_view(), name="timesheets"),
]
