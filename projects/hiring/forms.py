"""The shapes of what people fill in; rules live in the actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.money import parse_major
from projects.hiring.enums import ApplicationState, DeclineCode
from projects.hiring.models import Application


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


class ApplicationForm(forms.Form):
    """The application: one answer per screening question, a note, and two declarations."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    submit_now = forms.BooleanField(required=False, widget=forms.HiddenInput)  # which button was pressed
    note = forms.CharField(
        required=False,
        max_length=3000,
        label=_("A note to the lab"),
        help_text=_("What makes you right for this work. No contact details: they are shared when you are hired."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    conflicts = forms.CharField(
        required=False,
        max_length=1000,
        label=_("Conflicts of interest"),
        help_text=_("Employers or clients whose data you may not see. Leave empty if there are none."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    work_authorised = forms.BooleanField(
        required=False, label=_("I may do this kind of independent work where I live.")
    )
    conflicts_declared = forms.BooleanField(
        required=False, label=_("I have named every conflict of interest I know of, or have none.")
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(application))
        super().__init__(*args, **kwargs)
        self.question_names: list[str] = []
        for number, entry in enumerate(application.answers):
            name = f"answer_{number}"
            self.question_names.append(name)
            self.fields[name] = forms.CharField(
                required=False,
                max_length=3000,
                label=entry["question"],
                initial=entry["answer"],
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.question_names]

    @property
    def answers(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.question_names]


def _initial(application: Application) -> dict[str, Any]:
    return {
        "version": application.version,
        "note": application.note,
        "conflicts": application.conflicts,
        "work_authorised": application.work_authorised_at is not None,
        "conflicts_declared": application.conflicts_declared_at is not None,
    }


class OfferForm(forms.Form):
    """What a lab offers."""

    rate = MoneyField(label=_("Rate per hour"))
    weekly_cap_hours = forms.IntegerField(min_value=1, max_value=60, label=_("Hours a week, at most"))
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    message = forms.CharField(
        required=False, max_length=2000, label=_("Message"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rate"] = MoneyField(label=_("Rate per hour"), currency=currency)


class DeclineForm(forms.Form):
    """Why a candidate is declined."""

    code = forms.ChoiceField(choices=DeclineCode.choices, label=_("Reason"))
    reason = forms.CharField(
        max_length=2000,
        label=_("In a sentence"),
        help_text=_("The expert reads exactly this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


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


class ReasonForm(forms.Form):
    """Why a contract is paused or ended."""

    reason = forms.CharField(
        max_length=2000, label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Both sides read it.")
    )


class CandidateFilterForm(forms.Form):
    """Filters of the candidates list."""

    state = forms.ChoiceField(
        required=False, choices=[("", _("Every state")), *ApplicationState.choices[1:]], label=_("State")
    )
    project = forms.UUIDField(required=False)
    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class PageForm(forms.Form):
    """Where the page before this one ended: the row id of its last row."""

    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
