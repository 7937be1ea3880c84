"""The small forms of a project's states, and of what staff decide about a listing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.kernel.paging import AfterForm
from projects.listings.actions.projects import REASON_MIN_CHARS
from projects.listings.enums import ProjectState


class PauseForm(forms.Form):
    """Why a listing leaves the board, and when it comes back."""

    reason = forms.CharField(
        min_length=REASON_MIN_CHARS,
        max_length=2000,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Everybody who has the gig’s address can read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expected_back_on = forms.DateField(required=False, label=gettext_lazy("Expected back on"))


class CloseForm(forms.Form):
    """Why a project ends."""

    reason = forms.CharField(
        min_length=REASON_MIN_CHARS,
        max_length=2000,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StarterForm(forms.Form):
    """Which text a new listing begins with."""

    starter = forms.CharField(max_length=40, required=False)


class StateFilterForm(AfterForm):
    """Which projects of the lab are listed, and from where."""

    state = forms.ChoiceField(choices=ProjectState.choices, required=False)


class VersionsForm(forms.Form):
    """From where on versions are shown."""

    before = forms.IntegerField(required=False, min_value=1)

    @property
    def before_number(self) -> int | None:
        return self.cleaned_data.get("before") if self.is_valid() else None


class PreviewForm(forms.Form):
    """Which saved project is being written on, if it is saved already."""

    project = forms.UUIDField(required=False)


class RevisionForm(forms.Form):
    """What the editor was opened on: the revision, and a fingerprint of each part, so that both sides of a clash are seen."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    began = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)


class ReviewForm(forms.Form):
    """What staff decide about a listing that pays less than before."""

    CONFIRM, SEND_BACK = "confirm", "send_back"
    decision = forms.ChoiceField(
        choices=[(CONFIRM, gettext_lazy("Confirm")), (SEND_BACK, gettext_lazy("Send back"))],
        widget=forms.RadioSelect,
        label=gettext_lazy("Decision"),
    )
    reason = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The lab reads it. Needed to send the listing back."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, object]:
        said = super().clean() or self.cleaned_data
        if said.get("decision") == self.SEND_BACK and len(said.get("reason", "").strip()) < REASON_MIN_CHARS:
            self.add_error("reason", gettext_lazy("Say why, in a sentence."))
        return said
