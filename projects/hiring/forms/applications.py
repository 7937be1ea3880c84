"""The shapes of an application and of what a lab does with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.hiring.enums import DeclineCode
from projects.hiring.models import Application


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


class DeclineForm(forms.Form):
    """Why a candidate is declined."""

    code = forms.ChoiceField(choices=DeclineCode.choices, label=_("Reason"))
    reason = forms.CharField(
        max_length=2000,
        label=_("In a sentence"),
        help_text=_("The expert reads exactly this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
