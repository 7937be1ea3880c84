"""The shapes of what staff do with the taxonomy."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.profiles.models import Field
from experts.profiles.queries import find_fields


class SearchForm(forms.Form):
    """Which fields to show."""

    q = forms.CharField(max_length=80, required=False, label=gettext_lazy("Find a field"))
    retired = forms.BooleanField(required=False, label=gettext_lazy("Only retired ones"))


class FieldForm(forms.Form):
    """A field: its name, the words people use for it, and its place."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    parent = forms.ModelChoiceField(
        Field.objects.top_level(), required=False, label=gettext_lazy("Specialty of"),
        empty_label=gettext_lazy("Nothing: it stands on the first level"),
    )  # fmt: skip
    synonyms = forms.CharField(
        max_length=3000, required=False, label=gettext_lazy("Synonyms, one a line"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("What people call it, in plain words too: they find the field by them."),
    )  # fmt: skip
    position = forms.IntegerField(
        min_value=0, max_value=99_999, required=False, label=gettext_lazy("Position"),
        help_text=gettext_lazy("Fields of one level stand in this order. Empty: last."),
    )  # fmt: skip

    def __init__(self, *args: Any, field: Field | None = None, **kwargs: Any) -> None:
        if field is not None:
            kwargs.setdefault("initial", {
                "name": field.name, "parent": field.parent_id, "synonyms": "\n".join(field.synonyms),
                "position": field.position,
            })  # fmt: skip
        super().__init__(*args, **kwargs)
        if field is not None:
            above = [field.parent_id] if field.parent_id else []  # a retired one stays, too
            own = Field.objects.top_level().exclude(pk=field.pk) | Field.objects.filter(pk__in=above)
            self.fields["position"].help_text = _("Fields of one level stand in this order.")
            self.fields["parent"].queryset = own.order_by("position", "name")  # type: ignore[attr-defined]

    def clean_synonyms(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["synonyms"].splitlines() if line.strip()]


class MergeForm(forms.Form):
    """Into which field another is merged, by its name or a synonym."""

    into = forms.CharField(max_length=80, label=gettext_lazy("Merge into"))

    def __init__(self, *args: Any, field: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = list(Field.objects.offered().exclude(pk=field.pk).in_reading_order())

    def clean_into(self) -> Field:
        found = [one.field for one in find_fields(self.cleaned_data["into"], self.known)]
        exact = [one for one in found if one.name.casefold() == self.cleaned_data["into"].strip().casefold()]
        if len(exact) == 1:
            return exact[0]
        if not found:
            raise forms.ValidationError(_("No other field is called that."))
        names = ", ".join(one.name for one in found)
        raise forms.ValidationError(_("Write the whole name of one of: %(names)s.") % {"names": names})
