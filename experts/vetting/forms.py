"""The shapes of what people send in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.credentials.enums import LadderStep
from experts.credentials.models import Credential
from experts.profiles.models import Expert, Field
from experts.vetting.enums import (
    DECLINE_REASON_MIN_CHARS,
    HIT_REASON_MIN_CHARS,
    OPEN_CASE_STATES,
    REASONS_OF_OUTCOME,
    CaseState,
    CheckResult,
    HitState,
    Outcome,
    ReasonCode,
    Verdict,
)
from experts.vetting.models import Check
from experts.vetting.paging import Position
from experts.vetting.queries import askable_fields


class PositionField(forms.CharField):
    """A place in a list, as the links to the next page carry it."""

    def clean(self, value: Any) -> Position | None:
        """
        Read the place.

        :raises ValidationError: if it is none.
        """
        text = super().clean(value)
        if not text:
            return None
        try:
            return Position.read(text)
        except ValueError as strange:
            raise forms.ValidationError(str(strange)) from strange


class ListForm(forms.Form):
    """What a list of cases is narrowed to. What makes no sense is left out, so that an odd address still shows a list."""

    field = forms.ModelChoiceField(
        Field.objects.top_level(), required=False, label=gettext_lazy("Field"), empty_label=gettext_lazy("Every field")
    )
    at = PositionField(required=False, max_length=60, widget=forms.HiddenInput)

    def value(self, name: str) -> Any:
        """Return what was chosen, or None."""
        if not self.is_bound:
            return None
        self.is_valid()
        return self.cleaned_data.get(name) or None


class QueueForm(ListForm):
    """The queue: also by state, and one's own."""

    state = forms.ChoiceField(
        choices=[("", gettext_lazy("Every state")), *((s.value, s.label) for s in CaseState if s in OPEN_CASE_STATES)],
        required=False, label=gettext_lazy("State"),
    )  # fmt: skip
    mine = forms.BooleanField(required=False, label=gettext_lazy("Mine"))


class HitListForm(forms.Form):
    """Which sanctions hits are listed; those that wait, if nothing is chosen."""

    state = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Waiting for somebody")), (HitState.CONFIRMED.value, gettext_lazy("The same person")),
            (HitState.CLEARED.value, gettext_lazy("Cleared")), (HitState.UNLISTED.value, gettext_lazy("Not listed any more")),
        ],
        required=False, label=gettext_lazy("State"),
    )  # fmt: skip
    at = PositionField(required=False, max_length=60, widget=forms.HiddenInput)

    def value(self, name: str) -> Any:
        """Return what was chosen, or None."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


class HitForm(forms.Form):
    """What a member of staff says about a sanctions hit, and why."""

    verdict = forms.ChoiceField(choices=[], label=gettext_lazy("You say"))
    reason = forms.CharField(
        min_length=HIT_REASON_MIN_CHARS, max_length=2000, label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What differs or agrees: dates and places of birth, nationality, addresses, work."),
    )  # fmt: skip

    def __init__(self, *args: Any, verdicts: Iterable[Verdict], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verdict"].choices = [(verdict.value, verdict.label) for verdict in verdicts]  # type: ignore[attr-defined]


class RequestForm(forms.Form):
    """For which field of the profile to be vetted."""

    field = forms.ModelChoiceField(Field.objects.none(), label=gettext_lazy("Field"), empty_label=None)

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = askable_fields(expert)
        self.fields["field"].queryset = Field.objects.filter(pk__in=[field.pk for field in fields]).in_reading_order()  # type: ignore[attr-defined]
        self.has_choices = bool(fields)


class AnswerForm(forms.Form):
    """What the expert says to what was asked."""

    text = forms.CharField(
        max_length=4000, min_length=10, label=gettext_lazy("Your answer"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Add documents, credentials or a newer résumé first; the checks run again on all of it."),
    )  # fmt: skip


class DecisionForm(forms.Form):
    """A decision with its reason and the checks it rests on."""

    outcome = forms.ChoiceField(choices=Outcome.choices, label=gettext_lazy("Decision"))
    reason_code = forms.ChoiceField(
        choices=[("", gettext_lazy("Choose a reason")), *ReasonCode.choices],
        required=False,
        label=gettext_lazy("Reason"),
    )
    reason = forms.CharField(
        max_length=4000, required=False, label=gettext_lazy("What they will read"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    evidence = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=gettext_lazy("Evidence you rely on"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, checks: list[Check], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(check.pk, check.label) for check in checks if check.result != CheckResult.PENDING]
        self.fields["evidence"].choices = known  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say next to each field what the rules of a decision ask for."""
        data = super().clean() or self.cleaned_data
        outcome, code = data.get("outcome"), data.get("reason_code")
        reason = (data.get("reason") or "").strip()
        if outcome == Outcome.APPROVE and not code and "reason_code" not in self.errors:
            data["reason_code"] = code = ReasonCode.MEETS_STANDARD  # the only reason there is to approve
        if not outcome or "reason_code" in self.errors:
            return data
        if not code:
            self.add_error("reason_code", _("Choose a reason."))
            return data
        if ReasonCode(code) not in REASONS_OF_OUTCOME[Outcome(outcome)]:
            self.add_error("reason_code", _("This is no reason for that decision."))
        if outcome == Outcome.DECLINE and len(reason) < DECLINE_REASON_MIN_CHARS:
            self.add_error(
                "reason",
                _("A decline needs at least %s characters; they are what the person gets.") % DECLINE_REASON_MIN_CHARS,
            )
        if outcome == Outcome.ASK_FOR_MORE and len(reason) < 20:
            self.add_error("reason", _("Say in at least 20 characters what you ask for."))
        if outcome != Outcome.ASK_FOR_MORE and not data.get("evidence"):
            self.add_error("evidence", _("Pick the checks that your decision rests on."))
        return data


class LadderForm(forms.Form):
    """What a member of staff says about one credential: seen, or confirmed at its source on a day."""

    to_step = forms.ChoiceField(
        choices=[(s.value, s.label) for s in (LadderStep.DOCUMENT_SEEN, LadderStep.CONFIRMED)],
        label=gettext_lazy("You say"),
    )
    source = forms.CharField(
        max_length=160,
        required=False,
        label=gettext_lazy("Source"),
        help_text=gettext_lazy("Where you looked, for example “Ohio board, licence page”."),
    )
    seen_on = forms.DateField(required=False, label=gettext_lazy("Looked at on"), widget=forms.DateInput)
    explanation = forms.CharField(max_length=500, required=False, label=gettext_lazy("Note"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("to_step") == LadderStep.CONFIRMED:
            for name, words in (
                ("source", _("Name the source where you looked.")),
                ("seen_on", _("Give the day on which you looked.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data


class StepDownForm(forms.Form):
    """Why a credential counts for less than before."""

    to_step = forms.ChoiceField(choices=[(s.value, s.label) for s in LadderStep][:-1], label=gettext_lazy("Down to"))
    reason = forms.CharField(
        min_length=20, max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3})
    )


def prefix_of(which: str, credential: Credential) -> str:
    """Return what keeps the names and ids of one credential's forms apart from those of the next."""
    return f"{which}-{credential.pk}"
