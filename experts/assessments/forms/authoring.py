"""What staff write."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.assessments.enums import AuthoringState, QuestionKind
from experts.assessments.kinds import kind_of
from experts.assessments.kinds.base import lines_of
from experts.assessments.kinds.text import read_rubric
from experts.profiles.models import Field
from marketplace.kernel.paging import AfterForm

SECTION = re.compile(r"(\d{1,2})\s*[x×]?\s+(.{1,60})")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class BankForm(AfterForm):
    """What the bank is narrowed to. What makes no sense is left out, so that an odd address still shows a list."""

    field = forms.ModelChoiceField(
        Field.objects.none(), required=False, label=gettext_lazy("Field"), empty_label=gettext_lazy("Every field")
    )
    kind = forms.ChoiceField(
        choices=[("", gettext_lazy("Every kind")), *QuestionKind.choices], required=False, label=gettext_lazy("Kind")
    )
    state = forms.ChoiceField(
        choices=[("", gettext_lazy("Every state")), *AuthoringState.choices],
        required=False,
        label=gettext_lazy("State"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].queryset = Field.objects.in_reading_order()  # type: ignore[attr-defined]

    def value(self, name: str) -> Any:
        """Return what was chosen, or None."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


class _NewForm(forms.Form):
    field = forms.ModelChoiceField(Field.objects.none(), label=gettext_lazy("Field"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].queryset = Field.objects.in_reading_order()  # type: ignore[attr-defined]


class NewQuestionForm(_NewForm):
    """For which field, and of which kind: both stay."""

    kind = forms.ChoiceField(choices=QuestionKind.choices, label=gettext_lazy("Kind"), widget=forms.RadioSelect)


class NewPaperForm(_NewForm):
    """An assessment or an interview, and its field."""

    what = forms.ChoiceField(
        choices=[("assessment", gettext_lazy("Timed assessment")), ("guide", gettext_lazy("Structured interview"))],
        label=gettext_lazy("What"), widget=forms.RadioSelect,
    )  # fmt: skip


class _DraftForm(forms.Form):
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class QuestionForm(_DraftForm):
    """The draft of a question. The kind says how its answers are written."""

    topic = forms.CharField(
        max_length=60, label=gettext_lazy("Topic"), help_text=gettext_lazy("Assessments draw so many of each topic.")
    )
    points = forms.IntegerField(min_value=1, max_value=10, initial=1, label=gettext_lazy("Points"))
    prompt = forms.CharField(
        max_length=4000, label=gettext_lazy("Question"), widget=_area(5), help_text=gettext_lazy("Markdown.")
    )
    lines = forms.CharField(max_length=4000, label=gettext_lazy("Answers"), widget=_area(6))
    explanation = forms.CharField(
        max_length=4000, required=False, label=gettext_lazy("Explanation for staff"), widget=_area(3),
        help_text=gettext_lazy("Why the right answer is right, with the source. Scorers read it; experts do not."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = kind_of(kind)
        self.fields["lines"].help_text = self.rules.hint
        if not self.rules.is_closed:
            self.fields["lines"].label = _("Rubric")

    def clean_lines(self) -> dict[str, Any]:
        """Turn the lines into the content of a version."""
        try:
            return self.rules.read(self.cleaned_data["lines"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem

    def draft(self) -> dict[str, Any]:
        """Return what `save_authored` keeps."""
        data = self.cleaned_data
        return {
            "topic": data["topic"].strip(), "prompt": data["prompt"].strip(), "content": data["lines"],
            "explanation": data["explanation"].strip(), "points": data["points"],
        }  # fmt: skip

    @classmethod
    def initial_of(cls, kind: str, draft: dict[str, Any], revision: int) -> dict[str, Any]:
        lines = kind_of(kind).lines(draft["content"]) if draft.get("content") else ""
        return {"points": 1, **draft, "lines": lines, "revision": revision}


class _PaperForm(_DraftForm):
    title = forms.CharField(max_length=80, label=gettext_lazy("Title"))
    intro = forms.CharField(
        max_length=2000, required=False, label=gettext_lazy("What it is for"), widget=_area(3),
        help_text=gettext_lazy("Experts read it before they begin. Markdown."),
    )  # fmt: skip
    minutes = forms.IntegerField(min_value=1, max_value=240, label=gettext_lazy("Minutes"))
    is_paid = forms.BooleanField(required=False, label=gettext_lazy("Pay is attached, so its minutes are not counted"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("minutes", 0) > 30 and not data.get("is_paid"):
            self.add_error("minutes", _("Without pay at most 30 minutes are asked."))
        return data


class AssessmentForm(_PaperForm):
    """The draft of an assessment."""

    pass_percent = forms.IntegerField(min_value=1, max_value=100, initial=70, label=gettext_lazy("Pass mark"))
    attempts = forms.IntegerField(min_value=1, max_value=10, initial=3, label=gettext_lazy("Attempts"))
    cooling_off_days = forms.IntegerField(
        min_value=0, max_value=90, initial=7, label=gettext_lazy("Days between attempts")
    )
    sections = forms.CharField(
        max_length=1000, label=gettext_lazy("What is drawn"), widget=_area(5),
        help_text=gettext_lazy("One topic a line with its number of questions, for example “3 Pharmacology”."),
    )  # fmt: skip

    def clean_sections(self) -> list[dict[str, Any]]:
        found = []
        for line in lines_of(self.cleaned_data["sections"]):
            match = SECTION.fullmatch(line)
            if match is None or not int(match[1]):
                raise forms.ValidationError(_("“%s” is not a number and a topic.") % line[:60])
            found.append({"topic": match[2].strip(), "draw": int(match[1])})
        if len({section["topic"] for section in found}) != len(found):
            raise forms.ValidationError(_("A topic stands there twice."))
        return found

    def draft(self) -> dict[str, Any]:
        data = {name: self.cleaned_data[name] for name in ("title", "intro", "minutes", "is_paid", "attempts",
                                                           "cooling_off_days", "sections")}  # fmt: skip
        return data | {"pass_bps": self.cleaned_data["pass_percent"] * 100}

    @classmethod
    def initial_of(cls, draft: dict[str, Any], revision: int) -> dict[str, Any]:
        lines = "\n".join(f"{one['draw']} {one['topic']}" for one in draft.get("sections", []))
        return draft | {"sections": lines, "pass_percent": draft.get("pass_bps", 7000) // 100, "revision": revision}


class GuideForm(_PaperForm):
    """The draft of a structured interview."""

    is_spoken = forms.BooleanField(
        required=False, label=gettext_lazy("Spoken: a recording for each answer, unless writing was granted")
    )
    questions = forms.CharField(
        max_length=6000, label=gettext_lazy("Questions"), widget=_area(9),
        help_text=gettext_lazy("5 to 8, one a line. {field}, {years}, {headline} and {country} come from the profile."),
    )  # fmt: skip
    criteria = forms.CharField(
        max_length=2000, label=gettext_lazy("Rubric"), widget=_area(4),
        help_text=gettext_lazy("One criterion a line; every answer gets 0 to 3 on each."),
    )  # fmt: skip

    def clean_questions(self) -> list[str]:
        return lines_of(self.cleaned_data["questions"])

    def clean_criteria(self) -> list[dict[str, str]]:
        try:
            return read_rubric(self.cleaned_data["criteria"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem

    def draft(self) -> dict[str, Any]:
        names = ("title", "intro", "minutes", "is_paid", "is_spoken", "questions", "criteria")
        return {name: self.cleaned_data[name] for name in names}

    @classmethod
    def initial_of(cls, draft: dict[str, Any], revision: int) -> dict[str, Any]:
        criteria = "\n".join(row["text"] for row in draft.get("criteria", []))
        return draft | {
            "questions": "\n".join(draft.get("questions", [])), "criteria": criteria, "revision": revision
        }  # fmt: skip
