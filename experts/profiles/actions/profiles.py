"""Becoming an expert, and saying who one is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from experts.profiles import policies
from experts.profiles.enums import OPTIONAL_SECTIONS, LanguageLevel
from experts.profiles.iso import countries
from experts.profiles.iso import languages as known_languages
from experts.profiles.models import Expert, ExpertField, ExpertLanguage, Field, FreeHours
from experts.profiles.ranges import DAYS, HOURS, Box, to_ranges
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid

MOST_FIELDS = 12
MOST_LANGUAGES = 12
MOST_YEARS = 70
NO_SUCH_FIELD = "One of these fields is no longer in our list."


@dataclass(frozen=True, slots=True)
class AboutYou:
    """The first section of a profile. `about` is Markdown, `country` an ISO 3166-1 code or empty."""

    headline: str
    about: str
    country: str
    years_experience: int | None


@dataclass(frozen=True, slots=True)
class WorkTerms:
    """What a person wants; the rates are private to them and the matching, in minor units an hour."""

    rate_desired_minor: int | None
    rate_minimum_minor: int | None
    weekly_hours: int | None
    open_to_work: bool = True
    currency: str = "USD"


@transaction.atomic(durable=True)
def start_expert(*, by: User, now: datetime) -> Expert:
    """Make the person an expert with an empty profile. This function will return the one they have if they have one."""
    # Two presses at once: the second waits here and then finds the profile of the first.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    standing: Expert | None = Expert.objects.filter(user=by).first()
    if standing is not None:
        return standing
    expert: Expert = Expert.objects.create(user=by, created_at=now, updated_at=now)
    record(what="profiles.start_expert", by=by, about=expert, now=now)
    return expert


@transaction.atomic(durable=True)
def edit_profile(
    *,
    expert_id: UUID,
    by: User,
    now: datetime,
    about: AboutYou | None = None,
    fields: Mapping[int, int] | None = None,
    languages: Mapping[str, str] | None = None,
    terms: WorkTerms | None = None,
    free_hours: Collection[Box] | None = None,
) -> Expert:
    """
    Change one or more sections of a profile. This function will leave alone every section that is None.

    :param fields: years of experience by the id of the field; replaces the whole list.
    :param languages: CEFR level by ISO 639-1 code; replaces the whole list.
    :param free_hours: (ISO weekday, hour) of each hour in which the person can work, on the clock of their wall.
    :raises NotAllowed: if it is not their own profile.
    :raises Invalid: if a value is out of range; nothing is changed then.
    """
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    return write_profile(
        expert, by=by, now=now, about=about, fields=fields, languages=languages, terms=terms, free_hours=free_hours
    )


def write_profile(
    expert: Expert,
    *,
    by: User,
    now: datetime,
    about: AboutYou | None = None,
    fields: Mapping[int, int] | None = None,
    languages: Mapping[str, str] | None = None,
    terms: WorkTerms | None = None,
    free_hours: Collection[Box] | None = None,
) -> Expert:
    """Do what `edit_profile` does as a part of another action, which has locked the expert. Needs an open transaction."""
    policies.require_own_profile(by, expert)
    changed = []
    if about is not None:
        _set_about(expert, about)
        changed.append("about")
    if terms is not None:
        _set_terms(expert, terms)
        changed.append("terms")
    if free_hours is not None:
        _set_free_hours(expert, free_hours)
        changed.append("free_hours")
    if fields is not None:
        _set_fields(expert, fields)
        changed.append("fields")
    if languages is not None:
        _set_languages(expert, languages)
        changed.append("languages")
    expert.updated_at = now
    expert.save(update_fields=[
        "headline", "about", "country", "years_experience", "rate_desired_minor", "rate_minimum_minor", "currency",
        "weekly_hours", "open_to_work", "updated_at",
    ])  # fmt: skip
    # What was written is personal, so the trail keeps only which section changed.
    record(what="profiles.edit_profile", by=by, about=expert, now=now, after={"sections": changed})
    return expert


def _set_about(expert: Expert, about: AboutYou) -> None:
    if about.country and about.country not in countries():
        raise Invalid(f"“{about.country}” is not a country we know.", field="country")
    if about.years_experience is not None and not 0 <= about.years_experience <= MOST_YEARS:
        raise Invalid(f"Years of experience lie between 0 and {MOST_YEARS}.", field="years_experience")
    if len(about.headline) > 120 or len(about.about) > 5000:
        raise Invalid("The headline has at most 120 characters, the text about you 5,000.", field="about")
    expert.headline = " ".join(about.headline.split())
    expert.about = about.about.strip()
    expert.country = about.country
    expert.years_experience = about.years_experience


def _set_terms(expert: Expert, terms: WorkTerms) -> None:
    desired, minimum = terms.rate_desired_minor, terms.rate_minimum_minor
    if any(rate is not None and rate <= 0 for rate in (desired, minimum)):
        raise Invalid("A rate is more than zero.", field="rate_desired")
    if desired is not None and minimum is not None and minimum > desired:
        raise Invalid("The lowest rate cannot be above the one you wish for.", field="rate_minimum")
    if terms.weekly_hours is not None and not 1 <= terms.weekly_hours <= 80:
        raise Invalid("Weekly hours lie between 1 and 80.", field="weekly_hours")
    expert.rate_desired_minor, expert.rate_minimum_minor = desired, minimum
    expert.currency = terms.currency
    expert.weekly_hours = terms.weekly_hours
    expert.open_to_work = terms.open_to_work


def _set_fields(expert: Expert, years_by_field: Mapping[int, int]) -> None:
    if len(years_by_field) > MOST_FIELDS:
        raise Invalid(f"Name at most {MOST_FIELDS} fields, the ones you would sign for.", field="add")
    if any(not 0 <= years <= MOST_YEARS for years in years_by_field.values()):
        raise Invalid(f"Years in a field lie between 0 and {MOST_YEARS}.", field="add_years")
    had = set(expert.field_entries.values_list("field_id", flat=True))
    # The lock keeps a field from being merged away or retired before our rows stand, which a key to it would not: it is
    # looked at only at the end. Merging takes the same locks in the same order.
    chosen = list(
        Field.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=years_by_field).order_by("pk")
    )
    is_gone = any(field.retired_at is not None and field.pk not in had for field in chosen)
    if is_gone or len(chosen) != len(years_by_field):
        raise Invalid(NO_SUCH_FIELD, field="add")
    expert.field_entries.exclude(field__in=years_by_field).delete()
    rows = [ExpertField(expert=expert, field_id=pk, years=years) for pk, years in years_by_field.items()]
    ExpertField.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["expert", "field"], update_fields=["years"]
    )


def _set_languages(expert: Expert, level_by_code: Mapping[str, str]) -> None:
    if len(level_by_code) > MOST_LANGUAGES:
        raise Invalid(f"Name at most {MOST_LANGUAGES} languages.", field="add")
    unknown = [code for code in level_by_code if code not in known_languages()]
    if unknown or any(level not in LanguageLevel.values for level in level_by_code.values()):
        raise Invalid("That is not a language with a level we know.", field="add")
    expert.languages.exclude(code__in=level_by_code).delete()
    rows = [ExpertLanguage(expert=expert, code=code, level=level) for code, level in level_by_code.items()]
    ExpertLanguage.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["expert", "code"], update_fields=["level"]
    )


def _set_free_hours(expert: Expert, boxes: Collection[Box]) -> None:
    if any(weekday not in DAYS or hour not in HOURS for weekday, hour in boxes):
        raise Invalid("A week has seven days of 24 hours.", field="free")
    expert.free_hours.all().delete()
    FreeHours.objects.bulk_create(
        FreeHours(expert=expert, weekday=one.weekday, from_hour=one.from_hour, to_hour=one.to_hour)
        for one in to_ranges(boxes)
    )


@transaction.atomic(durable=True)
def skip_section(*, expert_id: UUID, section: str, by: User, now: datetime) -> Expert:
    """
    Remember that there is nothing to write in a section, so that nobody is asked again.

    :raises NotAllowed: if it is not their own profile.
    :raises Invalid: if the section is needed.
    """
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    policies.require_own_profile(by, expert)
    if section not in OPTIONAL_SECTIONS:
        raise Invalid("This section is needed; it cannot be skipped.", field="section")
    if section not in expert.skipped_sections:
        expert.skipped_sections = sorted({*expert.skipped_sections, section})
        expert.save(update_fields=["skipped_sections"])
        record(what="profiles.skip_section", by=by, about=expert, now=now, after={"section": section})
    return expert


@transaction.atomic(durable=True)
def set_open_to_work(*, expert_id: UUID, is_open: bool, by: User, now: datetime) -> Expert:
    """
    Say whether the person is looking for work. This function will leave contracts and applications alone.

    :raises NotAllowed: if it is not their own profile.
    """
    expert: Expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    policies.require_own_profile(by, expert)
    if expert.open_to_work != is_open:
        expert.open_to_work, expert.updated_at = is_open, now
        expert.save(update_fields=["open_to_work", "updated_at"])
        record(what="profiles.set_open_to_work", by=by, about=expert, now=now, after={"open_to_work": is_open})
    return expert
