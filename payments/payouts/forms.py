"""Shapes of what people fill in; rules live in the actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pycountry
from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.kernel.clock import parse_period, period_label
from payments.payouts.enums import SELF_SERVE_COUNTRIES, HoldReason, ItemState


def _countries() -> list[tuple[str, str]]:
    """Return the countries we pay to by name, the United States first."""
    named = [(one.alpha_2, one.name) for one in pycountry.countries if one.alpha_2 in SELF_SERVE_COUNTRIES]
    return sorted(named, key=lambda pair: (pair[0] != "US", pair[1]))


class CountryForm(forms.Form):
    """Where the person lives: it decides what Stripe asks for, and it cannot be changed later."""

    country = forms.ChoiceField(
        label=_("Country you live in"),
        choices=_countries,
        help_text=_("It decides what Stripe asks you for. It cannot be changed later."),
    )


class DraftForm(forms.Form):
    """The week and the currency of a new run."""

    week = forms.ChoiceField(label=_("Week"))
    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, *args: Any, periods: list[date], currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weeks = [(period_label(period), _week_words(period)) for period in periods]
        self.fields["week"].choices = weeks  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]

    def clean_week(self) -> date:
        return parse_period(self.cleaned_data["week"])


def _week_words(period: date) -> str:
    last = period + timedelta(days=6)
    return f"{period_label(period)}, {period.day} {period:%b} – {last.day} {last:%b}"


class ApproveForm(forms.Form):
    """What the second person looked at, and what they want to say."""

    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    comment = forms.CharField(
        required=False,
        max_length=500,
        label=_("Comment"),
        help_text=_("What you checked by hand. It stays with the run."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WordsForm(forms.Form):
    """Why somebody pauses or cancels."""

    words = forms.CharField(required=False, max_length=300, label=_("Why"))


class ItemsForm(forms.Form):
    """Which items of a run are shown, and from where; anything not understood counts as not said."""

    SHOWS = (("look", _("Needs a look")), *ItemState.choices)

    show = forms.ChoiceField(required=False, choices=[("", _("All")), *SHOWS])
    q = forms.CharField(required=False, max_length=80, label=_("Expert or item"))
    after = forms.RegexField(r"^\d{1,2}-\d{1,18}$", required=False)

    @property
    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: str(self.cleaned_data.get(name) or "") for name in ("show", "q", "after")}


class PageForm(forms.Form):
    """Where a page of a list begins."""

    before = forms.IntegerField(required=False, min_value=1)
    all = forms.BooleanField(required=False)

    @property
    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in ("before", "all")}


class HoldForm(forms.Form):
    """Whom to hold, why, and until when."""

    email = forms.EmailField(label=_("Expert's e-mail address"))
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in (HoldReason.MANUAL, HoldReason.SCREENING)],
    )
    words = forms.CharField(
        min_length=10,
        max_length=300,
        label=_("What happened"),
        help_text=_("For colleagues, and for the record. The expert is not shown these words."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    days = forms.TypedChoiceField(
        label=_("Ends"),
        coerce=int,
        choices=[(3, _("after 3 days")), (7, _("after 7 days")), (30, _("after 30 days")), (0, _("when released"))],
        initial=7,
    )

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"])
        self.payee = User.objects.filter(email__iexact=address, is_active=True).first()
        if self.payee is None:
            raise forms.ValidationError(_("Nobody here has this address."))
        return address

    def expires_at(self, now: datetime) -> datetime | None:
        days: int = self.cleaned_data["days"]
        return now + timedelta(days=days) if days else None


class CorrectionForm(forms.Form):
    """Which movement at Stripe is to be entered, whose money it was, and why."""

    movement = forms.CharField(
        max_length=255,
        label=_("Movement at Stripe"),
        help_text=_("The id of the balance transaction, txn_…, as the report Stripe clearing shows it."),
    )
    email = forms.EmailField(
        required=False,
        label=_("Expert's e-mail address"),
        help_text=_("Only where the money went to an account that is nobody's here."),
    )
    reason = forms.CharField(
        min_length=10,
        max_length=300,
        label=_("What happened"),
        help_text=_("The second person decides by it, and it stays in the books."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"])
        self.payee = User.objects.filter(email__iexact=address, is_active=True).first() if address else None
        if address and self.payee is None:
            raise forms.ValidationError(_("Nobody here has this address."))
        return address


class MovementForm(forms.Form):
    """Which movement the form is filled in with."""

    movement = forms.RegexField(r"^\w{1,255}$", required=False)

    @property
    def wanted(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("movement") or "")


class ReleaseForm(forms.Form):
    """Why a hold is over."""

    words = forms.CharField(min_length=10, max_length=300, label=_("Why it is over"))
