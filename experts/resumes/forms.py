"""Putting a suggestion right before it is accepted: the boxes of its kind, filled with what the résumé says."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.profiles.enums import LanguageLevel
from experts.resumes.enums import SECTIONS, SuggestionKind
from experts.resumes.models import Suggestion

EARLIEST_YEAR = 1930


class ChangeForm(forms.Form):
    """What all kinds have: the suggestion that fills it, and the values that it gives back."""

    texts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, suggestion: Suggestion, today: date, **kwargs: Any) -> None:
        self.suggestion, self.today = suggestion, today
        kwargs["initial"] = self.first_values(suggestion.value)
        super().__init__(*args, **kwargs)

    def first_values(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return what stands in the boxes at first."""
        return dict(value)

    def changed(self) -> dict[str, Any]:
        """Return the values to accept."""
        return dict(self.cleaned_data)


class HeadlineForm(ChangeForm):
    text = forms.CharField(max_length=120, label=gettext_lazy("Headline"))


class YearsForm(ChangeForm):
    years = forms.IntegerField(min_value=0, max_value=70, label=gettext_lazy("Years of experience"))


class FieldForm(ChangeForm):
    years = forms.IntegerField(min_value=0, max_value=70, label=gettext_lazy("Years in this field"))


class LanguageForm(ChangeForm):
    level = forms.ChoiceField(choices=LanguageLevel.choices, label=gettext_lazy("Level"), widget=forms.RadioSelect)


class NumberForm(ChangeForm):
    number = forms.CharField(max_length=80, label=gettext_lazy("Number or name"))


def _month(label: Any) -> forms.TypedChoiceField:
    months = [("", _("Month")), *((str(number), str(name)) for number, name in MONTHS.items())]
    return forms.TypedChoiceField(choices=months, coerce=int, empty_value=None, required=False, label=label)


class SpellForm(ChangeForm):
    """What a job and a course of study have: the first month, the last one, and whether it goes on."""

    begin_month = _month(gettext_lazy("First month"))
    begin_year = forms.IntegerField(required=False, label=gettext_lazy("First year"))
    end_month = _month(gettext_lazy("Last month"))
    end_year = forms.IntegerField(required=False, label=gettext_lazy("Last year"))
    goes_on = forms.BooleanField(required=False)

    def first_values(self, value: dict[str, Any]) -> dict[str, Any]:
        months = {}
        for end in ("begin", "end"):
            months[f"{end}_year"], _dash, month = str(value[end]).partition("-")
            months[f"{end}_month"] = month.lstrip("0")
        return {**value, **months}

    def clean(self) -> dict[str, Any]:
        """Make two months of the four boxes; what is half filled is said next to it."""
        data = super().clean() or self.cleaned_data
        begin = self._day("begin")
        end = None if data.get("goes_on") else self._day("end")
        if begin and begin > self.today:
            self.add_error("begin_year", _("That month has not come yet."))
        if begin and end and end < begin:
            self.add_error("end_year", _("It ends before it begins."))
        if end and end > self.today and self.suggestion.kind == SuggestionKind.WORK:
            self.add_error("end_year", _("That month has not come yet."))
        data["begin"] = f"{begin:%Y-%m}" if begin else ""
        data["end"] = f"{end:%Y-%m}" if end else ""
        return data

    def _day(self, which: str) -> date | None:
        month, year = self.cleaned_data.get(f"{which}_month"), self.cleaned_data.get(f"{which}_year")
        if {f"{which}_month", f"{which}_year"} & set(self.errors):
            return None
        if not month:
            self.add_error(f"{which}_month", _("Choose the month."))
        if not year:
            self.add_error(f"{which}_year", _("Write the year."))
        elif not EARLIEST_YEAR <= year <= self.today.year + 10:
            self.add_error(f"{which}_year", _("A year from %(first)s on.") % {"first": EARLIEST_YEAR})
            return None
        return date(year, month, 1) if month and year else None

    def changed(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*self.texts, "begin", "end", "goes_on")}

    @property
    def name_fields(self) -> list[forms.BoundField]:
        """The boxes above the months."""
        return [self[name] for name in self.texts]


class WorkForm(SpellForm):
    title = forms.CharField(max_length=120, label=gettext_lazy("What you did"))
    organisation = forms.CharField(max_length=120, label=gettext_lazy("Where"))
    goes_on = forms.BooleanField(required=False, label=gettext_lazy("I still work there"))
    texts = ("title", "organisation")


class EducationForm(SpellForm):
    school = forms.CharField(max_length=120, label=gettext_lazy("School or university"))
    degree = forms.CharField(max_length=120, required=False, label=gettext_lazy("Degree"))
    subject = forms.CharField(max_length=120, required=False, label=gettext_lazy("Subject"))
    goes_on = forms.BooleanField(required=False, label=gettext_lazy("I still study there"))
    texts = ("school", "degree", "subject")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("degree") and not data.get("subject"):
            self.add_error("degree", _("Name the degree, the subject, or both."))
        return data


FORMS: Final[dict[str, type[ChangeForm]]] = {
    SuggestionKind.HEADLINE: HeadlineForm,
    SuggestionKind.YEARS: YearsForm,
    SuggestionKind.FIELD: FieldForm,
    SuggestionKind.LANGUAGE: LanguageForm,
    SuggestionKind.WORK: WorkForm,
    SuggestionKind.EDUCATION: EducationForm,
    SuggestionKind.CREDENTIAL: NumberForm,
}


class SectionForm(forms.Form):
    """One section of the profile, where the hint is asked for one."""

    section = forms.ChoiceField(choices=[(section, section) for section in SECTIONS], required=False)

    def chosen(self) -> str:
        return str(self.cleaned_data["section"]) if self.is_valid() else ""
