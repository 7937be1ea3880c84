"""Sign-up: name, e-mail, password. What a person does here (expert, lab) is asked on the first page after it."""

from __future__ import annotations

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(AllauthSignupForm):
    """allauth's form with the person's name first."""

    full_name = forms.CharField(
        max_length=120,
        label=_("Full name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["full_name", "email", "password1"]
