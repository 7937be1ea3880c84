"""What experts send in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.assessments.enums import AUDIO, EXTRA_TIME, MAX_RECORDING_BYTES
from experts.assessments.models import QuestionVersion
from marketplace.kernel.errors import Invalid
from marketplace.kernel.uploads import examine


@dataclass(frozen=True, slots=True)
class Shown:
    """One option as a page shows it."""

    key: str
    text: str
    is_chosen: bool
    place: int | None


class AnswerForm(forms.Form):
    """
    The answer to one question, of whatever kind. The kind reads it and leaves out what makes no sense, so that a form
    is never refused for its answer, and nothing that an expert gave is lost over something else.
    """

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    then = forms.CharField(required=False, max_length=10)

    def __init__(
        self, *args: Any, version: QuestionVersion, order: Sequence[str] = (), answer: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.version, self.order, self.saved = version, order, answer or {}

    def answer(self) -> dict[str, Any]:
        """Return what was sent, or what is saved where nothing was sent."""
        if not self.is_bound:
            return self.saved
        sent = dict(cast(QueryDict, self.data).lists())
        return self.version.kind_rules.clean(self.version.content, sent)

    @property
    def options(self) -> list[Shown]:
        """The options in the order of this attempt."""
        answer = self.answer()
        rows = {one.key: one for one in self.version.kind_rules.options(self.version.content)}
        keys = [key for key in self.order if key in rows] or list(rows)
        chosen, places = answer.get("chosen", []), answer.get("places", {})
        return [Shown(key, rows[key].text, key in chosen, places.get(key)) for key in keys]

    @property
    def places(self) -> range:
        return range(1, len(self.options) + 1)

    @property
    def value(self) -> str:
        return str(self.answer().get("value", ""))

    @property
    def text(self) -> str:
        return str(self.answer().get("text", ""))

    @property
    def unit(self) -> str:
        return str(self.version.content.get("unit", ""))

    @property
    def said(self) -> list[str]:
        """What is saved, in words, for whoever wrote something else in another window."""
        return self.version.kind_rules.said(self.version.content, self.saved)


class InterviewTextForm(forms.Form):
    """The words of one interview answer."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    text = forms.CharField(
        required=False, max_length=6000, label=gettext_lazy("Your answer"), widget=forms.Textarea(attrs={"rows": 5})
    )


class RecordingForm(forms.Form):
    """A recorded answer that passes the first door: kind, size and signature. The rest is looked at by a worker."""

    file = forms.FileField(
        label=gettext_lazy("Recording"),
        help_text=gettext_lazy("MP3, M4A, OGG, WebM or WAV, at most 25 MB."),
        widget=forms.FileInput(attrs={"accept": "audio/*," + ",".join(f".{one}" for one in sorted(AUDIO))}),
    )

    def clean_file(self) -> UploadedFile:
        """
        Examine the file by name, size and first bytes.

        :raises ValidationError: with the sentence of the refusal.
        """
        file: UploadedFile = self.cleaned_data["file"]
        try:
            examine(file, allowed=AUDIO, max_bytes=MAX_RECORDING_BYTES)
        except Invalid as refused:
            raise forms.ValidationError(refused.sentence) from refused
        return file


class AccommodationForm(forms.Form):
    """What an expert needs. No reason and no diagnosis is asked for."""

    extra_time = forms.TypedChoiceField(
        coerce=int, label=gettext_lazy("Extra time"),
        choices=[(0, gettext_lazy("None")), *((one, f"{one} %") for one in EXTRA_TIME if one)],
    )  # fmt: skip
    may_pause = forms.BooleanField(required=False, label=gettext_lazy("Pauses: the clock stands while I rest"))
    may_write = forms.BooleanField(
        required=False, label=gettext_lazy("Writing instead of speaking, where an interview asks for recordings")
    )
    words = forms.CharField(
        required=False, max_length=2000, label=gettext_lazy("Something else"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What would help, in your words. You need not say why."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("extra_time") or data.get("may_pause") or data.get("may_write") or data.get("words")):
            self.add_error(None, _("Choose or write what you need."))
        return data
