"""Shapes of what people send about a lab."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.profiles.queries import countries
from projects.labs.enums import REVIEW_DAYS_MAX, ROUNDS_MAX, LabRole, Scope
from projects.labs.models import ApiKey, Lab
from projects.labs.queries import is_member_address

KEY_LIVES = [(30, _("30 days")), (90, _("90 days")), (180, _("half a year")), (365, _("a year"))]


def country_choices() -> list[tuple[str, str]]:
    return [("", str(_("Choose a country"))), *countries().items()]


class LabForm(forms.Form):
    """A new lab."""

    name = forms.CharField(max_length=120, label=_("Name of the lab"))
    country = forms.ChoiceField(choices=country_choices, label=_("Country"))
    # A text box, since a browser's own check of type="url" refuses "larkfield.org", which the server understands.
    website = forms.URLField(
        max_length=200, required=False, label=_("Website"), assume_scheme="https", widget=forms.TextInput
    )
    about = forms.CharField(
        max_length=4000,
        required=False,
        label=_("About the lab"),
        help_text=_("What you are improving, and for whom. Experts read this beside each gig."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SettingsForm(LabForm):
    """What a lab says about itself, and where its invoices go."""

    legal_name = forms.CharField(
        max_length=160,
        required=False,
        label=_("Legal name"),
        help_text=_("As it stands on invoices and contracts."),
    )
    billing_email = forms.EmailField(
        max_length=254, required=False, label=_("E-mail for invoices"), widget=forms.EmailInput
    )
    address = forms.CharField(
        max_length=400,
        required=False,
        label=_("Address"),
        help_text=_("As it stands on invoices: street, place, country."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    registration = forms.CharField(
        max_length=60,
        required=False,
        label=_("Company or VAT number"),
        help_text=_("Printed on invoices where your law asks for it."),
    )
    invoice_reference = forms.CharField(
        max_length=60, required=False, label=_("Your reference"), help_text=_("Such as a purchase order.")
    )
    review_days = forms.IntegerField(
        min_value=1,
        max_value=REVIEW_DAYS_MAX,
        initial=REVIEW_DAYS_MAX,
        label=_("Days to review a piece of work"),
        help_text=_("Work that nobody has reviewed by then is accepted. Seven are the most."),
    )
    rounds_max = forms.IntegerField(
        min_value=1,
        max_value=ROUNDS_MAX,
        initial=ROUNDS_MAX,
        label=_("Times work may be sent back"),
        help_text=_("After that it is accepted or rejected. Three are the most."),
    )
    is_anonymous = forms.BooleanField(
        required=False,
        label=_("Stay anonymous on listings"),
        help_text=_("Listings then say “AI research organisation”, and the lab has no public page."),
    )


class InviteForm(forms.Form):
    """Somebody who shall join the lab."""

    email = forms.EmailField(max_length=254, label=_("E-mail address"), widget=forms.EmailInput)
    role = forms.ChoiceField(choices=LabRole.choices, label=_("Role"), initial=LabRole.REVIEWER)

    def __init__(self, *args: Any, lab: Lab, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lab = lab

    def clean_email(self) -> str:
        """Say beside the field what the action would refuse on a page of its own."""
        email: str = self.cleaned_data["email"]
        if is_member_address(self.lab, email):
            raise forms.ValidationError(_("This person is a member already."))
        if self.lab.invitations.unanswered().filter(email__iexact=email).exists():
            raise forms.ValidationError(_("This address was invited already; send it again from the list."))
        return email


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(choices=LabRole.choices, label=_("Role"))

    def __init__(self, *args: Any, member: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].label = _("Role of %(name)s") % {"name": member} if member else _("Role")


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        max_length=80, label=_("Name"), help_text=_("Where it is used, for example “Nightly task upload”.")
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, label=_("The key may"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(choices=KEY_LIVES, coerce=int, initial=90, label=_("It works for"))

    def __init__(self, *args: Any, lab: Lab, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lab, self.now = lab, now

    def clean_name(self) -> str:
        """Say beside the field that the name is taken."""
        name: str = self.cleaned_data["name"]
        if ApiKey.objects.live(self.now).filter(lab=self.lab, name__iexact=name).exists():
            raise forms.ValidationError(_("A key with this name works already."))
        return name
