"""The timer's card on its page: it starts, beats, asks and stops, with and without JavaScript."""

from __future__ import annotations

import pytest

from projects.hours.models import TimeEntry, Timer
from tests.factories.projects_hours import (
    at,
    beat,
    log,
    make_running,
    start_timer,
)
from tests.factories.projects_labs import browse
from tests.support.visiting import HTMX, get, post, text_of

pytestmark = [pytest.mark.full, pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_card_starts_beats_and_stops(clock):
    contract = make_running()
    client = browse(contract.expert.user)
    card = get(client, "hours:timer", **HTMX)
    assert "Start timer" in text_of(card)
    assert "0:00 of 20:00 h warns at 16:00 and 19:00" in text_of(card)
    data = {"contract": str(contract.public_id), "memo": "Answers"}
    card = post(client, "hours:timer_start", data=data, **HTMX)
    assert 'data-elapsed="0"' in card.content.decode()
    clock.move_to(at(2, 10, 9))
    running = post(client, "hours:timer_beat", data={"idle": "20"}, **HTMX)
    assert running.content.decode().startswith('<div id="timer-running"')
    assert 'data-elapsed="540">0:09:00<' in running.content.decode()
    assert "HX-Retarget" not in running
    card = post(client, "hours:timer_stop", data={"memo": "Nine answers"}, **HTMX)
    assert card["HX-Trigger"] == "preceptor:hours"
    assert "0:09 of 20:00 h" in text_of(card)
    assert TimeEntry.objects.get().memo == "Nine answers"


def test_without_javascript_the_same_buttons_lead_back_to_the_page():
    contract = make_running()
    client = browse(contract.expert.user)
    page = get(client, "hours:timer")
    assert "<html" in page.content.decode()
    for name, data in (
        ("hours:timer_start", {"contract": str(contract.public_id)}), ("hours:timer_beat", {"working": "1"}),
        ("hours:timer_stop", {}),
    ):  # fmt: skip
        answer = post(client, name, data=data)
        assert (answer.status_code, answer["Location"]) == (302, "/me/hours/")


def test_the_card_asks_after_ten_minutes_and_takes_both_answers(clock):
    contract = make_running()
    start_timer(contract, at(2, 10))
    client = browse(contract.expert.user)
    clock.move_to(at(2, 10, 9))
    assert "Are you still working?" not in text_of(post(client, "hours:timer_beat", data={"idle": "540"}, **HTMX))
    clock.move_to(at(2, 10, 10))
    asked = post(client, "hours:timer_beat", data={"idle": "600"}, **HTMX)
    assert "Are you still working? Nothing was heard from you since 10:00. 5:00 left" in text_of(asked)
    assert "data-asks" in asked.content.decode()
    assert "Stop at 10:00" in text_of(asked)
    answered = post(client, "hours:timer_beat", data={"working": "1"}, **HTMX)
    assert "data-asks" not in answered.content.decode()
    clock.move_to(at(2, 10, 20))
    post(client, "hours:timer_stop", data={"leave_out": "1"}, **HTMX)
    entry = TimeEntry.objects.get()
    assert (entry.seconds, entry.idle_seconds) == (600, 600)


def test_the_card_turns_round_once_the_timer_has_stopped_by_itself(clock):
    contract = make_running()
    start_timer(contract, at(2, 10))
    beat(contract, at(2, 10, 5))
    clock.move_to(at(2, 10, 40))
    card = post(browse(contract.expert.user), "hours:timer_beat", data={"idle": "2100"}, **HTMX)
    assert (card["HX-Retarget"], card["HX-Reswap"], card["HX-Trigger"]) == ("#timer", "outerHTML", "preceptor:hours")
    assert "Your timer stopped at 10:05. Nothing was heard from you after that." in text_of(card)
    assert "Start timer" in text_of(card)


def test_a_card_in_another_window_turns_round_when_no_timer_runs():
    contract = make_running()
    card = post(browse(contract.expert.user), "hours:timer_beat", data={"idle": "5"}, **HTMX)
    assert (card["HX-Retarget"], "Start timer" in text_of(card)) == ("#timer", True)


@pytest.mark.parametrize(("minutes", "percent"), [(47, 0), (48, 80), (56, 80), (57, 95)])
def test_the_running_timer_warns_at_80_and_95_percent_of_the_week(clock, minutes, percent):
    contract = make_running(cap_hours=1)
    log(contract, at(0, 9), at(0, 9, 40))
    start_timer(contract, at(2, 10))
    clock.move_to(at(2, 10, minutes - 40))
    if minutes - 40 >= 9:
        beat(contract, at(2, 10, 8))
    card = post(browse(contract.expert.user), "hours:timer_beat", data={"idle": "0"}, **HTMX)
    assert f'data-warned="{percent}"' in card.content.decode()
    assert (f"{percent} % of your weekly limit is used. The timer stops by itself at 10:20." in text_of(card)) == bool(
        percent
    )


def test_nonsense_in_a_beat_is_no_sign_of_life_from_the_future():
    contract = make_running()
    start_timer(contract, at(2, 9, 55))
    client = browse(contract.expert.user)
    for idle in ("-5", "soon", "99999999999"):
        post(client, "hours:timer_beat", data={"idle": idle}, **HTMX)
    assert Timer.objects.get().heartbeat_at == at(2, 10)
