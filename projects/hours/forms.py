"""The shapes of what people fill in about time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.kernel import clock
from projects.hiring.models import Contract
from projects.hours.localtime import to_utc


class WeekForm(forms.Form):
    """Which week to show: "2026-W47"."""

    week = forms.CharField(required=False, max_length=8)

    def clean_week(self) -> date | None:
        text = self.cleaned_data["week"]
        try:
            return clock.parse_period(text) if text else None
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem


class ContractChoice(forms.Form):
    """A form with a contract of the expert."""

    contract = forms.UUIDField()

    def __init__(self, *args: Any, contracts: list[Contract], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.public_id), f"{row.project.title} ({row.project.lab.public_name})") for row in contracts]
        self.fields["contract"] = forms.ChoiceField(choices=choices, label=_("Contract"))


class StartTimerForm(ContractChoice):
    """Starting the timer."""

    memo = forms.CharField(required=False, max_length=300, label=_("What you are doing"))


class StopTimerForm(forms.Form):
    """Stopping the timer."""

    memo = forms.CharField(required=False, max_length=300)


class EntryForm(ContractChoice):
    """A range of time by hand, in the person's own zone."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    start = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    end = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}))
    memo = forms.CharField(max_length=300, label=_("What you did"))
    second_pass = forms.TypedChoiceField(
        required=False,
        label=_("If the clocks went back"),
        choices=[("", _("Does not matter")), ("no", _("The first time")), ("yes", _("The second time"))],
        coerce={"no": False, "yes": True}.get,
        empty_value=None,
    )

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """Return start and end in UTC; an end before the start lies on the next day."""
        data = self.cleaned_data
        start = to_utc(data["day"], data["start"], zone, second_pass=data["second_pass"])
        end_day = data["day"] if data["end"] > data["start"] else data["day"] + timedelta(days=1)
        return start, to_utc(end_day, data["end"], zone, second_pass=data["second_pass"])


class ApproveForm(forms.Form):
    """The revision that the page showed."""

    revision = forms.IntegerField(min_value=0)


class PageForm(forms.Form):
    """Keyset of a long list."""

    after = forms.IntegerField(required=False, min_value=1)
