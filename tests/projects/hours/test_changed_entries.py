"""Entries that are changed or removed: what may be corrected, by whom, and what the trail keeps."""

from __future__ import annotations

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from projects.hiring.actions import contracts as hiring
from projects.hours.actions import entries
from projects.hours.enums import EntrySource
from projects.hours.models import TimeEntry
from tests.factories.projects_hours import (
    BEFORE,
    at,
    at_once,
    change,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    owner_of,
    start_timer,
    stop_timer,
)

pytestmark = pytest.mark.django_db


def test_an_entry_is_corrected_and_the_trail_keeps_what_it_said():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    changed = change(entry, at(0, 9, 15), at(0, 11))
    assert (changed.during.lower, changed.during.upper, changed.memo) == (at(0, 9, 15), at(0, 11), "Corrected")
    event = AuditEvent.objects.get(what="hours.change_entry")
    assert event.before == {"start": at(0, 9).isoformat(), "end": at(0, 10).isoformat(), "memo": "Reviewed"}
    assert event.after == {"start": at(0, 9, 15).isoformat(), "end": at(0, 11).isoformat(), "memo": "Corrected"}


def test_timer_time_whose_times_are_changed_becomes_time_by_hand():
    contract = make_running()
    start_timer(contract, at(0, 9))
    stop_timer(contract, at(0, 9, 10, 20))
    entry = TimeEntry.objects.get()
    assert change(entry, at(0, 9), at(0, 9, 10, 20), memo="Only the words").source == EntrySource.TIMER
    assert change(entry, at(0, 9), at(0, 9, 10)).source == EntrySource.MANUAL


def test_a_timer_only_contract_lets_an_entry_be_shortened_not_lengthened():
    contract = make_contract(make_gig(now=BEFORE, manual_time_allowed=False), now=BEFORE)
    start_timer(contract, at(0, 9))
    stop_timer(contract, at(0, 9, 10))
    entry = TimeEntry.objects.get()
    for start, end in ((at(0, 8, 59), at(0, 9, 10)), (at(0, 9), at(0, 9, 11))):
        with pytest.raises(Refused, match="you can shorten an entry, not lengthen it"):
            change(entry, start, end)
    assert change(entry, at(0, 9, 1), at(0, 9, 9)).seconds == 480


def test_idle_time_never_exceeds_what_is_left_of_an_entry():
    contract = make_running()
    start_timer(contract, at(0, 9))
    stop_timer(contract, at(0, 9, 12))
    entry = TimeEntry.objects.get()
    assert entry.idle_seconds == 720
    assert change(entry, at(0, 9), at(0, 9, 5)).idle_seconds == 300


def test_an_entry_stays_in_its_week():
    contract = make_running()
    (entry,) = log(contract, at(6, 22), at(6, 23))
    for start, end in ((at(6, 23), at(7, 0, 0, 1)), (at(7, 0), at(7, 1))):
        with pytest.raises(Refused, match="An entry stays in its week"):
            change(entry, start, end, now=at(7, 2))
    assert change(entry, at(6, 23), at(7, 0), now=at(7, 2)).seconds == 3600


def test_a_changed_entry_obeys_cap_and_overlap_as_a_new_one_does():
    contract = make_running(cap_hours=2)
    (entry,) = log(contract, at(0, 9), at(0, 10))
    log(contract, at(0, 12), at(0, 12, 30))
    with pytest.raises(Refused, match="leaves 1 h 30 min"):
        change(entry, at(0, 9), at(0, 10, 30, 1))
    with pytest.raises(Refused, match="You already have 12:00 to 12:30"):
        change(entry, at(0, 11), at(0, 12, 1))
    assert change(entry, at(0, 9), at(0, 10, 30)).seconds == 5400


def test_a_changed_entry_ends_with_its_contract():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    hiring.end_contract(contract_id=contract.public_id, by=contract.expert.user, reason="Moving on now.", now=at(0, 11))
    assert change(entry, at(0, 9), at(0, 11)).seconds == 7200
    with pytest.raises(WrongState, match="The contract ended on 16 November at 11:00"):
        change(entry, at(0, 9), at(0, 11, 1))


def test_an_entry_is_removed_and_the_trail_keeps_what_it_said():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    entries.remove_entry(entry_id=entry.public_id, by=entry.user, now=at(0, 11))
    assert TimeEntry.objects.count() == 0
    assert AuditEvent.objects.get(what="hours.remove_entry").before["start"] == at(0, 9).isoformat()
    for act in (
        lambda: entries.remove_entry(entry_id=entry.public_id, by=entry.user, now=at(0, 11)),
        lambda: change(entry, at(0, 9), at(0, 9, 30)),
    ):
        with pytest.raises(WrongState, match="was removed in the meantime"):
            act()


def test_nobody_touches_the_entry_of_another():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    for person in (make_expert("Somebody Else").user, owner_of(contract.lab)):
        with pytest.raises(NotAllowed, match="your own hours only"):
            entries.remove_entry(entry_id=entry.public_id, by=person, now=at(0, 11))
        with pytest.raises(NotAllowed, match="your own hours only"):
            entries.change_entry(
                entry_id=entry.public_id, by=person, start=at(0, 9), end=at(0, 9, 30), memo="x", now=at(0, 11)
            )


@pytest.mark.django_db(transaction=True)
def test_removing_and_changing_one_entry_at_once_does_one_after_the_other():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    results = at_once(
        lambda: entries.remove_entry(entry_id=entry.public_id, by=entry.user, now=at(0, 12)),
        lambda: change(entry, at(0, 9), at(0, 11)),
    )
    assert results[0] is None
    assert isinstance(results[1], TimeEntry | WrongState)
    assert TimeEntry.objects.count() == 0
