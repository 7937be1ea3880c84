"""What people say about their data."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.privacy.actions.restricted import REASON_MIN_CHARS


class EraseForm(forms.Form):
    """That a person knows what goes and what stays."""

    understood = forms.BooleanField(
        label=_("I have read what goes and what stays"),
        error_messages={"required": _("Tick this first: after the last day nobody can bring anything back.")},
    )


class RevealForm(forms.Form):
    """Why support asks who an erased person was."""

    reason = forms.CharField(
        label=_("What law or court asks for it"),
        min_length=REASON_MIN_CHARS,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least 20 characters. Your name and the reason are kept."),
    )
