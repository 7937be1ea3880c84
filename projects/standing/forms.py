"""The shapes of what people send in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.profiles.models import Expert, Field
from projects.standing import offline
from projects.standing.enums import STAFF_REASONS, NameShown
from projects.standing.queries import credentials_to_name, fields_with_work


class CertificateForm(forms.Form):
    """What a certificate is about and whom it names. Sent by GET for the preview, by POST to issue it."""

    field = forms.ModelChoiceField(
        Field.objects.none(),
        required=False,
        to_field_name="code",
        label=gettext_lazy("About"),
        empty_label=gettext_lazy("All work"),
        help_text=gettext_lazy("A gig that names several fields counts for each of them."),
    )
    name = forms.ChoiceField(
        choices=NameShown.choices,
        initial=NameShown.FULL,
        label=gettext_lazy("Your name on it"),
        widget=forms.RadioSelect,
    )
    credentials = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Credentials it names"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only those that somebody else than you has looked at. Numbers are never shown."),
    )

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = fields_with_work(expert)
        self.fields["field"].queryset = Field.objects.filter(pk__in=[row.pk for row in fields]).in_reading_order()  # type: ignore[attr-defined]
        self.nameable = credentials_to_name(expert)
        choices = [(str(row.public_id), f"{row.label}, {row.get_step_display().lower()}") for row in self.nameable]
        self.fields["credentials"].choices = choices  # type: ignore[attr-defined]
        self.fields["credentials"].initial = [value for value, _label in choices]
        if not choices:
            del self.fields["credentials"]

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, or what is chosen before anybody chose; for an odd address too."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        everything = [str(row.public_id) for row in self.nameable]
        return {
            "field": data.get("field"),
            "name_shown": data.get("name") or NameShown.FULL,
            "credential_ids": [UUID(one) for one in data.get("credentials", [] if data else everything)],
        }


class RevokeForm(forms.Form):
    """Why staff revoke a certificate."""

    reason = forms.ChoiceField(
        choices=[(reason.value, reason.label) for reason in STAFF_REASONS],
        label=gettext_lazy("Reason, shown to everybody"),
    )
    words = forms.CharField(
        min_length=20,
        max_length=1000,
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("Its holder reads this; visitors do not."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class FindForm(forms.Form):
    """What staff look for."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Name of the holder, or address"))

    def text(self) -> str:
        return str(self.cleaned_data["q"]).strip() if self.is_valid() else ""


class DecisionForm(forms.Form):
    """What staff decide about a referral."""

    is_good = forms.TypedChoiceField(
        choices=[
            ("yes", gettext_lazy("Two people: let it earn")),
            ("no", gettext_lazy("One person, or not honest: stop it")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        label=gettext_lazy("Your decision"),
    )
    words = forms.CharField(
        min_length=20,
        max_length=1000,
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("For the record; the two people do not see it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CheckForm(forms.Form):
    """A certificate that a visitor has as a file or as text."""

    text = forms.CharField(
        required=False,
        label=gettext_lazy("The certificate as text"),
        help_text=gettext_lazy("All of the JSON file, from the first brace to the last."),
        max_length=offline.LARGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off", "class": "mono"}),
    )
    file = forms.FileField(
        required=False,
        label=gettext_lazy("Or the file"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> Any:
        """Refuse what is larger than any certificate before it is read."""
        file = self.cleaned_data["file"]
        if file is not None and file.size > offline.LARGEST:
            raise forms.ValidationError(_("This is larger than any certificate. Ours have about 5 kB."))
        return file

    def clean(self) -> dict[str, Any]:
        """Read what was sent as strictly as the verifier does."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        given = data["file"].read() if data.get("file") else data.get("text", "").strip()
        if not given:
            raise forms.ValidationError(_("Paste a certificate, or choose its file."))
        try:
            data["document"] = offline.read(given)
        except offline.Malformed as why:
            raise forms.ValidationError(str(why)) from why
        return data


class ForGigForm(forms.Form):
    """The short code of the gig that a link is made for."""

    gig = forms.SlugField(required=False, max_length=20)
