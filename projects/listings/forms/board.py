"""What a visitor asks of the board. Whatever is not understood is left out, so that an old link still works."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.credentials.enums import CredentialKind
from experts.profiles.queries import countries, languages
from projects.listings.enums import HOURS_BANDS, NO_CREDENTIAL, POSTED_DAYS, RATE_BANDS_MINOR, BoardOrder, TaskKind
from projects.listings.queries import Filters
from projects.listings.queries.search import TEXT_MAX

VALUES_MAX = 20


class ValuesField(forms.Field):
    """Several values of one name (?kind=A&kind=B); those that are not known are dropped."""

    widget = forms.SelectMultiple

    def __init__(self, *, known: Any = None, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.known = known

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return each known value once, in the order given."""
        given = dict.fromkeys(str(one)[:60] for one in value or [])
        known: Collection[str] | None = self.known() if callable(self.known) else self.known
        return tuple(one for one in given if one and "\x00" not in one and (known is None or one in known))[:VALUES_MAX]


class StepField(forms.TypedChoiceField):
    """One step of a scale; anything else is no filter."""

    def __init__(self, steps: Collection[int]) -> None:
        super().__init__(choices=[(step, step) for step in steps], coerce=int, empty_value=None, required=False)

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except forms.ValidationError:
            return None


class WordsField(forms.CharField):
    """What was typed; too much of it is cut, and NUL is dropped."""

    def clean(self, value: Any) -> str:
        return str(value or "").replace("\x00", "").strip()[:TEXT_MAX]


class BoardForm(forms.Form):
    """The address of a board: words, filters, order, page."""

    q = WordsField(required=False, label=_("Search gigs"))
    field = ValuesField()
    kind = ValuesField(known=TaskKind.values)
    rate = StepField(RATE_BANDS_MINOR)
    hours = StepField(HOURS_BANDS)
    credential = ValuesField(known=[*CredentialKind.values, NO_CREDENTIAL])
    language = ValuesField(known=languages)
    country = ValuesField(known=countries)
    posted = StepField(POSTED_DAYS)
    lab = WordsField(required=False)
    sort = WordsField(required=False)
    after = WordsField(required=False)

    def filters(self) -> Filters:
        """Return what is asked; a form of this kind is always usable."""
        self.full_clean()
        said = self.cleaned_data
        order = said.get("sort", "")
        return Filters(
            text=said.get("q", ""),
            fields=said.get("field", ()),
            kinds=said.get("kind", ()),
            rate_minor=said.get("rate"),
            hours=said.get("hours"),
            credentials=said.get("credential", ()),
            posted=said.get("posted"),
            languages=said.get("language", ()),
            countries=said.get("country", ()),
            lab=said.get("lab", ""),
            order=BoardOrder(order) if order in BoardOrder.values else BoardOrder.BEST,
        )


def query_of(filters: Filters, *, without: tuple[str, str] | None = None, after: str = "") -> str:
    """
    Return the query string of these filters.

    :param without: a facet and a value to take away, for the cross on a chip.
    """
    pairs: list[tuple[str, str]] = [("q", filters.text)] if filters.text else []
    for name, values in filters.chosen.items():
        pairs += [(name, value) for value in sorted(values) if (name, value) != without]
    if filters.lab and without != ("lab", filters.lab):
        pairs.append(("lab", filters.lab))
    if filters.order != BoardOrder.BEST:
        pairs.append(("sort", filters.order))
    if after:
        pairs.append(("after", after))
    return urlencode(pairs)
