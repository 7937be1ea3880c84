"""Shapes of what people send about exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.listings.models import Project
from projects.work.kinds import kind_of


class ExportForm(forms.Form):
    """Which accepted work to take: a project and a kind in one choice."""

    what = forms.ChoiceField(label=_("Accepted work of"))

    def __init__(self, *args: Any, exportable: list[tuple[Project, str]], **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.exportable = {f"{project.public_id}:{kind}": (project, kind) for project, kind in exportable}
        choices = [(key, f"{project.title}, {kind_of(kind).label}") for key, (project, kind) in self.exportable.items()]
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> tuple[Project, str]:
        """Return the project and the kind."""
        return self.exportable[self.cleaned_data["what"]]
