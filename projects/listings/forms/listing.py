"""The editor of a listing: what a lab says of a project, in the shape of a form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.assessments.queries import fields_with_papers
from experts.profiles.models import Field
from experts.profiles.queries import countries, languages
from marketplace.kernel.money import EXPONENTS, major_units, parse_major
from projects.listings.actions.shape import TEXT_MAX, Band, Listing, Wanted
from projects.listings.enums import FIELDS_MAX, QUESTIONS_MAX, SECTIONS, TaskKind, Visibility

ALSO_CALLED = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "america": "US",
    "turkey": "TR", "holland": "NL", "czech republic": "CZ", "uae": "AE", "south korea": "KR", "russia": "RU",
}  # fmt: skip


class AmountField(forms.CharField):
    """An hourly rate as people write it, "250" or "$210.50"; the value is text until the currency is known."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class NamesField(forms.CharField):
    """Names or codes separated by commas; the value is a tuple of codes."""

    def __init__(self, *, known: Callable[[], Mapping[str, str]], also: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.known, self.also = known, also

    def prepare_value(self, value: Any) -> Any:
        """Write codes as the names people use; a name that holds a comma stays a code."""
        if isinstance(value, str) or value is None:
            return value
        names = self.known()
        return ", ".join(code if "," in names.get(code, ",") else names[code] for code in value)

    def clean(self, value: Any) -> tuple[str, ...]:
        text = str(super().clean(value) or "")
        by_name = {name.casefold(): code for code, name in self.known().items()}
        by_code = {code.casefold(): code for code in self.known()}
        found: dict[str, None] = {}
        for said in (part.strip() for part in re.split(r"[,;\n]", text)):
            word = said.casefold()
            code = by_code.get(word) or by_name.get(word) or self.also.get(word)
            if said and code is None:
                raise forms.ValidationError(_("We do not know “%(said)s”.") % {"said": said[:60]})
            if code:
                found[code] = None
        return tuple(found)


def _section(code: str, label: str) -> forms.CharField:
    rows = 3 if code in {"time_and_place", "steps_to_apply"} else 6
    return forms.CharField(
        label=label, required=False, max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": rows}), strip=True
    )


class ListingForm(forms.Form):
    """Everything a lab says about a project. Only the title is needed for a draft; publishing asks for more."""

    title = forms.CharField(max_length=140, label=gettext_lazy("Title"))
    summary = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Summary"),
        help_text=gettext_lazy("Two sentences for the board: what people do, and who they are."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    fields_chosen = forms.ModelMultipleChoiceField(
        queryset=Field.objects.in_reading_order(),
        required=False,
        label=gettext_lazy("Fields"),
        widget=forms.CheckboxSelectMultiple,
    )
    kinds = forms.MultipleChoiceField(
        choices=TaskKind.choices,
        required=False,
        label=gettext_lazy("Kinds of task"),
        widget=forms.CheckboxSelectMultiple,
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code, exponent in EXPONENTS.items() if exponent == 2], label=gettext_lazy("Currency")
    )
    rate_min = AmountField(max_length=20, required=False, label=gettext_lazy("Lowest rate an hour"))
    rate_max = AmountField(max_length=20, required=False, label=gettext_lazy("Highest rate an hour"))
    weekly_hours_min = forms.IntegerField(
        min_value=0, max_value=60, required=False, label=gettext_lazy("Least hours a week")
    )
    weekly_hours_cap = forms.IntegerField(
        min_value=1, max_value=60, initial=20, label=gettext_lazy("Most hours a week")
    )
    expected_weeks = forms.IntegerField(
        min_value=1, max_value=520, required=False, label=gettext_lazy("Length in weeks")
    )
    places_wanted = forms.IntegerField(min_value=1, max_value=100_000, initial=1, label=gettext_lazy("Places"))
    starts_on = forms.DateField(required=False, label=gettext_lazy("Starts on"))
    closes_at = forms.DateTimeField(required=False, label=gettext_lazy("Applications close"))
    countries = NamesField(
        known=countries,
        also=ALSO_CALLED,
        max_length=2000,
        label=gettext_lazy("Countries"),
        help_text=gettext_lazy("Names or codes, separated by commas. Empty: any country."),
    )
    languages = NamesField(
        known=languages,
        also={},
        max_length=500,
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("Each one is needed. Empty: any."),
    )
    questions = forms.CharField(
        required=False,
        max_length=QUESTIONS_MAX * 310,
        label=gettext_lazy("Screening questions"),
        help_text=gettext_lazy("One a line. Each takes an applicant about five unpaid minutes; thirty are the limit."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    assessed_field = forms.ModelChoiceField(
        queryset=Field.objects.in_reading_order(),
        required=False,
        label=gettext_lazy("Assessment and interview of"),
        empty_label=gettext_lazy("None"),
        help_text=gettext_lazy(
            "What Preceptor has published for the field is asked of applicants once; its unpaid minutes count too."
        ),
    )
    terms_text = forms.CharField(
        required=False,
        max_length=TEXT_MAX,
        label=gettext_lazy("Terms the expert signs"),
        help_text=gettext_lazy(
            "Confidentiality, who owns the work. Another text becomes another version; what was signed stays."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    visibility = forms.ChoiceField(
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        initial=Visibility.PUBLIC,
        label=gettext_lazy("Who finds it"),
    )
    manual_time_allowed = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Experts may add time by hand, with a reason")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in SECTIONS:
            self.fields[f"section_{code}"] = _section(code, label)
        self.fields["assessed_field"].queryset = self._assessable()  # type: ignore[attr-defined]

    def _assessable(self) -> QuerySet[Field]:
        """Fields for which something is published, and the one that was chosen before."""
        kept = self.initial.get("assessed_field") or 0
        return Field.objects.in_reading_order().filter(Q(pk__in=fields_with_papers()) | Q(pk=kept))

    @property
    def sections(self) -> list[Any]:
        """The bound fields of the sections, in the order in which people read them."""
        return [self[f"section_{code}"] for code, _label in SECTIONS]

    def clean_questions(self) -> tuple[str, ...]:
        questions = tuple(line.strip() for line in self.cleaned_data["questions"].splitlines() if line.strip())
        if len(questions) > QUESTIONS_MAX:
            raise forms.ValidationError(_("Ask at most %(n)s questions.") % {"n": QUESTIONS_MAX})
        if any(len(question) > 300 for question in questions):
            raise forms.ValidationError(_("A question has at most 300 characters."))
        return questions

    def clean_fields_chosen(self) -> Any:
        chosen = self.cleaned_data["fields_chosen"]
        if len(chosen) > FIELDS_MAX:
            raise forms.ValidationError(_("Choose at most %(n)s fields.") % {"n": FIELDS_MAX})
        return chosen

    def clean(self) -> dict[str, Any]:
        """Turn the rates into minor units, and compare what belongs together."""
        said = super().clean() or self.cleaned_data
        low, high = self._minor("rate_min"), self._minor("rate_max")
        said["rate_min_minor"], said["rate_max_minor"] = low, high
        if low is not None and high is None and "rate_max" not in self.errors:
            self.add_error("rate_max", _("Give the highest rate too."))
        if low is not None and high is not None and low > high:
            self.add_error("rate_min", _("The lowest rate is above the highest one."))
        least, most = said.get("weekly_hours_min"), said.get("weekly_hours_cap")
        if least is not None and most is not None and least > most:
            self.add_error("weekly_hours_min", _("More than the most hours a week."))
        return said

    def _minor(self, name: str) -> int | None:
        text = self.cleaned_data.get(name)
        if not text:
            return None
        try:
            minor = parse_major(text, self.cleaned_data.get("currency", "USD"))
        except ValueError as problem:
            self.add_error(name, str(problem))
            return None
        if minor == 0:
            self.add_error(name, _("A rate is more than zero."))
        return minor

    def listing(self, requirements: Sequence[Wanted], bands: Sequence[Band]) -> Listing:
        """Return what was said, once the form is valid."""
        said = self.cleaned_data
        same = (
            "title", "summary", "currency", "rate_min_minor", "rate_max_minor", "weekly_hours_min", "weekly_hours_cap",
            "expected_weeks", "places_wanted", "starts_on", "closes_at", "countries", "languages", "questions",
            "terms_text", "visibility", "manual_time_allowed",
        )  # fmt: skip
        assessed = said["assessed_field"]
        return Listing(
            **{name: said[name] for name in same},
            kinds=tuple(said["kinds"]),
            field_ids=tuple(field.pk for field in said["fields_chosen"]),
            sections={code: said[f"section_{code}"] for code, _label in SECTIONS},
            requirements=tuple(requirements),
            assessed_field_id=assessed.pk if assessed else None,
            bands=tuple(bands),
        )


def initial_of(listing: Listing) -> dict[str, Any]:
    """Return a listing as the editor begins with it."""
    values: dict[str, Any] = {name: getattr(listing, name) for name in Listing.__slots__}
    for bound in ("rate_min", "rate_max"):
        minor = values[f"{bound}_minor"]
        values[bound] = major_units(minor, listing.currency).removesuffix(".00") if minor is not None else ""
    values |= {f"section_{code}": listing.sections.get(code, "") for code, _label in SECTIONS}
    values |= {"fields_chosen": list(listing.field_ids), "questions": "\n".join(listing.questions)}
    values["assessed_field"] = listing.assessed_field_id
    return values
