"""The shapes of what people send in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.credentials.enums import LadderStep
from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert, Field
from experts.vetting.enums import (
    APPEAL_MIN_CHARS,
    ASK_REASON_MIN_CHARS,
    DECLINE_REASON_MIN_CHARS,
    HIT_REASON_MIN_CHARS,
    JUDGED_MIN_CHARS,
    OPEN_CASE_STATES,
    OPINION_MIN_CHARS,
    REASONS_OF_OUTCOME,
    WHY_MIN_CHARS,
    AppealOutcome,
    CaseState,
    CheckResult,
    HitState,
    Outcome,
    ReasonCode,
    Verdict,
)
from experts.vetting.models import Check
from experts.vetting.paging import Position
from experts.vetting.queries import Wanted, askable_fields
from marketplace.accounts.models import User

ASKS, DECLINES = (REASONS_OF_OUTCOME[one] for one in (Outcome.ASK_FOR_MORE, Outcome.DECLINE))
REASON_GROUPS = (
    (gettext_lazy("To approve"), REASONS_OF_OUTCOME[Outcome.APPROVE]),
    (gettext_lazy("To ask for more or to decline"), [code for code in ASKS if code in DECLINES]),
    (gettext_lazy("To ask for more"), [code for code in ASKS if code not in DECLINES]),
    (gettext_lazy("To decline"), [code for code in DECLINES if code not in ASKS]),
)


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
    """The queue: what the cases wait for, since when, and who has them."""

    q = forms.CharField(
        required=False, max_length=80, label=gettext_lazy("Name or number"),
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "V-1182", "autocomplete": "off"}),
    )  # fmt: skip
    state = forms.ChoiceField(
        choices=[("", gettext_lazy("Every state")), *((s.value, s.label) for s in CaseState if s in OPEN_CASE_STATES)],
        required=False, label=gettext_lazy("State"),
    )  # fmt: skip
    held = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Anybody")), ("me", gettext_lazy("Me")), ("nobody", gettext_lazy("Nobody")),
            ("others", gettext_lazy("Others")),
        ],
        required=False, label=gettext_lazy("With"),
    )  # fmt: skip
    needs = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Anything")), ("person", gettext_lazy("A check needs a person")),
            ("opinion", gettext_lazy("Second opinion asked")), ("mine", gettext_lazy("My opinion asked")),
            ("late", gettext_lazy("Over its time")),
        ],
        required=False, label=gettext_lazy("Needs"),
    )  # fmt: skip
    since = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Any time")), ("1", gettext_lazy("Over a day")), ("3", gettext_lazy("Over 3 days")),
            ("7", gettext_lazy("Over a week")),
        ],
        required=False, label=gettext_lazy("Waiting"),
    )  # fmt: skip
    sort = forms.ChoiceField(
        choices=[("", gettext_lazy("Clock")), ("oldest", gettext_lazy("Oldest")), ("newest", gettext_lazy("Newest"))],
        required=False, label=gettext_lazy("Sort by"),
    )  # fmt: skip

    @property
    def wanted(self) -> Wanted:
        """What the list is narrowed to."""
        return Wanted(
            state=self.value("state") or "", field=self.value("field"), held=self.value("held") or "",
            needs=self.value("needs") or "", since_days=int(self.value("since") or 0), text=self.value("q") or "",
        )  # fmt: skip


class StartForm(forms.Form):
    """What a link into a case opens: the decision, with this outcome chosen."""

    decide = forms.ChoiceField(choices=[("a", "a"), ("m", "m"), ("d", "d")], required=False)

    @property
    def outcome(self) -> str:
        """The outcome that a key stands for, "" for none."""
        self.is_valid()
        keys = {"a": Outcome.APPROVE, "m": Outcome.ASK_FOR_MORE, "d": Outcome.DECLINE}
        return str(keys.get(self.cleaned_data.get("decide", ""), ""))


class WhyForm(forms.Form):
    """Why something unusual is done; colleagues read it."""

    why = forms.CharField(min_length=WHY_MIN_CHARS, max_length=300, label=gettext_lazy("Why"))


class OpinionAskForm(forms.Form):
    """Whom to ask for a second opinion, and what oneself would do."""

    own_leaning = forms.ChoiceField(
        choices=Outcome.choices, label=gettext_lazy("You would"),
        help_text=gettext_lazy("Nobody sees it before the other has spoken."),
    )  # fmt: skip
    of = forms.TypedChoiceField(coerce=UUID, empty_value=None, required=False, label=gettext_lazy("Ask"))
    question = forms.CharField(
        max_length=500, required=False, label=gettext_lazy("What they should look at"),
        help_text=gettext_lazy("Without your own view, so that theirs is their own."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, others: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.public_id), one.get_full_name()) for one in others]
        self.fields["of"].choices = [("", _("whoever is free")), *people]  # type: ignore[attr-defined]


class OpinionForm(forms.Form):
    """A second opinion."""

    leaning = forms.ChoiceField(choices=Outcome.choices, label=gettext_lazy("You would"), widget=forms.RadioSelect)
    words = forms.CharField(
        min_length=OPINION_MIN_CHARS,
        max_length=4000,
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AppealForm(forms.Form):
    """Why a decline is wrong, in the expert's words."""

    text = forms.CharField(
        min_length=APPEAL_MIN_CHARS, max_length=4000, label=gettext_lazy("What was overlooked, or is wrong?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Whoever judges it was no part of the decision."),
    )  # fmt: skip


class JudgeForm(forms.Form):
    """What another person makes of a decline."""

    outcome = forms.ChoiceField(choices=AppealOutcome.choices, label=gettext_lazy("You say"))
    reason = forms.CharField(
        min_length=JUDGED_MIN_CHARS, max_length=4000, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("The expert reads it, and so does whoever declined."),
    )  # fmt: skip


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
        choices=[
            ("", gettext_lazy("Choose a reason")),
            *((group, [(code.value, code.label) for code in codes]) for group, codes in REASON_GROUPS),
        ],
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
    documents = forms.TypedMultipleChoiceField(
        coerce=UUID, required=False, label=gettext_lazy("Files you rely on"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, checks: list[Check], documents: Iterable[Document] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(check.pk, check.label) for check in checks if check.result != CheckResult.PENDING]
        self.fields["evidence"].choices = known  # type: ignore[attr-defined]
        files = [(str(one.public_id), one.original_name) for one in documents]
        self.fields["documents"].choices = files  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say next to each field what the rules of a decision ask for."""
        data = super().clean() or self.cleaned_data
        outcome, code = data.get("outcome"), data.get("reason_code")
        reason = (data.get("reason") or "").strip()
        if outcome == Outcome.APPROVE and not code and "reason_code" not in self.errors:
            data["reason_code"] = code = ReasonCode.MEETS_STANDARD  # what an approval says unless told otherwise
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
        if outcome == Outcome.ASK_FOR_MORE and len(reason) < ASK_REASON_MIN_CHARS:
            self.add_error("reason", _("Say in at least 20 characters what you ask for."))
        if outcome != Outcome.ASK_FOR_MORE and not data.get("evidence") and not data.get("documents"):
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
