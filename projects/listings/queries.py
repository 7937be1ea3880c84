"""Questions about listings that pages and other rooms ask."""

from __future__ import annotations

from dataclasses import dataclass

from experts.profiles.models import Expert
from projects.listings.models import Project, Requirement


@dataclass(frozen=True, slots=True)
class RequirementMet:
    """One requirement of a listing, whether this expert meets it, and what to say about it."""

    requirement: Requirement
    met: bool
    words: str


def requirements_met(expert: Expert, project: Project) -> list[RequirementMet]:
    """Return each requirement of the project with whether the expert meets it, in the order of the listing."""
    from experts.credentials.models import Credential
    from experts.vetting.models import Case

    vetted = set(Case.objects.filter(expert=expert, state="APPROVED").values_list("field_id", flat=True))
    standing = list(Credential.objects.filter(expert=expert).standing())
    rows = []
    for requirement in project.requirements.select_related("field").order_by("position", "pk"):
        if requirement.field is not None:
            met, words = requirement.field_id in vetted, f"Vetted in {requirement.field.name}"
        else:
            held = [row for row in standing if row.kind == requirement.credential_kind]
            met = any(row.stands_at_least_at(requirement.step) for row in held)
            words = f"{requirement.get_credential_kind_display()}, {requirement.get_step_display().lower()}"
        rows.append(RequirementMet(requirement, met, words))
    return rows
