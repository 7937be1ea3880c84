"""A lab that pauses a project honours the week that was reserved, and begins no new one."""

from __future__ import annotations

import pytest

from marketplace.kernel.errors import WrongState
from projects.hours.enums import StopReason
from projects.listings.actions import projects as listings
from tests.factories.projects_hours import at, beat, log, make_running, owner_of, start_timer

pytestmark = pytest.mark.django_db


def pause(contract, now) -> None:
    project = contract.project
    listings.pause_project(project_id=project.pk, reason="New data is coming.", by=owner_of(project.lab), now=now)


def test_the_week_that_was_reserved_goes_on_and_the_next_does_not_begin() -> None:
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    pause(contract, at(1, 8))

    log(contract, at(1, 9), at(1, 10))
    with pytest.raises(WrongState, match="This project is paused"):
        log(contract, at(7, 9), at(7, 10))
    assert start_timer(contract, at(2, 9))


def test_a_week_that_was_not_reserved_before_the_pause_does_not_begin() -> None:
    contract = make_running()
    pause(contract, at(0, 8))

    with pytest.raises(WrongState, match="This project is paused"):
        start_timer(contract, at(0, 9))


def test_a_timer_that_runs_into_the_next_week_stops_with_the_week() -> None:
    contract = make_running()
    start_timer(contract, at(6, 23, 50))
    pause(contract, at(6, 23, 55))

    beat(contract, at(6, 23, 58))
    stopped = beat(contract, at(7, 0, 1)).stopped

    assert stopped is not None
    assert (stopped.reason, stopped.at) == (StopReason.PAUSED, at(7, 0))


def test_once_it_is_open_again_weeks_begin_again() -> None:
    contract = make_running()
    pause(contract, at(0, 8))
    listings.reopen_project(project_id=contract.project.pk, by=owner_of(contract.lab), now=at(0, 9))

    assert log(contract, at(0, 10), at(0, 11))
