"""Shapes of what is asked: the parameters of each report, from an address or a shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.kernel import clock
from payments.ledger import queries as books
from payments.ledger.enums import EntryKind
from payments.payouts.models import PayRun
from payments.reports.queries import Clearing, Journal, Payables, PayoutRegister, TrialBalance
from payments.reports.queries.clearing import LONGEST_WINDOW
from payments.reports.queries.parked import MONEY_JOBS
from payments.reports.shapes import Report


class TryAgainForm(forms.Form):
    """Which parked job is meant; the page fills it in."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in MONEY_JOBS])
    job = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class WeekField(forms.CharField):
    """A week such as 2026-W47; its value is the Monday."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return clock.parse_period(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def day(label: Any, **facts: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}), **facts)


class ReportForm(forms.Form):
    """A report's parameters. Empty fields mean the usual case; `today` is the business date."""

    asks_for: ClassVar[type[Report]]
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        cast(forms.ChoiceField, self.fields["currency"]).choices = [(code, code) for code in books.currencies()]

    def clean_currency(self) -> str:
        return str(self.cleaned_data.get("currency") or "USD")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day lies before the first one."))
        return values

    def report(self) -> Report:
        """Return the report that was asked for. Call it on a valid form."""
        return self.asks_for(**{each.name: self.cleaned_data[each.name] for each in fields(cast(Any, self.asks_for))})


class PayoutRegisterForm(ReportForm):
    asks_for = PayoutRegister
    week = forms.ChoiceField(label=_("Week"), required=False)

    field_order = ["week", "currency"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = list(PayRun.objects.order_by("-period").values_list("period", flat=True).distinct()[:60])
        usual = clock.period_of(clock.starts_at(self.today)) - timedelta(weeks=1)
        self.latest = periods[0] if periods else usual
        labels = [clock.period_label(each) for each in periods or [usual]]
        cast(forms.ChoiceField, self.fields["week"]).choices = [(label, label) for label in labels]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        return values | {"period": clock.parse_period(values["week"]) if values.get("week") else self.latest}


class WeekForm(forms.Form):
    """The week and currency that a shell asks for; unlike on the page, any week may be named."""

    week = WeekField()
    currency = forms.CharField(min_length=3, max_length=3)


class TrialBalanceForm(ReportForm):
    asks_for = TrialBalance
    since = day(_("From"))
    until = day(_("To"))


class JournalForm(ReportForm):
    asks_for = Journal
    since = day(_("From"))
    until = day(_("To"))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *EntryKind.choices])


class PayablesForm(ReportForm):
    asks_for = Payables
    until = day(_("At the end of"))


class ClearingForm(ReportForm):
    """The last week, unless other days are named; they stand in the fields, so that the reader sees them."""

    asks_for = Clearing
    since = day(_("From"))
    until = day(_("To"))

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        usual = {"since": (today - timedelta(days=7)).isoformat(), "until": today.isoformat()}
        said = {name: data.get(name) for name in ("currency", *usual)}
        super().__init__({name: value or usual.get(name) for name, value in said.items()}, today=today)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        since, until = values.get("since"), values.get("until")
        if since and until and until - since > LONGEST_WINDOW:
            self.add_error("since", _("Stripe is asked for a month at most."))
        return values


FORMS: dict[str, type[ReportForm]] = {
    form.asks_for.slug: form for form in (PayoutRegisterForm, PayablesForm, TrialBalanceForm, JournalForm, ClearingForm)
}


class PageForm(forms.Form):
    """Where a page of a list begins."""

    start = forms.IntegerField(required=False, min_value=0)
    after = forms.IntegerField(required=False, min_value=0)
    before = forms.IntegerField(required=False, min_value=0)
    currency = forms.CharField(required=False, max_length=3)
    nonzero = forms.BooleanField(required=False)
    q = forms.CharField(required=False, max_length=200)

    @classmethod
    def read(cls, data: Any) -> dict[str, Any]:
        """Return what was understood; anything else counts as not said."""
        form = cls(data)
        form.is_valid()
        names = ("start", "after", "before", "currency", "nonzero", "q")
        return {name: form.cleaned_data.get(name) for name in names}
