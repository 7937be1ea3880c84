"""Shapes of what people send about batches, tasks and reviews. Rules are in the actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.errors import Invalid
from marketplace.kernel.paging import AfterForm
from projects.work.actions.batches import BatchTerms, require_table
from projects.work.actions.reviews import Verdict
from projects.work.enums import BatchState, RejectCode, ReviewDecision, SkipReason, TaskState
from projects.work.kinds import all_kinds
from projects.work.kinds.base import EXTERNAL_ID, SHARED_TARGETS, Kind
from projects.work.reading import Peek

# ---------------------------------------------------------------------------------------------------------- batches


class UploadForm(forms.Form):
    """A file of tasks."""

    file = forms.FileField(
        label=_("Task file"),
        help_text=_("CSV with a header line, or JSON Lines, in UTF-8, at most 500 MB. One row is one task."),
        widget=forms.FileInput(attrs={"accept": ".csv,.jsonl"}),
        allow_empty_file=True,  # The action says it better.
    )
    kind = forms.ChoiceField(label=_("Kind of task"))
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, help_text=_("Without one it is called like the file.")
    )

    def __init__(self, *args: Any, wanted: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = all_kinds()
        first = [code for code in wanted or [] if code in kinds]
        codes = [*first, *(code for code in kinds if code not in first)]
        choices = [(code, kinds[code].label) for code in codes]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        self.fields["kind"].initial = choices[0][0]

    def clean_file(self) -> UploadedFile:
        """Say beside the field what is wrong with the file, in the words of the action."""
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            require_table(upload)
        except Invalid as problem:
            raise forms.ValidationError(problem.sentence) from problem
        return upload


class TermsForm(forms.Form):
    """How a batch is worked on."""

    name = forms.CharField(label=_("Name"), max_length=120)
    instructions = forms.CharField(
        label=_("Instructions"),
        max_length=20_000,
        required=False,
        help_text=_("Markdown. The expert reads them beside every task and one key away."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    overlap = forms.IntegerField(
        label=_("Experts per task"),
        min_value=1,
        max_value=9,
        initial=1,
        help_text=_("Each answers without the others."),
    )
    minutes_expected = forms.IntegerField(label=_("Minutes expected"), min_value=1, max_value=600, initial=15)
    priority = forms.IntegerField(
        label=_("Priority"), min_value=-100, max_value=100, initial=0, help_text=_("Higher comes first.")
    )

    def terms(self) -> BatchTerms:
        said = self.cleaned_data
        return BatchTerms(said["instructions"], said["overlap"], said["minutes_expected"], said["priority"])


class ColumnsForm(TermsForm):
    """What each column of a file becomes, with the terms of the batch."""

    def __init__(
        self, data: QueryDict | None, *, kind: Kind, found: Peek, suggested: Mapping[str, str], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.kind, self.found = kind, found
        targets = [(column.target, column.label) for column in kind.columns] + list(SHARED_TARGETS)
        for number, name in enumerate(found.columns):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=name, choices=targets, initial=suggested.get(name, "lab_only")
            )

    def mapping(self) -> dict[str, str]:
        """Return what each column becomes."""
        return {name: self.cleaned_data[f"column_{number}"] for number, name in enumerate(self.found.columns)}

    def clean(self) -> dict[str, Any]:
        """Name a part that is missing or given twice on the page, before the action refuses it."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [cleaned.get(f"column_{number}") for number in range(len(self.found.columns))]
        once = {column.target: column.label for column in self.kind.columns} | {EXTERNAL_ID: SHARED_TARGETS[0][1]}
        for target, label in once.items():
            if chosen.count(target) > 1:
                self.add_error(None, _("Two columns become “%(label)s”. Choose one of them.") % {"label": label})
        for column in self.kind.columns:
            if column.required and column.target not in chosen:
                words = _("No column becomes “%(label)s”. Every task needs it.")
                self.add_error(None, words % {"label": column.label})
        return cleaned

    @property
    def column_rows(self) -> list[tuple[str, list[str], forms.BoundField]]:
        """Return (column, samples, control) for the table."""
        return [
            (name, [_short(row.get(name)) for row in self.found.rows], self[f"column_{number}"])
            for number, name in enumerate(self.found.columns)
        ]


