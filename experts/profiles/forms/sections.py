"""The shapes of a profile's sections. Each may be saved half filled; progress says in words what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.profiles.actions import AboutYou, WorkTerms
from experts.profiles.enums import LanguageLevel
from experts.profiles.forms.selects import LongSelect
from experts.profiles.iso import countries, languages, time_zones
from experts.profiles.models import Expert, Field
from experts.profiles.queries import Found, find_fields
from experts.profiles.ranges import DAYS, HOURS, PRESETS, Box, to_boxes
from marketplace.kernel.money import major_units, parse_major

MOST_YEARS = 70


class AboutForm(forms.Form):
    """Headline, a text about the person, country, years."""

    headline = forms.CharField(
        max_length=120, required=False, label=gettext_lazy("Headline"),
        help_text=gettext_lazy("What labs read first, for example “Cardiologist, 12 years, heart failure clinic”."),
    )  # fmt: skip
    about = forms.CharField(
        max_length=5000, required=False, label=gettext_lazy("About you"), widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Training, practice, what you are known for. Markdown works: **bold**, lists, links."),
    )  # fmt: skip
    country = forms.ChoiceField(required=False, label=gettext_lazy("Country"), widget=LongSelect)
    years_experience = forms.IntegerField(
        min_value=0, max_value=MOST_YEARS, required=False, label=gettext_lazy("Years of experience")
    )

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {
            "headline": expert.headline, "about": expert.about, "country": expert.country,
            "years_experience": expert.years_experience,
        })  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Choose a country")), *countries().items()]  # type: ignore[attr-defined]

    def change(self) -> dict[str, Any]:
        return {"about": AboutYou(**self.cleaned_data)}


class FieldsForm(forms.Form):
    """
    The fields a person claims with the years in each; `add` takes words, synonyms too; `pick` says which of several was
    meant; `drop` takes one away.
    """

    add = forms.CharField(
        max_length=80, required=False, label=gettext_lazy("Add a field"),
        help_text=gettext_lazy("Type what people call it: “heart doctor” finds Cardiology."),
    )  # fmt: skip
    add_years = forms.IntegerField(min_value=0, max_value=MOST_YEARS, required=False, label=gettext_lazy("Years in it"))
    pick = forms.ModelChoiceField(Field.objects.offered(), required=False, widget=forms.HiddenInput)
    drop = forms.ModelChoiceField(Field.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = sorted(expert.field_entries.all(), key=lambda entry: entry.field.tree_order)
        self.known = list(Field.objects.offered().in_reading_order())
        self.meant: list[Found] = []
        for entry in self.entries:
            self.fields[f"years_{entry.field_id}"] = forms.IntegerField(
                required=False,
                min_value=0, max_value=MOST_YEARS, initial=entry.years,
                label=_("Years in %(field)s") % {"field": entry.field.name},
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Field, forms.BoundField]]:
        """Each claimed field with the box for its years."""
        return [(entry.field, self[f"years_{entry.field_id}"]) for entry in self.entries]

    def clean_add(self) -> Field | None:
        """
        Return the field that was typed, if there is no doubt about it; else keep what may be meant, to be asked back.

        :raises ValidationError: if the words fit none, several, or one only by likeness.
        """
        text = self.cleaned_data["add"]
        if not text:
            return None
        found = find_fields(text, self.known)
        if len(found) == 1 and not found[0].is_guess:
            return found[0].field
        self.meant = found
        if not found:
            raise forms.ValidationError(_("No field is called that. Try a wider word, or open the whole list."))
        words = _("Did you mean one of these?") if found[0].is_guess else _("Several fields fit. Choose one.")
        raise forms.ValidationError(words)

    def change(self) -> dict[str, Any]:
        """Return the new list of fields as `edit_profile` takes it."""
        data = self.cleaned_data
        typed = {entry.field_id: data.get(f"years_{entry.field_id}") for entry in self.entries}
        # Taking one away is a form of its own, which carries no years: the others keep theirs.
        chosen = {
            entry.field_id: entry.years if typed[entry.field_id] is None else typed[entry.field_id]
            for entry in self.entries
        }
        if data.get("drop"):
            chosen.pop(data["drop"].pk, None)
        for field in (data.get("add"), data.get("pick")):
            if field is not None:
                chosen[field.pk] = data.get("add_years") or chosen.get(field.pk) or 0
        return {"fields": chosen}


class FindForm(forms.Form):
    """What somebody types to find a field."""

    add = forms.CharField(max_length=80, required=False)


class ClaimForm(forms.Form):
    """One field of the whole list, to be added to the profile; `steps` says that the list was opened from there."""

    field = forms.ModelChoiceField(Field.objects.offered())
    steps = forms.BooleanField(required=False)


class LanguagesForm(forms.Form):
    """The languages a person speaks with their level (CEFR); `drop` takes one away."""

    add = forms.ChoiceField(required=False, label=gettext_lazy("Add a language"), widget=LongSelect)
    add_level = forms.ChoiceField(
        choices=LanguageLevel.choices, required=False, initial=LanguageLevel.C1, label=gettext_lazy("Level")
    )
    drop = forms.CharField(max_length=2, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = sorted(expert.languages.all(), key=lambda entry: entry.name)
        taken = {entry.code for entry in self.entries}
        free = [(code, name) for code, name in languages().items() if code not in taken]
        self.fields["add"].choices = [("", _("Choose a language")), *free]  # type: ignore[attr-defined]
        for entry in self.entries:
            self.fields[f"level_{entry.code}"] = forms.ChoiceField(
                required=False,
                choices=LanguageLevel.choices, initial=entry.level,
                label=_("Level of %(language)s") % {"language": entry.name},
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        """Each language with the box for its level."""
        return [(entry, self[f"level_{entry.code}"]) for entry in self.entries]

    def change(self) -> dict[str, Any]:
        """Return the new list of languages as `edit_profile` takes it."""
        data = self.cleaned_data
        chosen = {entry.code: data.get(f"level_{entry.code}") or entry.level for entry in self.entries}
        chosen.pop(data.get("drop", ""), None)
        if data.get("add"):
            chosen[data["add"]] = data.get("add_level") or LanguageLevel.C1
        return {"languages": chosen}


def _zones() -> list[Any]:
    return [("UTC", "UTC"), *time_zones().items()]


def _hours() -> list[tuple[str, str]]:
    return [(f"{day}-{hour}", f"{WEEKDAYS[day - 1]} {hour:02d}:00") for day in DAYS for hour in HOURS]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One hour of the grid with its seven boxes: value, words for who does not see the grid, and whether it is ticked."""

    hour: int
    boxes: list[tuple[str, str, bool]]

    @property
    def label(self) -> str:
        return f"{self.hour:02d}:00"


