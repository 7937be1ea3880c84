"""Several workers at one search, and saving twice at once: one e-mail, one search. Each with its control."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from marketplace.kernel.jobs import JobState
from marketplace.notices.models import EmailMessage
from projects.reach.actions import alerts
from projects.reach.models import FoundGig, SavedSearch
from tests.factories.projects_labs import NOW, make_person
from tests.factories.projects_listings import make_gig
from tests.factories.projects_reach import save
from tests.support.races import Beside, run_threads, waits_for_a_lock

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)


def looking(pk: int, now) -> None:
    try:
        alerts.look(search_id=pk, now=now)
    finally:
        connection.close()


def due_search() -> SavedSearch:
    search = save(make_person())
    make_gig(None, "medicine", now=NOW + MINUTE)
    alerts.wake_searches(now=NOW + 2 * MINUTE)
    return search


def test_four_workers_that_are_rung_for_one_search_tell_once():
    search = due_search()
    run_threads(lambda: looking(search.pk, NOW + 2 * MINUTE), times=4)
    assert (EmailMessage.objects.count(), FoundGig.objects.count()) == (1, 1)


def test_a_worker_that_was_slower_than_its_lease_tells_nothing():
    search = due_search()
    rows = SavedSearch.objects.filter(pk=search.pk)
    assert rows.claim(now=NOW + 2 * MINUTE) == 1
    slow = rows.get()
    looking(search.pk, NOW + 20 * MINUTE)  # its lease is over; another worker takes it
    alerts._look(slow, now=NOW + 21 * MINUTE)
    assert EmailMessage.objects.count() == 1
    # The control: as long as the lease holds, the same call does tell.
    SavedSearch.objects.filter(pk=search.pk).update(job_state=JobState.QUEUED, told_at=None)
    FoundGig.objects.update(told_at=None)
    assert rows.claim(now=NOW + 30 * MINUTE) == 1
    alerts._look(rows.get(), now=NOW + 30 * MINUTE)
    assert EmailMessage.objects.count() == 2


def test_saving_the_same_search_in_two_windows_at_once_keeps_one():
    person = make_person()
    with transaction.atomic():
        type(person).objects.select_for_update().get(pk=person.pk)
        windows = [Beside(lambda: save(person, "q=echo")) for _ in range(2)]
        assert waits_for_a_lock(windows[0])  # The control: they do wait for each other.
    for window in windows:
        window.done()
    assert SavedSearch.objects.count() == 1
