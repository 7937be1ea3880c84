"""How much a lab pays in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.kernel.money import format_money, parse_major
from payments.funding.enums import DEPOSIT_MAX_MINOR, DEPOSIT_MIN_MINOR


class DepositForm(forms.Form):
    """An amount in the project's currency; `amount_minor` holds it in minor units once the form is valid."""

    amount = forms.CharField(
        max_length=20,
        label=gettext_lazy("Amount"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.amount_minor = 0

    def clean_amount(self) -> str:
        text: str = self.cleaned_data["amount"]
        try:
            self.amount_minor = parse_major(text, self.currency)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem
        if not DEPOSIT_MIN_MINOR <= self.amount_minor <= DEPOSIT_MAX_MINOR:
            words = {
                "least": format_money(DEPOSIT_MIN_MINOR, self.currency, cents=False),
                "most": format_money(DEPOSIT_MAX_MINOR, self.currency, cents=False),
            }
            raise forms.ValidationError(_("Pay in at least %(least)s and at most %(most)s at once.") % words)
        return text
