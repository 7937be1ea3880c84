"""Shapes of input: a saved search."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.reach.enums import NAME_MAX, Frequency
from projects.reach.models import SavedSearch

CONSEQUENCES = {
    Frequency.INSTANT.value: _(
        "An e-mail when new gigs appear, at most one an hour; what comes in between is gathered."
    ),
    Frequency.DAILY.value: _("One e-mail at seven in the morning, on days with new gigs."),
    Frequency.HERE.value: _("No e-mail. Your list says how many are new."),
}


class ChangeForm(forms.Form):
    """What a search is called and how its owner hears of new gigs."""

    name = forms.CharField(max_length=NAME_MAX, label=_("Name"), help_text=_("For you alone."))
    frequency = forms.ChoiceField(choices=Frequency, label=_("Tell me"), widget=forms.RadioSelect)

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).replace("\x00", "").strip()


class SaveForm(ChangeForm):
    """The same for a search that is saved now; it may take the place of another one."""

    query = forms.CharField(required=False, widget=forms.HiddenInput)
    instead_of = forms.ChoiceField(required=False, label=_("Save it"))

    def __init__(self, *args: Any, mine: list[SavedSearch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(str(one.public_id), _("In the place of “%(name)s”") % {"name": one.name}) for one in mine]
        if others:
            self.fields["instead_of"].choices = [("", _("As a new search")), *others]  # type: ignore[attr-defined]
        else:
            del self.fields["instead_of"]

    @property
    def replaced(self) -> UUID | None:
        said = self.cleaned_data.get("instead_of")
        return UUID(said) if said else None
