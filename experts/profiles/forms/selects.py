"""A select of hundreds of options, written in one go: Django's own draws each option from two templates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class LongSelect(forms.Select):
    """One of many: countries, languages, time zones."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Write the options, those of a group under its name; the value may be text or a row of the database."""
        chosen = {str(one) for one in self.format_value(value)}
        rows = []
        for key, label in self.choices:
            if isinstance(label, list | tuple):
                rows.append(format_html('<optgroup label="{}">{}</optgroup>', key, _options(label, chosen)))
            else:
                rows.append(_options([(key, label)], chosen))
        written = flatatt(self.build_attrs(self.attrs, (attrs or {}) | {"name": name}))
        return format_html("<select{}>{}</select>", written, format_html_join("", "{}", ((row,) for row in rows)))


def _options(pairs: Any, chosen: set[str]) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, SafeString(" selected") if str(key) in chosen else "", label) for key, label in pairs),
    )
