"""Turn a bound form field into the parts that the field component lays out."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, "hidden"),
    (forms.MultipleHiddenInput, "hidden"),
    (forms.CheckboxSelectMultiple, "checks"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "check"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.MultiWidget, "many"),
    (forms.SelectDateWidget, "many"),
)
CLASSES = {"input": "input", "select": "select", "textarea": "textarea", "file": "file-input"}
NATIVE: dict[type[forms.Widget], tuple[str, str]] = {
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
    forms.DateInput: ("date", "%Y-%m-%d"),
    forms.TimeInput: ("time", "%H:%M"),
}


@dataclass(frozen=True, slots=True)
class FieldParts:
    """What a field shows. `control` is the widget with its classes and its links to hint and error."""

    kind: str
    id: str
    label: str
    hint: str
    hint_id: str
    error_id: str
    described_by: str
    errors: list[str]
    optional: bool
    control: SafeString
    options: list[Any]
    min_length: int | None
    max_length: int | None


def kind_of(widget: forms.Widget) -> str:
    """Return how the widget is laid out: input, select, textarea, check, checks, radios, file, many or hidden."""
    return next((kind for known, kind in KINDS if isinstance(widget, known)), "input")


def native_widget(widget: forms.Widget) -> forms.Widget:
    """Return the widget, days and times as the browser's own pickers, which speak ISO 8601."""
    picker = NATIVE.get(type(widget))
    if picker is None or getattr(widget, "input_type", "text") != "text":
        return widget
    changed = copy.copy(widget)
    changed.input_type, changed.format = picker  # type: ignore[attr-defined]
    return changed


def parts_of(bound: BoundField, *, hint: str = "", extra: dict[str, Any] | None = None) -> FieldParts:
    """
    Return the parts of a bound field; the control is marked invalid and described by its hint and error.

    `extra` are attributes for the control (placeholder, autocomplete, hx-get ...).
    """
    field = bound.field
    kind = kind_of(field.widget)
    identity = bound.auto_id or bound.html_name
    hint = hint or str(bound.help_text or "")
    errors = [str(error) for error in bound.errors]
    described = [f"{identity}_hint"] * bool(hint) + [f"{identity}_error"] * bool(errors)
    attrs: dict[str, Any] = {"id": identity, **(extra or {})}
    if css := CLASSES.get(kind):
        attrs["class"] = f"{css} {field.widget.attrs.get('class', '')} {attrs.get('class', '')}".strip()
    if errors:
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    options = list(bound.subwidgets) if kind in {"checks", "radios"} else []
    return FieldParts(
        kind=kind,
        id=identity,
        label=str(bound.label or ""),
        hint=hint,
        hint_id=f"{identity}_hint",
        error_id=f"{identity}_error",
        described_by=" ".join(described),
        errors=errors,
        optional=not field.required and kind not in {"check", "hidden"},
        control=SafeString("") if options else bound.as_widget(native_widget(field.widget), attrs=attrs),
        options=options,
        min_length=getattr(field, "min_length", None),
        max_length=getattr(field, "max_length", None),
    )
