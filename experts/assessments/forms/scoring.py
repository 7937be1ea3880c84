"""What scorers and those who answer requests send in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.assessments.enums import EXTRA_TIME, RUBRIC_TOP
from experts.assessments.queries import Item
from experts.profiles.models import Field
from marketplace.kernel.paging import AfterForm


class AfterPlace(AfterForm):
    """Where a page of settled scripts begins."""

    def place(self) -> Any:
        self.is_valid()
        return self.cleaned_data.get("after")


class FieldForm(forms.Form):
    """Of which field the statistics are."""

    field = forms.ModelChoiceField(Field.objects.none(), required=False, label=gettext_lazy("Field"), empty_label=None)

    def __init__(self, *args: Any, fields: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].queryset = fields  # type: ignore[attr-defined]

    def chosen(self) -> Field | None:
        """Return the field that was chosen, else the first."""
        found: Field | None = self.cleaned_data.get("field") if self.is_bound and self.is_valid() else None
        return found or self.fields["field"].queryset.first()  # type: ignore[attr-defined]


class MarksForm(forms.Form):
    """A mark from 0 to 3 for each criterion of each answer, and a note for the record."""

    comment = forms.CharField(
        max_length=2000, required=False, label=gettext_lazy("Note for staff"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, items: list[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        points = [(mark, str(mark)) for mark in range(RUBRIC_TOP + 1)]
        for item in items:
            for criterion in item.criteria:
                self.fields[_name(item, criterion["key"])] = forms.TypedChoiceField(
                    coerce=int, choices=points, label=criterion["text"], widget=forms.RadioSelect,
                    error_messages={"required": _("Give this a mark.")},
                )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Item, list[Any]]]:
        """Each answer with the bound fields of its criteria."""
        return [(item, [self[_name(item, row["key"])] for row in item.criteria]) for item in self.items]

    def marks(self) -> dict[str, dict[str, int]]:
        """Return what `score_script` takes."""
        return {
            item.key: {row["key"]: self.cleaned_data[_name(item, row["key"])] for row in item.criteria}
            for item in self.items
        }


def _name(item: Item, criterion: str) -> str:
    return f"m-{item.key}-{criterion}"


class GrantForm(forms.Form):
    """What is granted of a request, or why not."""

    grant = forms.TypedChoiceField(
        coerce=lambda value: value == "yes", label=gettext_lazy("Answer"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Grant")), ("no", gettext_lazy("Decline"))],
    )  # fmt: skip
    extra_time = forms.TypedChoiceField(
        coerce=int, label=gettext_lazy("Extra time"),
        choices=[(0, gettext_lazy("None")), *((one, f"{one} %") for one in EXTRA_TIME if one)],
    )  # fmt: skip
    may_pause = forms.BooleanField(required=False, label=gettext_lazy("Pauses"))
    may_write = forms.BooleanField(required=False, label=gettext_lazy("Writing instead of speaking"))
    answer = forms.CharField(
        max_length=2000, required=False, label=gettext_lazy("What they will read"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("grant") is False and len(data.get("answer", "").strip()) < 20:
            self.add_error("answer", _("A decline says why in at least 20 characters."))
        return data
