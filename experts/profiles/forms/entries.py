"""The shapes of a job, a course of study and a conflict. A month is a choice and a year, which every browser can ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.profiles.actions.entries import EARLIEST_YEAR, ConflictFacts, EducationFacts, Entry, Facts, WorkFacts
from experts.profiles.models import Conflict, EducationEntry, Expert, WorkEntry


def _months() -> list[tuple[str, str]]:
    return [("", _("Month")), *((str(number), str(name)) for number, name in MONTHS.items())]


def _month(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=_months, coerce=int, empty_value=None, required=False, label=label)


class EntryForm(forms.Form):
    """What all three have: the first month, the last one, and whether it goes on."""

    from_month = _month(gettext_lazy("First month"))
    from_year = forms.IntegerField(required=False, label=gettext_lazy("First year"))
    to_month = _month(gettext_lazy("Last month"))
    to_year = forms.IntegerField(required=False, label=gettext_lazy("Last year"))
    goes_on = forms.BooleanField(required=False)

    needs_months: ClassVar[bool] = True
    latest_year_ahead: ClassVar[int] = 0
    texts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, expert: Expert, entry: Entry | None = None, today: date, **kwargs: Any) -> None:
        self.expert, self.entry, self.today = expert, entry, today
        if entry is not None:
            kwargs["initial"] = {name: getattr(entry, name) for name in self.texts} | {
                "goes_on": entry.to_month is None,
                "from_month": entry.from_month and entry.from_month.month,
                "from_year": entry.from_month and entry.from_month.year,
                "to_month": entry.to_month and entry.to_month.month,
                "to_year": entry.to_month and entry.to_month.year,
            }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Make two months of the four boxes; what is half filled is said next to it."""
        data = super().clean() or self.cleaned_data
        data["begin"] = self._day("from", needed=self.needs_months)
        data["end"] = None if data.get("goes_on") else self._day("to", needed=self.needs_months)
        if data["begin"] and data["end"] and data["end"] < data["begin"]:
            self.add_error("to_year", _("It ends before it begins."))
        return data

    def _day(self, which: str, *, needed: bool) -> date | None:
        month, year = self.cleaned_data.get(f"{which}_month"), self.cleaned_data.get(f"{which}_year")
        if {f"{which}_month", f"{which}_year"} & set(self.errors) or not (month or year or needed):
            return None
        if not month:
            self.add_error(f"{which}_month", _("Choose the month."))
        if not year:
            self.add_error(f"{which}_year", _("Write the year."))
        latest = self.today.year + (self.latest_year_ahead if which == "to" else 0)
        if year and not EARLIEST_YEAR <= year <= latest:
            words = _("A year from %(first)s to %(last)s.") % {"first": EARLIEST_YEAR, "last": latest}
            self.add_error(f"{which}_year", words)
            return None
        if not month or not year:
            return None
        day = date(year, month, 1)
        if day > self.today and not (which == "to" and self.latest_year_ahead):
            self.add_error(f"{which}_month", _("That month has not come yet."))
            return None
        return day

    def facts(self) -> Facts:
        """Return what the actions take."""
        raise TypeError("Each kind of entry says its own facts.")

    @property
    def name_fields(self) -> list[forms.BoundField]:
        """The boxes above the months."""
        return [self[name] for name in self.texts if name not in {"summary", "note"}]

    @property
    def last_field(self) -> forms.BoundField | None:
        """The longer text below the months."""
        return next((self[name] for name in self.texts if name in {"summary", "note"}), None)


class WorkForm(EntryForm):
    """A job or a practice."""

    title = forms.CharField(max_length=120, label=gettext_lazy("What you did"),
                            help_text=gettext_lazy("For example “Attending cardiologist”."))  # fmt: skip
    organisation = forms.CharField(max_length=120, label=gettext_lazy("Where"),
                                   help_text=gettext_lazy("The employer, or “self-employed”."))  # fmt: skip
    goes_on = forms.BooleanField(required=False, label=gettext_lazy("I still work there"))
    summary = forms.CharField(max_length=600, required=False, label=gettext_lazy("In a few words"),
                              widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    texts = ("title", "organisation", "summary")

    def facts(self) -> WorkFacts:
        data = self.cleaned_data
        return WorkFacts(data["title"], data["organisation"], data["begin"], data["end"], data["summary"])


class EducationForm(EntryForm):
    """A course of study."""

    school = forms.CharField(max_length=120, label=gettext_lazy("School or university"))
    degree = forms.CharField(max_length=120, required=False, label=gettext_lazy("Degree"),
                             help_text=gettext_lazy("For example “MD” or “MSc”."))  # fmt: skip
    subject = forms.CharField(max_length=120, required=False, label=gettext_lazy("Subject"))
    goes_on = forms.BooleanField(required=False, label=gettext_lazy("I still study there"))
    texts = ("school", "degree", "subject")
    latest_year_ahead = 10  # a last month that is expected

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("degree") and not data.get("subject"):
            self.add_error("degree", _("Name the degree, the subject, or both."))
        return data

    def facts(self) -> EducationFacts:
        data = self.cleaned_data
        return EducationFacts(data["school"], data["degree"], data["subject"], data["begin"], data["end"])


class ConflictForm(EntryForm):
    """An organisation whose data the person may not see."""

    organisation = forms.CharField(max_length=120, label=gettext_lazy("Employer, client or other organisation"))
    note = forms.CharField(max_length=300, required=False, label=gettext_lazy("Why, in a few words"),
                           help_text=gettext_lazy("For example “I sit on its advisory board”."))  # fmt: skip
    texts = ("organisation", "note")
    needs_months = False
    latest_year_ahead = 50

    def clean_organisation(self) -> str:
        name = " ".join(self.cleaned_data["organisation"].split())
        others = Conflict.objects.filter(expert=self.expert, organisation__iexact=name)
        if others.exclude(pk__in=[self.entry.pk] if self.entry else []).exists():
            raise forms.ValidationError(_("This organisation is in your list already."))
        return name

    def facts(self) -> ConflictFacts:
        data = self.cleaned_data
        return ConflictFacts(data["organisation"], data["begin"], data["end"], data["note"])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry: its table and form, the section it stands in, and its words."""

    table: type[Entry]
    form: type[EntryForm]
    section: str
    add: str | Promise
    edit: str | Promise
    hint: str | Promise


KINDS: Final[Mapping[str, Kind]] = {
    "work": Kind(
        WorkEntry, WorkForm, "history", gettext_lazy("Add a job"), gettext_lazy("Change a job"),
        gettext_lazy("Labs you apply to see it, and vetting staff compare it with your résumé."),
    ),
    "education": Kind(
        EducationEntry, EducationForm, "history", gettext_lazy("Add education"), gettext_lazy("Change education"),
        gettext_lazy("Labs you apply to see it. A degree counts as shown once it stands among your credentials."),
    ),
    "conflict": Kind(
        Conflict, ConflictForm, "conflicts", gettext_lazy("Add a conflict"), gettext_lazy("Change a conflict"),
        gettext_lazy("Private to you and vetting staff. We warn you before you apply to a lab of this name."),
    ),
}  # fmt: skip


class FromForm(forms.Form):
    """Whether a page was opened from the steps, so that it leads back there."""

    steps = forms.BooleanField(required=False)

    def in_steps(self) -> bool:
        return bool(self.is_valid() and self.cleaned_data["steps"])