def _short(value: object) -> str:
    text = "" if value is None else str(value).replace("\n", " ")
    text = text.encode("utf-8", errors="replace").decode()
    return text if len(text) <= 140 else f"{text[:139]}…"


class FinalizeForm(forms.Form):
    include_duplicates = forms.BooleanField(label=_("Hand out the duplicates too"), required=False)


class BatchFilterForm(AfterForm):
    project = forms.UUIDField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", ""), *BatchState.choices])


class TaskFilterForm(AfterForm):
    state = forms.ChoiceField(required=False, choices=[("", ""), *TaskState.choices])
    q = forms.CharField(required=False, max_length=200, strip=True)


# -------------------------------------------------------------------------------------------------------- workbench


class WorkForm(forms.Form):
    """What comes with an answer: the version it was written on, the key of this submit, and what to do then."""

    version = forms.IntegerField(min_value=0)
    key = forms.UUIDField(required=False)
    then = forms.ChoiceField(required=False, choices=[("", ""), ("next", "next")])


class BeatForm(forms.Form):
    visible = forms.BooleanField(required=False)
    idle = forms.IntegerField(min_value=0, max_value=10**9)


class SkipForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why"), choices=SkipReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What should the lab know"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when the task is broken or offensive."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        needs_words = {SkipReason.BAD_TASK, SkipReason.OFFENSIVE}
        if cleaned.get("reason") in needs_words and not (cleaned.get("note") or "").strip():
            self.add_error("note", _("Say in a few words what is wrong with it."))
        return cleaned


class SkipReasonForm(forms.Form):
    """The reason that an address already carries."""

    reason = forms.ChoiceField(required=False, choices=[("", ""), *SkipReason.choices])


# ----------------------------------------------------------------------------------------------------------- review


class ReviewFilterForm(AfterForm):
    project = forms.UUIDField(required=False)


class ReviewForm(forms.Form):
    """A reviewer's decision, with a comment on the whole and on single fields."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    decision = forms.ChoiceField(label=_("Decision"), choices=ReviewDecision.choices, widget=forms.RadioSelect)
    reject_code = forms.ChoiceField(
        label=_("Reason of a rejection"), required=False, choices=[("", _("None")), *RejectCode.choices]
    )
    comment = forms.CharField(
        label=_("What the expert reads"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    then = forms.ChoiceField(required=False, choices=[("", ""), ("next", "next")])

    def __init__(self, *args: Any, anchors: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.anchors = anchors
        for code, label in anchors:
            self.fields[f"on_{code}"] = forms.CharField(
                label=label,
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 1, "class": "!min-h-10"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        decision = cleaned.get("decision")
        if decision and decision != ReviewDecision.ACCEPT and not (cleaned.get("comment") or "").strip():
            self.add_error("comment", _("Say in words why. The expert reads it."))
        if decision == ReviewDecision.REJECT and not cleaned.get("reject_code"):
            self.add_error("reject_code", _("Choose the reason for the rejection."))
        return cleaned

    def verdict(self) -> Verdict:
        said = self.cleaned_data
        decision = ReviewDecision(said["decision"])
        anchored = [(code, said[f"on_{code}"]) for code, _label in self.anchors if said[f"on_{code}"].strip()]
        code = said["reject_code"] if decision == ReviewDecision.REJECT else ""
        return Verdict(decision, said["comment"], anchored, code)

    @property
    def anchor_fields(self) -> list[forms.BoundField]:
        return [self[f"on_{code}"] for code, _label in self.anchors]
