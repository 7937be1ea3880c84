"""The shapes of what people fill in about time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from projects.hiring.models import Contract
from projects.hours.localtime import happens_twice, to_utc


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
    """Stopping the timer; `leave_out` answers the idle question with "do not count it"."""

    memo = forms.CharField(required=False, max_length=300, label=_("What you did"))
    leave_out = forms.BooleanField(required=False)


class BeatForm(forms.Form):
    """A sign of life: how many seconds ago the page saw input, or the answer that the person was working."""

    idle = forms.IntegerField(required=False, min_value=0, max_value=86_400)
    working = forms.BooleanField(required=False)


class PassField(forms.TypedChoiceField):
    """Which of two moments a time means on the night when the clocks go back; None if nobody said."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            choices=[("no", _("the first time")), ("yes", _("the second time"))],
            coerce={"no": False, "yes": True}.get,
            empty_value=None,
            widget=forms.RadioSelect,
            **kwargs,
        )


class TimeOnClock(forms.TimeInput):
    """A time field that keeps seconds where there are some, so that saving unchanged changes nothing."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M:%S")

    def format_value(self, value: Any) -> str | None:
        text = super().format_value(value)
        return text.removesuffix(":00") if text and text.count(":") == 2 else text

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Let the browser take seconds where the value has some; else it shows hours and minutes only."""
        shown = self.format_value(value) or ""
        return super().get_context(name, value, (attrs or {}) | ({"step": "1"} if shown.count(":") == 2 else {}))


class EntryForm(ContractChoice):
    """
    A range of time by hand, in the person's own zone. Cleans to `start_at` and `end_at` in UTC.

    The two questions about the night when the clocks go back are asked only when they matter (`asks`).
    """

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    start = forms.TimeField(label=_("From"), widget=TimeOnClock)
    end = forms.TimeField(label=_("To"), widget=TimeOnClock)
    start_pass = PassField(label=_("The start happened twice that night"))
    end_pass = PassField(label=_("The end happened twice that night"))
    memo = forms.CharField(max_length=300, label=_("What you did"))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.start_at: datetime | None = None
        self.end_at: datetime | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"day", "start", "end"} <= data.keys():
            self.start_at = self._moment("start", data["day"])
            self.end_at = self._moment("end", self._end_day(data))
        return data

    def _end_day(self, data: dict[str, Any]) -> date:
        """An end before the start lies on the next day, except on the night when an hour comes twice."""
        day: date = data["day"]
        goes_on = data["end"] > data["start"]
        may_come_again = data.get("end_pass") is not False and not data.get("start_pass")
        comes_again = may_come_again and happens_twice(day, data["end"], self.zone)
        return day if goes_on or comes_again else day + timedelta(days=1)

    def _moment(self, name: str, day: date) -> datetime | None:
        data = self.cleaned_data
        try:
            return to_utc(day, data[name], self.zone, second_pass=data.get(f"{name}_pass"), field=name)
        except Invalid as doubt:
            self.add_error(doubt.facts["field"], doubt.sentence)
            return None

    @property
    def asks(self) -> list[forms.BoundField]:
        """The questions about doubtful times that the page must show."""
        names = [name for name in ("start_pass", "end_pass") if self.errors.get(name) or self[name].value()]
        return [self[name] for name in names]


def entry_initial(contract: Contract, start: datetime, end: datetime, memo: str) -> dict[str, Any]:
    """Return what the form shows of an entry; `start` and `end` in the person's zone."""
    initial = {
        "contract": str(contract.public_id),
        "day": start.date(),
        "start": start.time(),
        "end": end.time(),
        "memo": memo,
    }
    for name, moment in (("start_pass", start), ("end_pass", end)):
        if moment.fold or moment.replace(fold=1).utcoffset() != moment.utcoffset():
            initial[name] = "yes" if moment.fold else "no"
    return initial


class ApproveForm(forms.Form):
    """The revision that the page showed."""

    revision = forms.IntegerField(min_value=0)


class PageForm(forms.Form):
    """Where the pages before this one ended: the row id of a line or a week, or a week."""

    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    approved_after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class EarlierForm(forms.Form):
    """The week where the page before ended: "2026-W21"."""

    before = forms.CharField(required=False, max_length=8)

    def clean_before(self) -> date | None:
        text = self.cleaned_data["before"]
        try:
            return clock.parse_period(text) if text else None
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem
