"""What support types."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class PeopleForm(forms.Form):
    """Whom to look for."""

    q = forms.CharField(
        required=False, max_length=120, label=_("Name or e-mail"), help_text=_("At least three characters.")
    )


class ReasonForm(forms.Form):
    """Why somebody's pages are opened."""

    reason = forms.CharField(
        min_length=20,
        max_length=500,
        label=_("Why"),
        help_text=_("At least 20 characters. The person is told at once, in these words."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
