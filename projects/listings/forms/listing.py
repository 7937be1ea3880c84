"""The editor of a listing: its shape, its requirements, and the small forms of its states."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from experts.profiles.queries import countries, languages
from marketplace.kernel.money import EXPONENTS, major_units, parse_major
from marketplace.kernel.paging import AfterForm
from projects.listings.actions.projects import REASON_MIN_CHARS
from projects.listings.actions.shape import TEXT_MAX, Listing, Wanted
from projects.listings.enums import FIELDS_MAX, QUESTIONS_MAX, SECTIONS, ProjectState, TaskKind, Visibility

ALSO_CALLED = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "america": "US",
    "turkey": "TR", "holland": "NL", "czech republic": "CZ", "uae": "AE", "south korea": "KR", "russia": "RU",
}  # fmt: skip
VETTED = "VETTED"
EXTRA_REQUIREMENTS = 3
REQUIREMENTS_MAX = 20


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

    def listing(self, requirements: Sequence[Wanted]) -> Listing:
        """Return what was said, once the form is valid."""
        said = self.cleaned_data
        same = (
            "title", "summary", "currency", "rate_min_minor", "rate_max_minor", "weekly_hours_min", "weekly_hours_cap",
            "expected_weeks", "places_wanted", "starts_on", "closes_at", "countries", "languages", "questions",
            "terms_text", "visibility", "manual_time_allowed",
        )  # fmt: skip
        return Listing(
            **{name: said[name] for name in same},
            kinds=tuple(said["kinds"]),
            field_ids=tuple(field.pk for field in said["fields_chosen"]),
            sections={code: said[f"section_{code}"] for code, _label in SECTIONS},
            requirements=tuple(requirements),
        )


def initial_of(listing: Listing) -> dict[str, Any]:
    """Return a listing as the editor begins with it."""
    values: dict[str, Any] = {name: getattr(listing, name) for name in Listing.__slots__}
    for bound in ("rate_min", "rate_max"):
        minor = values[f"{bound}_minor"]
        values[bound] = major_units(minor, listing.currency).removesuffix(".00") if minor is not None else ""
    values |= {f"section_{code}": listing.sections.get(code, "") for code, _label in SECTIONS}
    values |= {"fields_chosen": list(listing.field_ids), "questions": "\n".join(listing.questions)}
    return values


# ------------------------------------------------------------------------------------------------------- requirements


class RequirementForm(forms.Form):
    """One row of what experts must show."""

    asks_for = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("Nothing")),
            (VETTED, gettext_lazy("Vetted by Preceptor in")),
            *CredentialKind.choices,
        ],
        required=False,
        label=gettext_lazy("Asks for"),
    )
    step = forms.ChoiceField(
        choices=LadderStep.choices, required=False, initial=LadderStep.DOCUMENT_SEEN, label=gettext_lazy("At least")
    )
    field = forms.ModelChoiceField(
        queryset=Field.objects.in_reading_order(), required=False, label=gettext_lazy("Field"), empty_label="–"
    )
    is_required = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Required"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("asks_for") == VETTED and said.get("field") is None and "field" not in self.errors:
            self.add_error("field", _("Choose the field."))
        return said

    def wanted(self) -> Wanted | None:
        """Return the requirement, or None for an empty row."""
        asks_for, is_required = self.cleaned_data.get("asks_for"), self.cleaned_data.get("is_required", False)
        if not asks_for:
            return None
        if asks_for == VETTED:
            return Wanted(field_id=self.cleaned_data["field"].pk, is_required=is_required)
        step = self.cleaned_data.get("step") or LadderStep.DECLARED
        return Wanted(credential_kind=asks_for, step=step, is_required=is_required)


class BaseRequirements(forms.BaseFormSet):
    """All rows; the fields of the taxonomy are read once for all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices: list[Any] | None = None

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if self._choices is None:
            kept = [row["field"] for row in self.initial or [] if row.get("field")]
            known = Field.objects.offered() | Field.objects.filter(pk__in=kept)  # what was retired since stays
            self._choices = [("", "–"), *((row.pk, row.name) for row in known.in_reading_order())]
        form.fields["field"].choices = self._choices

    def wanted(self) -> list[Wanted]:
        """Return what the filled rows ask for, each once."""
        rows = (form.wanted() for form in self.forms)
        return list(dict.fromkeys(row for row in rows if row is not None))


RequirementFormSet = forms.formset_factory(
    RequirementForm, formset=BaseRequirements, extra=EXTRA_REQUIREMENTS, max_num=REQUIREMENTS_MAX, validate_max=True
)


def initial_requirements(wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """Return requirements as the rows of the editor begin with them."""
    return [
        {
            "asks_for": one.credential_kind or VETTED,
            "step": one.step,
            "field": one.field_id,
            "is_required": one.is_required,
        }
        for one in wanted
    ]


# ------------------------------------------------------------------------------------------------------------- states


class PauseForm(forms.Form):
    """Why a listing leaves the board, and when it comes back."""

    reason = forms.CharField(
        min_length=REASON_MIN_CHARS,
        max_length=2000,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Everybody who has the gig’s address can read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expected_back_on = forms.DateField(required=False, label=gettext_lazy("Expected back on"))


class CloseForm(forms.Form):
    """Why a project ends."""

    reason = forms.CharField(
        min_length=REASON_MIN_CHARS,
        max_length=2000,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StarterForm(forms.Form):
    """Which text a new listing begins with."""

    starter = forms.CharField(max_length=40, required=False)


class StateFilterForm(AfterForm):
    """Which projects of the lab are listed, and from where."""

    state = forms.ChoiceField(choices=ProjectState.choices, required=False)
