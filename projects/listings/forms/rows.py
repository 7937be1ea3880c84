"""The rows of the editor: what experts must show, and what is paid where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from experts.profiles.queries import countries
from marketplace.kernel.money import major_units, parse_major
from projects.listings.actions.shape import Band, Listing, Wanted
from projects.listings.forms.listing import ALSO_CALLED, AmountField, NamesField

VETTED = "VETTED"
EXTRA_REQUIREMENTS = 3
REQUIREMENTS_MAX = 20
EXTRA_BANDS = 2
BAND_ROWS_MAX = 20


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


# -------------------------------------------------------------------------------------------------------------- bands


class BandForm(forms.Form):
    """One row of what is paid where: countries, and their lowest and highest rate."""

    countries = NamesField(
        known=countries, also=ALSO_CALLED, max_length=2000, label=gettext_lazy("Countries with a rate of their own")
    )
    low = AmountField(max_length=20, required=False, label=gettext_lazy("Lowest"))
    high = AmountField(max_length=20, required=False, label=gettext_lazy("Highest"))

    def bands(self, *, currency: str, low_minor: int, high_minor: int, allowed: Sequence[str]) -> list[Band]:
        """
        Return the row as bands, one for each country; what is wrong is said beside its field.

        :param low_minor: and `high_minor`: the range of the listing, within which the row must lie.
        :param allowed: the countries of the listing; empty for any.
        """
        said = self.cleaned_data
        named = said.get("countries") or ()
        if not named:
            return []
        low, high = self._minor("low", currency), self._minor("high", currency)
        if self.errors:
            return []
        high = high or low
        low = low or high
        if low is None or high is None:
            self.add_error("low", _("Give a rate, or take the countries away."))
        elif not low_minor <= low <= high <= high_minor:
            self.add_error("low", _("Between the lowest and the highest listed rate, the lower one first."))
        elif allowed and not set(named) <= set(allowed):
            self.add_error("countries", _("The listing takes nobody from one of these."))
        else:
            return [Band(country, low, high) for country in named]
        return []

    def _minor(self, name: str, currency: str) -> int | None:
        text = self.cleaned_data.get(name)
        try:
            return parse_major(text, currency) if text else None
        except ValueError as problem:
            self.add_error(name, str(problem))
            return None


class BaseBands(forms.BaseFormSet):
    """All rows of what is paid where."""

    def bands(self, said: dict[str, Any]) -> tuple[Band, ...]:
        """Return the bands of the filled rows, once each row is valid by itself; more mistakes are added to the rows."""
        high = said.get("rate_max_minor") or 0
        found: list[Band] = []
        for row in self.forms:
            more = row.bands(
                currency=said["currency"],
                low_minor=said.get("rate_min_minor") or high,
                high_minor=high,
                allowed=said["countries"],
            )
            if {band.country for band in found} & {band.country for band in more}:
                row.add_error("countries", _("One of these stands in a row above already."))
                continue
            found += more
        return tuple(found)

    @property
    def has_mistakes(self) -> bool:
        return any(row.errors for row in self.forms)


BandFormSet = forms.formset_factory(
    BandForm, formset=BaseBands, extra=EXTRA_BANDS, max_num=BAND_ROWS_MAX, validate_max=True
)


def initial_bands(listing: Listing) -> list[dict[str, Any]]:
    """Return bands as rows: the countries that are paid alike stand together."""
    rows: dict[tuple[int, int], list[str]] = {}
    for band in listing.bands:
        rows.setdefault((band.rate_min_minor, band.rate_max_minor), []).append(band.country)
    return [
        {
            "countries": tuple(named),
            "low": major_units(low, listing.currency).removesuffix(".00"),
            "high": major_units(high, listing.currency).removesuffix(".00"),
        }
        for (low, high), named in rows.items()
    ]
