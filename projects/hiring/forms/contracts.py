"""The shapes of what is done with a contract."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why a contract is paused or ended."""

    reason = forms.CharField(
        max_length=2000, label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Both sides read it.")
    )


class PageForm(forms.Form):
    """Where the page before this one ended: the row id of its last row."""

    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
