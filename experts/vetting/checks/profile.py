"""Whether the profile says what vetting needs to know."""

from __future__ import annotations

from experts.profiles.queries import missing_from_profile
from experts.vetting.checks.base import Finding, attention, passed
from experts.vetting.models import Check


def look_at_profile(check: Check) -> Finding:
    """Return what is missing, and how long the person has worked in the field of the case."""
    expert, field = check.case.expert, check.case.field
    missing = missing_from_profile(expert)
    entry = next((row for row in expert.field_entries.all() if row.field_id == field.pk), None)
    if entry is None:
        missing.append(f"{field.name} among the fields")
    facts = {
        "headline": expert.headline,
        "country": expert.country,
        "years_experience": expert.years_experience,
        "years_in_field": entry.years if entry else None,
        "languages": [str(language) for language in expert.languages.all()],
    }
    if missing:
        return attention(f"Missing: {', '.join(missing)}.", **facts)
    years = entry.years if entry else 0
    if not years:
        return attention(f"Complete, but no years are given for {field.name}.", **facts)
    return passed(f"Complete, {years} {'year' if years == 1 else 'years'} in {field.name}.", **facts)
