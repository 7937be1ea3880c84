"""The shapes of an offer, a signature and an acceptance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.money import parse_major


class MoneyField(forms.CharField):
    """An amount in major units as people type it; cleans to minor units."""

    def __init__(self, *, currency: str = "USD", **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_major(text, self.currency)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem


class OfferForm(forms.Form):
    """What a lab offers."""

    rate = MoneyField(label=_("Rate per hour"))
    weekly_cap_hours = forms.IntegerField(min_value=1, max_value=60, label=_("Hours a week, at most"))
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(
        required=False,
        label=_("Last day"),
        help_text=_("Leave it empty for a contract without an end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    message = forms.CharField(
        required=False, max_length=2000, label=_("Message"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rate"] = MoneyField(label=_("Rate per hour"), currency=currency)


class SignForm(forms.Form):
    """The typed name of an electronic signature."""

    typed_name = forms.CharField(
        max_length=120, label=_("Your full name"), widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


class AcceptForm(forms.Form):
    """Acceptance; the payout account may wait, then pay waits too."""

    defer_payout_account = forms.BooleanField(
        required=False,
        label=_("I will set up my payout account later"),
        help_text=_("You can start to work. What you earn is kept for you and paid once the account is ready."),
    )