PRESET_WORDS: Final = {
    "evenings": gettext_lazy("Weekday evenings"), "office": gettext_lazy("Office hours"),
    "weekend": gettext_lazy("Weekend days"), "none": gettext_lazy("Clear all"),
}  # fmt: skip
MORNING: Final = 6


class TermsForm(forms.Form):
    """
    When a person can work, how much, and for how much. The grid is boxes of hours on the clock of their wall; `preset`
    is the button that ticks some of them, and saves nothing.
    """

    weekly_hours = forms.IntegerField(
        min_value=1, max_value=80, required=False, label=gettext_lazy("Hours a week you have free"),
        help_text=gettext_lazy("How many you would give to gigs in a usual week."),
    )  # fmt: skip
    zone = forms.ChoiceField(required=False, choices=_zones, label=gettext_lazy("Your time zone"), widget=LongSelect)
    free = forms.MultipleChoiceField(required=False, choices=_hours, label=gettext_lazy("When you can work"))
    preset = forms.ChoiceField(choices=list(PRESET_WORDS.items()), required=False)
    has_grid = forms.BooleanField(required=False, widget=forms.HiddenInput, initial=True)
    rate_desired = forms.CharField(
        max_length=20, required=False, label=gettext_lazy("Rate you wish for"),
        help_text=gettext_lazy("Private to you and the matching. Labs never see it."),
    )  # fmt: skip
    rate_minimum = forms.CharField(max_length=20, required=False, label=gettext_lazy("Lowest rate you take"))
    open_to_work = forms.BooleanField(
        required=False, label=gettext_lazy("Open to work"),
        help_text=gettext_lazy("Off means that you are not looking. Contracts you have go on."),
    )  # fmt: skip

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        self.currency = expert.currency
        boxes = to_boxes(row.range for row in expert.free_hours.all())
        kwargs.setdefault("initial", {
            "weekly_hours": expert.weekly_hours,
            "zone": expert.user.time_zone,
            "free": [f"{day}-{hour}" for day, hour in sorted(boxes)],
            "rate_desired": self._text(expert.rate_desired_minor),
            "rate_minimum": self._text(expert.rate_minimum_minor),
            "open_to_work": expert.open_to_work,
            "has_grid": True,
        })  # fmt: skip
        super().__init__(*args, **kwargs)
        own = expert.user.time_zone
        if own != "UTC" and all(own != zone for zones in time_zones().values() for zone, _name in zones):
            self.fields["zone"].choices = [(own, own), *_zones()]  # type: ignore[attr-defined]

    @property
    def _ticked(self) -> set[str]:
        return set(self["free"].value() or [])

    @property
    def days(self) -> list[tuple[str, str]]:
        """The head of the grid: short names of the days, and whole ones."""
        return [(str(WEEKDAYS_ABBR[day - 1]), str(WEEKDAYS[day - 1])) for day in DAYS]

    def _rows(self, hours: range) -> list[GridRow]:
        ticked, words = self._ticked, dict(_hours())
        return [
            GridRow(hour, [(value, words[value], value in ticked) for day in DAYS for value in [f"{day}-{hour}"]])
            for hour in hours
        ]

    @property
    def day_rows(self) -> list[GridRow]:
        return self._rows(range(MORNING, 24))

    @property
    def night_rows(self) -> list[GridRow]:
        return self._rows(range(MORNING))

    @property
    def has_night(self) -> bool:
        return any(int(value.partition("-")[2]) < MORNING for value in self._ticked)

    @property
    def total(self) -> int:
        return len(self._ticked)

    @property
    def is_short(self) -> bool:
        """Whether fewer hours are ticked than the person would give."""
        offered = str(self["weekly_hours"].value() or "")
        return offered.isdecimal() and 0 < self.total < int(offered)

    @property
    def presets(self) -> list[tuple[str, str, str]]:
        """The buttons that tick boxes: code, words, and the boxes for the script that needs no server."""
        return [(code, str(words), " ".join(_values(PRESETS.get(code, ())))) for code, words in PRESET_WORDS.items()]

    def with_preset(self, data: QueryDict, expert: Expert) -> TermsForm | None:
        """Return the form as it was sent with the boxes of the pressed preset ticked, or None if none was pressed."""
        code = self.cleaned_data.get("preset")
        if not code:
            return None
        changed = data.copy()
        before = [] if code == "none" else self.cleaned_data.get("free", [])
        changed.setlist("free", sorted({*before, *_values(PRESETS.get(code, ()))}))
        del changed["preset"]
        return TermsForm(changed, expert=expert, auto_id=self.auto_id)

    def _text(self, minor: int | None) -> str:
        return "" if minor is None else major_units(minor, self.currency)

    def _minor(self, name: str) -> int | None:
        text = self.cleaned_data[name]
        if not text:
            return None
        try:
            minor = parse_major(text, self.currency)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem
        if not 0 < minor <= 1_000_000:
            raise forms.ValidationError(_("A rate lies above zero and below 10,000 an hour."))
        return minor

    def clean_rate_desired(self) -> int | None:
        return self._minor("rate_desired")

    def clean_rate_minimum(self) -> int | None:
        return self._minor("rate_minimum")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        desired, minimum = data.get("rate_desired"), data.get("rate_minimum")
        if desired and minimum and minimum > desired:
            self.add_error("rate_minimum", _("The lowest rate cannot be above the one you wish for."))
        return data

    def change(self) -> dict[str, Any]:
        """Return the terms as `edit_profile` takes them."""
        data = self.cleaned_data
        terms = WorkTerms(
            rate_desired_minor=data["rate_desired"], rate_minimum_minor=data["rate_minimum"],
            weekly_hours=data["weekly_hours"], open_to_work=data["open_to_work"], currency=self.currency,
        )  # fmt: skip
        return {"terms": terms} | ({"free_hours": _boxes(data["free"])} if data["has_grid"] else {})


def _values(boxes: Any) -> list[str]:
    return [f"{day}-{hour}" for day, hour in sorted(boxes)]


def _boxes(values: list[str]) -> set[Box]:
    pairs = (value.partition("-") for value in values)
    return {(int(day), int(hour)) for day, _dash, hour in pairs}


SECTION_FORMS: dict[str, Callable[..., Any]] = {
    "about": AboutForm,
    "fields": FieldsForm,
    "languages": LanguagesForm,
    "terms": TermsForm,
}
"""The sections that are one form. Work, education and conflicts are rows with pages of their own."""


class StepForm(forms.Form):
    """Where a person goes from a step: on, nowhere because something is still to be added, or home."""

    then = forms.ChoiceField(choices=[("next", ""), ("stay", ""), ("leave", ""), ("skip", "")], required=False)

    def wish(self) -> str:
        return (self.cleaned_data["then"] or "next") if self.is_valid() else "next"


class OpenForm(forms.Form):
    """The switch of the first screen."""

    is_open = forms.BooleanField(required=False)
