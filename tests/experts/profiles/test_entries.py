"""Work, education and conflicts: written one at a time, by their owner, with months that make sense."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experts.profiles.actions import ConflictFacts, EducationFacts, WorkFacts, add_entry, edit_entry, remove_entry
from experts.profiles.actions.entries import MOST_ENTRIES
from experts.profiles.models import Conflict, EducationEntry, FreeHours, WorkEntry
from experts.profiles.queries import conflict_with, expert_of, free_time_of
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused
from tests.factories.experts_profiles import (
    NOW,
    make_conflict,
    make_education,
    make_expert,
    make_free,
    make_person,
    make_vetter,
    make_work,
)

pytestmark = pytest.mark.django_db
JOB = WorkFacts("Attending", "Brightwater Clinic", date(2015, 1, 17))
MONTHS = st.dates(date(1990, 1, 1), date(2026, 10, 31))


def add(expert, facts):
    return add_entry(expert_id=expert.public_id, facts=facts, by=expert.user, now=NOW)


def test_an_entry_is_written_changed_and_removed_and_the_trail_keeps_only_its_kind():
    expert = make_expert()
    entry = add(expert, JOB)
    assert (entry.from_month, entry.to_month) == (date(2015, 1, 1), None)
    edit_entry(entry_id=entry.public_id, by=expert.user, now=NOW,
               facts=WorkFacts("  Head  of clinic ", "Brightwater", date(2015, 2, 1), date(2020, 3, 9)))  # fmt: skip
    entry.refresh_from_db()
    assert (entry.title, entry.to_month) == ("Head of clinic", date(2020, 3, 1))
    remove_entry(entry_id=entry.public_id, kind=WorkEntry, by=expert.user, now=NOW)
    assert not expert.work.exists()
    events = AuditEvent.objects.order_by("pk")
    assert [(event.what, event.after) for event in events] == [
        (f"profiles.{what}_entry", {"kind": "workentry"}) for what in ("add", "edit", "remove")
    ]
    assert "Brightwater" not in str([event.__dict__ for event in events])


@given(spells=st.lists(st.tuples(MONTHS, MONTHS).map(sorted), min_size=1, max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_jobs_may_overlap_and_are_read_latest_first(spells):
    expert = make_expert(make_person(f"Person {len(spells)}"))
    add(expert, WorkFacts("Now", "Here", date(2001, 5, 1)))
    for begin, end in spells:
        add(expert, WorkFacts("Then", "There", begin, end))
    found = list(expert_of(expert.user, with_history=True).work.all())
    assert found[0].title == "Now"
    assert len(found) == len(spells) + 1
    ends = [row.to_month for row in found[1:]]
    assert ends == sorted(ends, reverse=True)
    expert.work.all().delete()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (WorkFacts("", "Clinic", date(2015, 1, 1)), "title"),
        (WorkFacts("x" * 121, "Clinic", date(2015, 1, 1)), "title"),
        (WorkFacts("A", "B", date(2015, 2, 1), date(2015, 1, 1)), "to_month"),
        (WorkFacts("A", "B", date(2026, 12, 1)), "from_month"),
        (WorkFacts("A", "B", date(2015, 1, 1), date(2027, 1, 1)), "to_month"),
        (WorkFacts("A", "B", date(1929, 12, 1)), "from_month"),
        (EducationFacts("School", "", " ", date(2015, 1, 1)), "degree"),
        (ConflictFacts("  "), "organisation"),
        (ConflictFacts("TRELLIS health"), "organisation"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_box(facts, field):
    expert = make_expert()
    make_conflict(expert, "Trellis Health")
    with pytest.raises(Invalid) as refused:
        add(expert, facts)
    assert refused.value.facts["field"] == field
    assert (WorkEntry.objects.count(), EducationEntry.objects.count(), Conflict.objects.count()) == (0, 0, 1)


def test_a_conflict_keeps_its_own_name_and_studies_may_end_later():
    expert = make_expert()
    row = make_conflict(expert, "Trellis Health")
    edit_entry(
        entry_id=row.public_id, facts=ConflictFacts("Trellis HEALTH", None, date(2030, 1, 1)), by=expert.user, now=NOW
    )
    assert Conflict.objects.get().organisation == "Trellis HEALTH"
    assert add(expert, EducationFacts("School", "MSc", "", date(2025, 9, 1), date(2027, 6, 1))).to_month == date(
        2027, 6, 1
    )


def test_a_profile_holds_so_many_and_no_more():
    expert = make_expert()
    WorkEntry.objects.bulk_create(
        WorkEntry(expert=expert, title="A", organisation="B", from_month=date(2000, 1, 1)) for _ in range(MOST_ENTRIES)
    )
    with pytest.raises(Refused, match="at most 20"):
        add(expert, JOB)
    add(expert, EducationFacts("School", "MD", "", date(2000, 1, 1)))


@pytest.mark.parametrize("make_other", [lambda: make_person("Eve Else"), make_vetter])
def test_nobody_else_writes_into_a_profile(make_other):
    expert, other = make_expert(), make_other()
    entry = make_work(expert)
    with pytest.raises(NotAllowed):
        add_entry(expert_id=expert.public_id, facts=JOB, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        edit_entry(entry_id=entry.public_id, facts=JOB, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        remove_entry(entry_id=entry.public_id, kind=WorkEntry, by=other, now=NOW)


def test_rows_are_seen_by_their_owner_and_by_vetting_staff():
    expert = make_expert()
    row = make_conflict(expert)
    assert list(Conflict.objects.visible_to(expert.user)) == [row]
    assert list(Conflict.objects.visible_to(make_vetter())) == [row]
    assert list(Conflict.objects.visible_to(make_person("Eve Else"))) == []


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda expert: make_work(expert, from_month=date(2015, 1, 2)), "work_begins_with_a_month"),
        (lambda expert: make_work(expert, to_month=date(2015, 1, 31)), "work_ends_with_a_month"),
        (lambda expert: make_work(expert, to_month=date(2014, 1, 1)), "work_ends_after_it_begins"),
        (lambda expert: make_education(expert, degree="", subject=""), "education_has_a_degree_or_a_subject"),
        (lambda expert: make_education(expert, to_month=date(2000, 1, 1)), "education_ends_after_it_begins"),
        (lambda expert: [make_conflict(expert, word) for word in ("Acme", "ACME")], "expert_names_a_conflict_once"),
        (lambda expert: make_free(expert, (8, 1, 2)), "free_hours_are_of_a_weekday"),
        (lambda expert: make_free(expert, (1, 9, 9)), "free_hours_end_after_they_begin"),
        (lambda expert: make_free(expert, (1, 9, 25)), "free_hours_end_after_they_begin"),
        (lambda expert: make_free(expert, (1, 9, 12), (1, 11, 13)), "expert_names_a_free_hour_once"),
    ],
)
def test_the_database_itself_keeps_the_rules(make, name):
    expert = make_expert()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(expert)


def test_free_hours_may_touch_and_may_be_the_same_on_two_days():
    make_free(make_expert(), (1, 9, 12), (1, 12, 13), (2, 9, 12))
    assert FreeHours.objects.count() == 3


@pytest.mark.parametrize(
    ("asked", "on", "is_found"),
    [
        ("Trellis Health", date(2026, 11, 23), True),
        ("trellis health, inc.", date(2026, 11, 23), True),
        ("TRELLIS-HEALTH GmbH", date(2026, 11, 23), True),
        ("Trellis", date(2026, 11, 23), False),
        ("AI research organisation", date(2026, 11, 23), False),
        ("", date(2026, 11, 23), False),
        ("Trellis Health", date(2020, 2, 29), False),
        ("Trellis Health", date(2027, 1, 31), True),
        ("Trellis Health", date(2027, 2, 1), False),
    ],
)
def test_a_conflict_is_found_by_the_name_of_the_lab_while_it_lasts(asked, on, is_found):
    expert = make_expert()
    make_conflict(expert, "Trellis Health Ltd.", from_month=date(2020, 3, 1), to_month=date(2027, 1, 1))
    assert (conflict_with(expert, asked, on=on) is not None) is is_found


def test_free_time_is_told_on_both_clocks():
    expert = make_expert(make_person(time_zone="America/New_York"))
    assert free_time_of(expert, reader_zone="UTC", now=NOW) is None
    make_free(expert, (1, 18, 22), (2, 18, 22))
    told = free_time_of(expert, reader_zone="Europe/London", now=NOW)
    assert (told.hours, told.zone_name, told.words) == (8, "New York", ["Mon, Tue 18:00–22:00"])
    assert told.reader_words == ["Mon 23:00–24:00", "Tue 00:00–03:00, 23:00–24:00", "Wed 00:00–03:00"]
    assert free_time_of(expert, reader_zone="America/New_York", now=NOW).reader_words == []
