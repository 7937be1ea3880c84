"""The shapes of what a lab does with candidates: the pipeline, scorecards, notes, and invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.hiring.enums import CRITERIA_MAX, MARKS, ApplicationState, DeclineCode, HeldKind


class CandidateFilterForm(forms.Form):
    """Filters and order of the candidates."""

    q = forms.CharField(required=False, max_length=80, label=_("Words in the headline"))
    state = forms.ChoiceField(
        required=False, choices=[("", _("Every state")), *ApplicationState.choices[1:]], label=_("State")
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[("", _("The most urgent first")), ("newest", _("Newest first")), ("oldest", _("Oldest first"))],
        label=_("Order"),
    )
    unscored = forms.BooleanField(required=False, label=_("Not scored by me"))
    project = forms.UUIDField(required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class PickedField(forms.MultipleChoiceField):
    """Public ids of rows. Which of them exist, and for whom, the action finds out."""

    def valid_value(self, value: str) -> bool:
        try:
            UUID(value)
        except ValueError:
            return False
        return True

    def clean(self, value: Any) -> Any:
        return [UUID(one) for one in super().clean(value)]


class PickForm(forms.Form):
    """Which candidates were chosen, and what is decided about them."""

    do = forms.ChoiceField(choices=HeldKind.choices)
    pick = PickedField(error_messages={"required": _("Choose at least one candidate first.")})
    confirmed = forms.BooleanField(required=False)


class BackForm(forms.Form):
    """The page from which something was pressed, where it leads back to."""

    back = forms.ChoiceField(required=False, choices=[("", ""), ("board", "")])


class NoteForm(forms.Form):
    """A note about a candidate."""

    text = forms.CharField(
        max_length=2000,
        label=_("A note for your colleagues"),
        help_text=_("Only your lab reads it. The expert may ask us what is kept about them, so keep to the work."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ScorecardForm(forms.Form):
    """One mark for each criterion, and words."""

    def __init__(self, *args: Any, criteria: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        self.mark_names: list[str] = []
        for position, criterion in enumerate(criteria):
            name = f"mark_{position}"
            self.mark_names.append(name)
            self.fields[name] = forms.TypedChoiceField(
                coerce=int, choices=MARKS, label=criterion, widget=forms.RadioSelect
            )
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, initial="\n".join(criteria), max_length=1000)
        self.fields["words"] = forms.CharField(
            required=False, max_length=2000, label=_("Why"), widget=forms.Textarea(attrs={"rows": 3})
        )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.mark_names]

    @property
    def marks(self) -> list[int]:
        return [self.cleaned_data[name] for name in self.mark_names]

    @property
    def seen_criteria(self) -> list[str]:
        """The criteria in the words that the page showed."""
        return [line.strip() for line in self.cleaned_data["seen"].splitlines() if line.strip()]


class CriteriaForm(forms.Form):
    """What candidates of a project are scored on, one a line."""

    texts = forms.CharField(
        max_length=1000,
        label=_("What you score candidates on"),
        help_text=_("One a line, at most eight. Scorecards that were given keep the words they were given on."),
        widget=forms.Textarea(attrs={"rows": CRITERIA_MAX}),
    )

    @property
    def lines(self) -> list[str]:
        return str(self.cleaned_data["texts"]).splitlines()


class BulkDeclineForm(forms.Form):
    """Why several candidates are declined; each of them reads it."""

    code = forms.ChoiceField(choices=DeclineCode.choices, label=_("Reason"))
    reason = forms.CharField(
        max_length=2000,
        label=_("In a sentence"),
        help_text=_("Each of them reads exactly this, so write what is true of all."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class InviteForm(forms.Form):
    """A message that goes with an invitation."""

    message = forms.CharField(
        required=False,
        max_length=600,
        label=_("A few words to them"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MatchesForm(forms.Form):
    """Which part of the candidates to show."""

    show = forms.ChoiceField(required=False, choices=[("", _("Ranked")), ("invited", _("Invited"))])
    after = forms.UUIDField(required=False)


class AnswerForm(forms.Form):
    """Declining an invitation."""

    mute = forms.BooleanField(required=False, label=_("No more invitations from this lab"))
