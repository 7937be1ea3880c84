"""Becoming an expert and filling the profile, one section at a time."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from experts.profiles.actions import (
    AboutYou,
    WorkTerms,
    edit_profile,
    set_open_to_work,
    skip_section,
    start_expert,
)
from experts.profiles.models import Expert
from experts.profiles.queries import expert_of, missing_from_profile, progress_of
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed
from tests.factories.experts_profiles import NOW, field_of, make_blank_expert, make_expert, make_person

pytestmark = pytest.mark.django_db


def edit(expert, **sections):
    return edit_profile(expert_id=expert.public_id, by=expert.user, now=NOW, **sections)


def test_starting_twice_gives_the_same_profile():
    user = make_person()
    first = start_expert(by=user, now=NOW)
    assert start_expert(by=user, now=NOW) == first
    assert list(AuditEvent.objects.values_list("what", flat=True)) == ["profiles.start_expert"]


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_start_make_one_profile():
    user, barrier, found = make_person(), Barrier(4), []

    def press():
        barrier.wait()
        found.append(start_expert(by=user, now=NOW).pk)
        connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 4
    assert len(set(found)) == 1
    assert Expert.objects.count() == 1


def test_an_empty_profile_says_in_words_what_is_missing():
    expert = make_blank_expert()
    assert missing_from_profile(expert) == [
        "headline", "about you", "country", "years of experience", "at least one field", "at least one language",
        "hours a week",
    ]  # fmt: skip
    progress = progress_of(expert)
    assert (progress.done, progress.of, progress.percent, progress.next.code) == (0, 6, 0, "about")


def test_sections_are_saved_by_themselves_and_progress_follows():
    expert = make_blank_expert()
    edit(expert, about=AboutYou("Cardiologist", "I trained in **Lagos**.", "NG", 12))
    assert missing_from_profile(expert_of(expert.user)) == [
        "at least one field",
        "at least one language",
        "hours a week",
    ]
    edit(expert, fields={field_of("cardiology").pk: 10}, languages={"en": "NATIVE", "yo": "C1"})
    edit(expert, terms=WorkTerms(21000, 18000, 20))
    fresh = expert_of(expert.user)
    assert missing_from_profile(fresh) == []
    progress = progress_of(fresh)
    assert (progress.done, progress.percent, progress.missing, progress.next.code) == (4, 66, [], "history")
    assert (fresh.headline, fresh.country, fresh.weekly_hours) == ("Cardiologist", "NG", 20)


def test_a_section_that_is_not_given_stays_as_it_is():
    expert = make_expert(fields=["cardiology", "neurology"])
    edit(expert, languages={"de": "B2"})
    fresh = expert_of(expert.user)
    assert {entry.field.code for entry in fresh.field_entries.all()} == {"cardiology", "neurology"}
    assert [(row.code, row.level) for row in fresh.languages.all()] == [("de", "B2")]
    assert fresh.headline == expert.headline


def test_years_of_a_field_change_without_a_second_row():
    expert = make_expert(fields=["cardiology"])
    edit(expert, fields={field_of("cardiology").pk: 14, field_of("law").pk: 1})
    assert sorted((row.field.code, row.years) for row in expert.field_entries.select_related("field")) == [
        ("cardiology", 14), ("law", 1),
    ]  # fmt: skip


def test_nobody_edits_the_profile_of_somebody_else():
    expert, other = make_expert(), make_person("Eve Else")
    with pytest.raises(NotAllowed, match="Only the person"):
        edit_profile(expert_id=expert.public_id, by=other, now=NOW, languages={})


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ({"about": AboutYou("h", "a", "XX", 3)}, "country"),
        ({"about": AboutYou("h", "a", "US", 71)}, "years_experience"),
        ({"terms": WorkTerms(100, 200, 20)}, "rate_minimum"),
        ({"terms": WorkTerms(-1, None, 20)}, "rate_desired"),
        ({"terms": WorkTerms(None, None, 81)}, "weekly_hours"),
        ({"fields": {999_999: 3}}, "add"),
        ({"languages": {"xx": "C1"}}, "add"),
        ({"languages": {"en": "FLUENT"}}, "add"),
        ({"free_hours": {(8, 1)}}, "free"),
        ({"free_hours": {(1, 24)}}, "free"),
    ],
)
def test_values_out_of_range_are_refused_and_nothing_changes(sections, field):
    expert = make_expert()
    with pytest.raises(Invalid) as refused:
        edit(expert, **sections)
    assert refused.value.facts["field"] == field
    fresh = Expert.objects.get(pk=expert.pk)
    assert (fresh.headline, fresh.rate_desired_minor, fresh.weekly_hours) == (expert.headline, 21000, 20)


def test_the_trail_names_the_sections_and_never_what_was_written():
    expert = make_expert()
    edit(expert, about=AboutYou("Secret headline", "Secret text", "US", 3), free_hours={(1, 9)})
    event = AuditEvent.objects.get(what="profiles.edit_profile")
    assert event.after == {"sections": ["about", "free_hours"]}
    assert "Secret" not in str(event.__dict__)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"weekly_hours": 81}, "expert_offers_at_most_80_hours_a_week"),
        ({"rate_minimum_minor": 2, "rate_desired_minor": 1}, "expert_minimum_rate_is_at_most_the_desired_one"),
        ({"skipped_sections": ["about"]}, "expert_skips_only_what_is_optional"),
    ],
)
def test_the_database_itself_keeps_the_limits(facts, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make_expert(**facts)


def test_what_is_optional_can_be_left_out_and_counts_as_done():
    expert = make_expert()
    for section in ("history", "conflicts", "conflicts"):
        skip_section(expert_id=expert.public_id, section=section, by=expert.user, now=NOW)
    progress = progress_of(expert_of(expert.user))
    assert (progress.done, progress.next) == (6, None)
    assert AuditEvent.objects.filter(what="profiles.skip_section").count() == 2
    with pytest.raises(Invalid, match="needed"):
        skip_section(expert_id=expert.public_id, section="about", by=expert.user, now=NOW)
    with pytest.raises(NotAllowed):
        skip_section(expert_id=expert.public_id, section="history", by=make_person("Eve Else"), now=NOW)


def test_only_the_person_says_whether_they_look_for_work():
    expert = make_expert()
    set_open_to_work(expert_id=expert.public_id, is_open=False, by=expert.user, now=NOW)
    set_open_to_work(expert_id=expert.public_id, is_open=False, by=expert.user, now=NOW)
    assert list(Expert.objects.open_to_work()) == []
    assert AuditEvent.objects.get(what="profiles.set_open_to_work").after == {"open_to_work": False}
    with pytest.raises(NotAllowed):
        set_open_to_work(expert_id=expert.public_id, is_open=True, by=make_person("Eve Else"), now=NOW)


def test_a_blocked_person_is_suggested_to_nobody():
    make_expert(make_person("Bo Blocked", is_active=False))
    assert list(Expert.objects.open_to_work()) == []
