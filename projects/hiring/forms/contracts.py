"""The shapes of what is done with a contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.kernel import clock
from marketplace.kernel.money import major_units
from projects.hiring.enums import (
    CODES_OF_EXPERTS,
    CODES_OF_LABS,
    NOTICE_DAYS,
    ContractState,
    EndCode,
    Side,
)
from projects.hiring.forms.offers import MoneyField
from projects.hiring.models import Contract, ContractVersion
from projects.hiring.queries import NewTerms

MONDAYS = 16
"""How many weeks ahead new terms may begin."""


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ReasonForm(forms.Form):
    """Why a contract is paused."""

    reason = forms.CharField(
        max_length=2000, label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Both sides read it.")
    )


class EndForm(forms.Form):
    """Ending a contract: the reason, and the last day where it is not today."""

    code = forms.ChoiceField(label=_("Reason"))
    reason = forms.CharField(
        max_length=2000,
        label=_("In words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The other side reads it."),
    )
    last_day = forms.DateField(required=False, label=_("Last day"), widget=_day_input())

    def __init__(self, *args: Any, side: Side, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes: Iterable[EndCode] = CODES_OF_EXPERTS if side == Side.EXPERT else CODES_OF_LABS
        self.fields["code"].choices = [(code.value, code.label) for code in codes]  # type: ignore[attr-defined]
        if side == Side.EXPERT:
            self.fields["last_day"].help_text = _("Leave it empty to end it now.")
        else:
            self.fields["last_day"].initial = (now + timedelta(days=NOTICE_DAYS)).date()
            self.fields["last_day"].help_text = _(
                "At least %(days)s days ahead. Leave it empty after a serious breach of the terms, which ends it now."
            ) % {"days": NOTICE_DAYS}

    def chosen(self) -> dict[str, Any]:
        """Return what the action takes."""
        given = self.cleaned_data
        return {"code": EndCode(given["code"]), "reason": given["reason"], "last_day": given["last_day"]}


class AmendForm(forms.Form):
    """New terms of pay, as a lab proposes them."""

    rate = MoneyField(label=_("Rate per hour"))
    weekly_cap_hours = forms.IntegerField(min_value=1, max_value=60, label=_("Hours a week, at most"))
    ends_on = forms.DateField(
        required=False, label=_("Last day"), widget=_day_input(), help_text=_("Empty for a contract without an end.")
    )
    effective_on = forms.TypedChoiceField(label=_("From Monday"), coerce=date.fromisoformat)
    reason = forms.CharField(
        max_length=2000, label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The expert reads it.")
    )

    def __init__(
        self, *args: Any, contract: Contract, version: ContractVersion, first: datetime, **kwargs: Any
    ) -> None:
        initial = {
            "rate": major_units(version.rate_minor, contract.currency),
            "weekly_cap_hours": version.weekly_cap_minutes // 60,
            "ends_on": version.ends_on,
            "effective_on": first.date().isoformat(),
        }
        super().__init__(*args, **({"initial": initial} | kwargs))
        self.fields["rate"] = MoneyField(label=_("Rate per hour"), currency=contract.currency)
        mondays = [(first + timedelta(weeks=weeks)).date() for weeks in range(MONDAYS)]
        self.fields["effective_on"].choices = [  # type: ignore[attr-defined]
            (day.isoformat(), f"{day:%-d %B %Y}") for day in mondays
        ]
        self.order_fields(["rate", "weekly_cap_hours", "ends_on", "effective_on", "reason"])

    def terms(self) -> NewTerms:
        """Return the terms that were typed."""
        given = self.cleaned_data
        return NewTerms(given["rate"], given["weekly_cap_hours"] * 60, given["ends_on"])

    def effective_from(self) -> datetime:
        """Return the first moment of the chosen day."""
        return clock.starts_at(self.cleaned_data["effective_on"])


class RatingForm(forms.Form):
    """One to five, and words."""

    stars = forms.TypedChoiceField(
        label=_("Stars"), coerce=int, choices=[(n, str(n)) for n in range(1, 6)], widget=forms.RadioSelect
    )
    words = forms.CharField(
        min_length=20,
        max_length=1000,
        label=_("In words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What went well, what did not. You cannot change it later."),
    )


class WordsForm(forms.Form):
    """A reply to a rating, or a report about one."""

    words = forms.CharField(
        min_length=20, max_length=1000, label=_("In words"), widget=forms.Textarea(attrs={"rows": 3})
    )


class ReportDecisionForm(forms.Form):
    """What staff decide about a reported rating."""

    hide = forms.TypedChoiceField(
        label=_("Decision"),
        coerce=lambda value: value == "hide",
        choices=[("keep", _("It stays")), ("hide", _("Take it away; it counts no more"))],
        widget=forms.RadioSelect,
    )
    why = forms.CharField(
        min_length=20,
        max_length=1000,
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Both sides read it."),
    )


class PageForm(forms.Form):
    """Where the page before this one ended: the row id of its last row."""

    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class ContractFilterForm(PageForm):
    """Which contracts a list shows."""

    q = forms.CharField(
        required=False,
        max_length=80,
        label=_("Name, alias or project"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(required=False, label=_("State"), choices=[("", _("All")), *ContractState.choices])
    project = forms.TypedChoiceField(
        required=False, label=_("Project"), coerce=UUID, empty_value=None, choices=[("", _("All"))]
    )

    def __init__(self, *args: Any, projects: Iterable[tuple[UUID, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [("", _("All")), *((str(ref), title) for ref, title in projects)]
        self.fields["project"].choices = titles  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """Return what was asked for; what makes no sense is left out."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or None for name in self.fields}
