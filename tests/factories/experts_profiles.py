"""Experts with a filled profile, and staff who vet them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from experts.profiles.models import (
    Conflict,
    EducationEntry,
    Expert,
    ExpertField,
    ExpertLanguage,
    Field,
    FreeHours,
    WorkEntry,
)
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from tests.factories.marketplace_accounts import make_staff, make_user

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def make_person(name: str = "Imani Okafor", **facts: Any) -> User:
    """Make a person who can sign in."""
    return make_user(name, **facts)


def make_vetter(name: str = "Joan Abara") -> User:
    """Make a person who vets, with the second factor that staff need."""
    return make_staff(StaffRoleKind.VETTING, name=name)


def field_of(code: str) -> Field:
    """Return a field of the seeded taxonomy by its code, for example "cardiology"."""
    found: Field = Field.objects.get(code=code)
    return found


def make_expert(user: User | None = None, *, fields: Iterable[str] = ("cardiology",), **facts: Any) -> Expert:
    """Make an expert whose profile is complete; facts overrule single columns."""
    values = {
        "headline": "Cardiologist, heart failure clinic",
        "about": "Trained in Lagos and Boston.",
        "country": "US",
        "years_experience": 12,
        "weekly_hours": 20,
        "rate_desired_minor": 21000,
        "rate_minimum_minor": 18000,
        "created_at": NOW,
        "updated_at": NOW,
    } | facts
    expert: Expert = Expert.objects.create(user=user or make_person(), **values)
    rows = [ExpertField(expert=expert, field=field_of(code), years=10) for code in fields]
    ExpertField.objects.bulk_create(rows)
    ExpertLanguage.objects.create(expert=expert, code="en", level="NATIVE")
    return expert


def make_blank_expert(user: User | None = None) -> Expert:
    """Make an expert who has just started and filled nothing in."""
    expert: Expert = Expert.objects.create(user=user or make_person(), created_at=NOW, updated_at=NOW)
    return expert


def make_work(expert: Expert, **facts: Any) -> WorkEntry:
    """Write a job that goes on into the work history; facts overrule single columns."""
    values = {"title": "Attending", "organisation": "Brightwater Clinic", "from_month": date(2015, 1, 1)} | facts
    found: WorkEntry = WorkEntry.objects.create(expert=expert, **values)
    return found


def make_education(expert: Expert, **facts: Any) -> EducationEntry:
    """Write a finished course of study into the profile."""
    values = {
        "school": "University of Lagos", "degree": "MBBS", "subject": "Medicine",
        "from_month": date(2003, 9, 1), "to_month": date(2009, 6, 1),
    } | facts  # fmt: skip
    found: EducationEntry = EducationEntry.objects.create(expert=expert, **values)
    return found


def make_conflict(expert: Expert, organisation: str = "Trellis Health", **facts: Any) -> Conflict:
    """Write an organisation into the conflict list."""
    found: Conflict = Conflict.objects.create(expert=expert, organisation=organisation, **facts)
    return found


def make_free(expert: Expert, *ranges: tuple[int, int, int]) -> None:
    """Write free hours as (weekday, from, to)."""
    FreeHours.objects.bulk_create(
        FreeHours(expert=expert, weekday=weekday, from_hour=begin, to_hour=end) for weekday, begin, end in ranges
    )
