"""The form of an answer review. The same fields serve a plain form post, the autosave and the local copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import QueryDict

from projects.work.kinds.answer_review_words import (
    CATEGORIES,
    LONG,
    MAX_MARKS,
    RATING_HINTS,
    RATING_LABELS,
    RATINGS,
    SEVERITIES,
    SHORT,
    VERDICT_HINTS,
    VERDICTS,
    WHY_MINIMUM,
)
from projects.work.kinds.base import Answer, Problem, Prompt
from projects.work.marked import paragraphs_of, places_of, same_words

SPARE_ROWS = 2
POINTS = [(number, str(number)) for number in range(1, 6)]


class Score(forms.TypedChoiceField):
    """One to five, or nothing yet."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=POINTS, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect, **options
        )


class MarkForm(forms.Form):
    """One mark. With JavaScript the place is known; without, the quoted words are looked for in the answer."""

    quote = forms.CharField(label="Words of the answer", max_length=LONG, required=False)
    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    severity = forms.ChoiceField(
        label="Severity", choices=list(SEVERITIES.items()), required=False, widget=forms.RadioSelect, initial="major"
    )
    category = forms.ChoiceField(label="What is wrong", choices=list(CATEGORIES.items()), required=False)
    correction = forms.CharField(
        label="Correction",
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1, "class": "!min-h-10"}),
    )
    source = forms.CharField(label="Source", max_length=SHORT, required=False)


MarkFormSet = forms.formset_factory(MarkForm, extra=0, max_num=MAX_MARKS, absolute_max=MAX_MARKS, validate_max=True)


