"""The shape of a clock step."""

from __future__ import annotations

from django import forms


class ClockForm(forms.Form):
    step = forms.CharField(max_length=20)
