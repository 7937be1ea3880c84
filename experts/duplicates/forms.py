"""What staff say about two accounts, and which of them they look at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.duplicates.enums import WORDS_MIN_CHARS, Outcome, QuestionState
from marketplace.kernel.paging import AfterForm


class AnswerForm(forms.Form):
    """Why two accounts have something in common."""

    outcome = forms.ChoiceField(choices=Outcome.choices, label=_("What it is"))
    words = forms.CharField(
        label=_("How you found out"),
        max_length=2000,
        min_length=WORDS_MIN_CHARS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At least 20 characters. Neither of the two reads it."),
    )


class ListForm(AfterForm):
    """Which questions are shown."""

    state = forms.ChoiceField(
        choices=[("", _("To look at")), (QuestionState.ANSWERED, _("Answered"))], required=False, label=_("State")
    )

    def value(self, name: str) -> Any:
        """Return what was chosen, or None."""
        self.is_valid()
        return self.cleaned_data.get(name) or None
