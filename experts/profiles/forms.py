"""The shapes of a profile's sections. Each may be saved half filled; progress says in words what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.profiles.actions import AboutYou, WorkTerms
from experts.profiles.enums import LanguageLevel
from experts.profiles.iso import countries, languages
from experts.profiles.models import Expert, Field
from experts.profiles.queries import match_fields
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
    country = forms.ChoiceField(required=False, label=gettext_lazy("Country"))
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
    """The fields a person claims with the years in each; `add` takes words, synonyms too; `drop` takes one away."""

    add = forms.CharField(
        max_length=80, required=False, label=gettext_lazy("Add a field"),
        help_text=gettext_lazy("Type what people call it: “heart doctor” finds Cardiology."),
    )  # fmt: skip
    add_years = forms.IntegerField(min_value=0, max_value=MOST_YEARS, required=False, label=gettext_lazy("Years in it"))
    drop = forms.ModelChoiceField(Field.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = sorted(expert.field_entries.all(), key=lambda entry: entry.field.tree_order)
        self.known = list(Field.objects.in_reading_order())
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
        text = self.cleaned_data["add"]
        if not text:
            return None
        found = match_fields(text, self.known)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(_("No field is called that. Try a wider word, or open the whole list."))
        raise forms.ValidationError(_("Several fields fit. Choose one of: %(names)s.") % {
            "names": ", ".join(field.name for field in found)})  # fmt: skip

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
        if data.get("add"):
            chosen[data["add"].pk] = data.get("add_years") or 0
        return {"fields": chosen}


class ClaimForm(forms.Form):
    """One field of the whole list, to be added to the profile."""

    field = forms.ModelChoiceField(Field.objects.all())


class LanguagesForm(forms.Form):
    """The languages a person speaks with their level (CEFR); `drop` takes one away."""

    add = forms.ChoiceField(required=False, label=gettext_lazy("Add a language"))
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


class TermsForm(forms.Form):
    """Rates (private), weekly hours, open to work."""

    weekly_hours = forms.IntegerField(
        min_value=1, max_value=80, required=False, label=gettext_lazy("Hours a week you have free")
    )
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
        kwargs.setdefault("initial", {
            "weekly_hours": expert.weekly_hours,
            "rate_desired": self._text(expert.rate_desired_minor),
            "rate_minimum": self._text(expert.rate_minimum_minor),
            "open_to_work": expert.open_to_work,
        })  # fmt: skip
        super().__init__(*args, **kwargs)

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
        return {"terms": WorkTerms(
            rate_desired_minor=data["rate_desired"], rate_minimum_minor=data["rate_minimum"],
            weekly_hours=data["weekly_hours"], open_to_work=data["open_to_work"], currency=self.currency,
        )}  # fmt: skip


class ConflictsForm(forms.Form):
    """Employers whose data the person may not see, one a line."""

    conflicts = forms.CharField(
        max_length=3000, required=False, label=gettext_lazy("Employers and clients, one a line"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Whose data you may not work on. Every application asks you to confirm the list."),
    )  # fmt: skip

    def __init__(self, *args: Any, expert: Expert, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"conflicts": "\n".join(expert.conflicts)})
        super().__init__(*args, **kwargs)

    def clean_conflicts(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["conflicts"].splitlines() if line.strip()]
        if len(names) > 20 or any(len(name) > 120 for name in names):
            raise forms.ValidationError(_("At most 20 names of up to 120 characters each."))
        return names

    def change(self) -> dict[str, Any]:
        return {"conflicts": self.cleaned_data["conflicts"]}


SECTION_FORMS: dict[str, Callable[..., Any]] = {
    "about": AboutForm,
    "fields": FieldsForm,
    "languages": LanguagesForm,
    "terms": TermsForm,
    "conflicts": ConflictsForm,
}