class AnswerReviewForm(forms.Form):
    """Ratings, verdict, reason and confidence, with the marks as a formset in `marks`."""

    accuracy = Score(label="Accuracy")
    safety = Score(label="Safety")
    completeness = Score(label="Completeness")
    reasoning = Score(label="Reasoning")
    communication = Score(label="Communication")
    verdict = forms.ChoiceField(
        label="Verdict", choices=list(VERDICTS.items()), required=False, widget=forms.RadioSelect
    )
    why = forms.CharField(
        label="Why, in two sentences", max_length=LONG, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    confidence = Score(label="How sure are you")

    def __init__(
        self,
        prompt: Prompt,
        *,
        find_problems: Callable[[Prompt, object], list[Problem]],
        draft: Answer | None = None,
        data: QueryDict | None = None,
    ) -> None:
        self.prompt = prompt
        self.find_problems = find_problems
        draft = draft or {}
        ratings = draft.get("ratings") or {}
        initial = {code: ratings.get(code) for code in RATINGS}
        initial |= {key: draft.get(key) for key in ("verdict", "why", "confidence")}
        super().__init__(data, initial=initial, label_suffix="")
        self.marks = MarkFormSet(
            data, initial=draft.get("marks") or [], prefix="marks", form_kwargs={"label_suffix": ""}
        )
        self.mark_problems: list[str] = []
        self.said: dict[str, Any] = dict(draft, **ratings)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.marks.is_valid():
            cleaned["marks"] = self._placed_marks()
        else:
            self.mark_problems.append("The marks could not be read. Reload the page; the draft is kept.")
        self.said = dict(cleaned)  # A copy: Django takes a field out of cleaned_data when it gets an error.
        return cleaned

    def is_valid(self) -> bool:
        """Whether the answer can be handed in: what is missing or wrong then stands beside its field."""
        if not self.is_bound:
            return False
        wrong = set(self.errors)
        for problem in self.find_problems(self.prompt, self.answer()):
            if problem.field in self.fields:
                if problem.field not in wrong:
                    self.add_error(problem.field, problem.sentence)
            elif problem.field == "marks":
                self.mark_problems.append(problem.sentence)
            else:
                self.add_error(None, problem.sentence)
        return not self.errors and not self.mark_problems

    def answer(self) -> Answer:
        """Return what was sent so far in the shape of an answer. What is no possible value counts as not said."""
        if self.is_bound:
            self.full_clean_once()
        return {
            "marks": self.said.get("marks") or [],
            "ratings": {code: self.said.get(code) for code in RATINGS},
            "verdict": self.said.get("verdict") or "",
            "why": self.said.get("why") or "",
            "confidence": self.said.get("confidence"),
        }

    def sent_fields(self) -> list[tuple[str, str]]:
        """Return (name, value) of everything written, for a page that asks before it sends them again."""
        answer = self.answer()
        single = {**answer["ratings"], **{key: answer[key] for key in ("verdict", "why", "confidence")}}
        found = [(name, str(value)) for name, value in single.items() if value not in (None, "")]
        for number, mark in enumerate(answer["marks"]):
            found += [(f"marks-{number}-{key}", "" if value is None else str(value)) for key, value in mark.items()]
        return [*found, ("marks-TOTAL_FORMS", str(len(answer["marks"]))), ("marks-INITIAL_FORMS", "0")]

    def full_clean_once(self) -> None:
        """Read what was sent, if that has not happened yet."""
        _ = self.errors

    @property
    def was_read(self) -> bool:
        """Whether the marks arrived whole; a draft that lost them must not overwrite one that has them."""
        self.full_clean_once()
        return self.is_bound and self.marks.is_valid()

    def _placed_marks(self) -> list[dict[str, Any]]:
        rows = [row.cleaned_data for row in self.marks.forms if row.cleaned_data.get("quote")]
        placed = [_place(row, self.prompt["answer"]) for row in rows]
        return sorted(placed, key=lambda mark: (mark["start"] is None, mark["start"] or 0))

    # What the template asks for.

    @property
    def paragraphs(self) -> Any:
        """The answer cut at the marks of the draft, for the page before any script runs."""
        return paragraphs_of(self.prompt["answer"], self.shown_marks)

    @property
    def shown_marks(self) -> list[dict[str, Any]]:
        if self.is_bound:
            return list(self.answer()["marks"])
        return [dict(mark) for mark in self.marks.initial or []]

    @property
    def mark_rows(self) -> list[tuple[int, MarkForm]]:
        rows = [row for row in self.marks.forms if row["quote"].value()]
        return list(enumerate(rows, start=1))

    @property
    def total_marks(self) -> int:
        """How many rows the browser may send: those there are and the spare ones; empty rows are no marks."""
        return min(MAX_MARKS, len(self.marks.forms) + SPARE_ROWS)

    @property
    def blank_mark(self) -> MarkForm:
        """A row for the script to copy; its numbers read __prefix__."""
        return self.marks.empty_form

    @property
    def spare_marks(self) -> list[MarkForm]:
        """Two empty rows for those who work without JavaScript."""
        count = len(self.marks.forms)
        return [
            MarkForm(prefix=f"marks-{count + extra}", label_suffix="")
            for extra in range(SPARE_ROWS)
            if count + extra < MAX_MARKS
        ]

    @property
    def rating_rows(self) -> list[tuple[str, str, Any]]:
        return [(RATING_LABELS[code], RATING_HINTS[code], self[code]) for code in RATINGS]

    @property
    def verdict_rows(self) -> list[tuple[str, str, str, str, bool]]:
        chosen = self["verdict"].value()
        return [
            (code, label, VERDICT_HINTS[code], key, chosen == code)
            for (code, label), key in zip(VERDICTS.items(), "ABC", strict=True)
        ]

    @property
    def why_minimum(self) -> int:
        return WHY_MINIMUM


def _place(row: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the mark with its exact words and their place; without a place if there is none, or more than one."""
    start, end, quote = row.get("start"), row.get("end"), row["quote"]
    if start is None or end is None or not same_words(text[start:end], quote):
        places = places_of(quote, text)
        start, end = places[0] if len(places) == 1 else (None, None)
    return {
        "start": start,
        "end": end,
        "quote": text[start:end] if start is not None else quote,
        "severity": row.get("severity") or "",
        "category": row.get("category") or "",
        "correction": row.get("correction") or "",
        "source": row.get("source") or "",
    }
