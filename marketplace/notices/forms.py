"""The shape of notice preferences: one switch per kind that is not essential."""

from __future__ import annotations

from typing import Any

from django import forms

from marketplace.kernel import registry


class PreferencesForm(forms.Form):
    """A switch for each kind of notice that a person may turn off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in registry.notice_kinds.values():
            if not kind.essential:
                self.fields[kind.code] = forms.BooleanField(required=False, label=kind.label)
