"""Addresses of hours, pay and statements."""

from __future__ import annotations

from django.urls import path

from projects.hours.views import expert, lab, pay, timer

app_name = "hours"
urlpatterns = [
    path("me/hours/", expert.week, name="week"),
    path("me/hours/entries/", expert.entry_add, name="entry_add"),
    path("me/hours/entries/<uuid:entry_id>/", expert.entry, name="entry"),
    path("me/hours/entries/<uuid:entry_id>/remove/", expert.entry_remove, name="entry_remove"),
    path("me/hours/weeks/<uuid:timesheet_id>/submit/", expert.week_submit, name="week_submit"),
    path("me/hours/weeks/<uuid:timesheet_id>/reopen/", expert.week_reopen, name="week_reopen"),
    path("me/hours/timer/", timer.timer, name="timer"),
    path("me/hours/timer/start/", timer.timer_start, name="timer_start"),
    path("me/hours/timer/stop/", timer.timer_stop, name="timer_stop"),
    path("me/hours/timer/beat/", timer.timer_beat, name="timer_beat"),
    path("me/earnings/", pay.earnings, name="earnings"),
    path("me/earnings/<slug:week>/", pay.payslip, name="payslip"),
    path("lab/<slug:slug>/hours/", lab.hours, name="lab_hours"),
    path("lab/<slug:slug>/hours/<uuid:timesheet_id>/approve/", lab.approve, name="approve"),
    path("lab/<slug:slug>/statement/", lab.statement, name="statement"),
    path("lab/<slug:slug>/statement.csv", lab.statement_csv, name="statement_csv"),
]
