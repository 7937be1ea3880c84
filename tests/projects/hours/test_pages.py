"""The expert's pages of hours: the week and its entries; and what every page of hours costs."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from projects.hiring.actions import contracts as hiring
from projects.hours.actions import timesheets
from projects.hours.enums import TimesheetState
from projects.hours.models import TimeEntry, Timesheet
from tests.factories.projects_hours import (
    BEFORE,
    MONDAY,
    at,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    owner_of,
    sheet_of,
    start_timer,
    submit,
)
from tests.factories.projects_labs import browse, comparable, make_lab, make_person, questions_of
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# ------------------------------------------------------------------------------------------------------------ the week


def test_the_week_shows_grid_entries_totals_and_money():
    contract = make_running()
    log(contract, at(0, 9), at(0, 11, 40), memo="Reviewed LF-20498")
    log(contract, at(1, 23), at(2, 1), memo="Over midnight")
    answer = get(browse(contract.expert.user), "hours:week")
    words = text_of(answer)
    assert answer.status_code == 200
    assert "Week 2026-W47, Mon 16 Nov to Sun 22 Nov" in words
    assert "Worked 4:40" in words
    assert "Earned $980.00" in words
    assert "Left this week 15:20" in words
    assert "Mon 16 Tue 17 Wed 18" in words
    assert "2:40 by hand 1:00 by hand 1:00 by hand" in words
    assert "Reviewed LF-20498 By hand" in words
    assert "2 entries 4:40" in words


def test_a_person_reads_times_in_their_own_zone():
    contract = make_running(expert=make_expert(zone="America/New_York"))
    log(contract, at(0, 14), at(0, 15))
    words = text_of(get(browse(contract.expert.user), "hours:week"))
    assert "Mon 16 Nov 09:00 –10:00" in words or "Mon 16 Nov 09:00 – 10:00" in words
    assert "the week ends Sun 22 Nov, 19:00 for you (America/New_York)" in words


def test_other_weeks_are_a_link_away_and_nonsense_shows_this_week():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    client = browse(contract.expert.user)
    assert "Week 2026-W46" in text_of(client.get(reverse("hours:week"), {"week": "2026-W46"}))
    for nonsense in ("2026-W99", "yesterday", "2027-W10"):
        assert "Week 2026-W47" in text_of(client.get(reverse("hours:week"), {"week": nonsense}))


def test_who_has_no_contract_learns_how_to_get_one():
    words = text_of(get(browse(make_expert().user), "hours:week"))
    assert "No contracts yet" in words
    assert "You have no active contract, so there is nothing to time" in words


def test_somebody_who_is_no_expert_may_look_too():
    client = browse(make_person())
    for name in ("hours:week", "hours:timer", "hours:earnings"):
        assert get(client, name).status_code == 200


def test_visitors_are_asked_to_sign_in():
    sheet = uuid4()
    for name, args in (
        ("hours:week", []), ("hours:timer", []), ("hours:earnings", []), ("hours:payslip", ["2026-W47"]),
        ("hours:entry", [sheet]), ("hours:lab_hours", ["larkfield-labs"]), ("hours:statement", ["larkfield-labs"]),
        ("hours:statement_csv", ["larkfield-labs"]),
    ):  # fmt: skip
        answer = get(Client(), name, *args)
        assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True)


def test_a_closed_week_offers_no_changes(clock):
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    submit(contract)
    clock.move_to(at(7, 13))
    page = browse(contract.expert.user).get(reverse("hours:week"), {"week": "2026-W47"})
    assert "Closed" in text_of(page)
    assert reverse("hours:entry", args=[entry.public_id]) not in page.content.decode()
    assert "in lab review" in text_of(page)


# ------------------------------------------------------------------------------------------------------------- entries


def entry_data(contract, **changes):
    return {
        "contract": str(contract.public_id), "day": "2026-11-16", "start": "09:00", "end": "10:30", "memo": "Calibration",
    } | changes  # fmt: skip


def test_time_is_added_through_the_form():
    contract = make_running(expert=make_expert(zone="America/New_York"))
    answer = post(browse(contract.expert.user), "hours:entry_add", data=entry_data(contract))
    assert (answer.status_code, answer["Location"]) == (302, "/me/hours/?week=2026-W47")
    entry = TimeEntry.objects.get()
    assert (entry.during.lower, entry.during.upper, entry.zone) == (at(0, 14), at(0, 15, 30), "America/New_York")


def test_a_form_with_mistakes_comes_back_with_what_was_typed():
    contract = make_running()
    answer = post(
        browse(contract.expert.user), "hours:entry_add", data=entry_data(contract, memo="", start="9 o'clock")
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Enter a valid time." in page
    assert 'value="10:30"' in page
    assert not TimeEntry.objects.exists()


def test_the_form_asks_about_the_hour_that_comes_twice(clock):
    clock.move_to(at(-14, 18))  # Monday 2 November, the day after
    contract = make_contract(make_gig(now=at(-20, 0)), make_expert(zone="America/New_York"), now=at(-20, 0))
    client = browse(contract.expert.user)
    data = entry_data(contract, day="2026-11-01", start="00:30", end="01:30")
    answer = post(client, "hours:entry_add", data=data)
    assert answer.status_code == 400
    assert "happened twice on 1 November" in text_of(answer)
    assert 'name="end_pass"' in answer.content.decode()
    clock.move_to(at(-14, 11))
    assert post(client, "hours:entry_add", data=data | {"end_pass": "yes"}).status_code == 302
    assert TimeEntry.objects.get().seconds == 2 * 3600


def test_a_refusal_of_the_action_is_a_page_in_words():
    contract = make_running(cap_hours=1)
    answer = post(browse(contract.expert.user), "hours:entry_add", data=entry_data(contract))
    assert answer.status_code == 422
    assert "The weekly limit leaves 1 h 0 min in the week of 16 November" in text_of(answer)


def test_a_contract_of_somebody_else_is_no_choice():
    contract, stranger = make_running(), make_running(expert=make_expert("Somebody Else"))
    answer = post(browse(contract.expert.user), "hours:entry_add", data=entry_data(stranger))
    assert answer.status_code == 400
    assert not TimeEntry.objects.exists()


def test_timer_only_and_ended_contracts_are_no_choice_for_time_by_hand(clock):
    expert = make_expert()
    timer_only = make_contract(make_gig(now=BEFORE, manual_time_allowed=False), expert, now=BEFORE)
    ended = make_running(expert=expert)
    client = browse(expert.user)
    hiring.end_contract(contract_id=ended.public_id, by=expert.user, reason="Moving on now.", now=at(2, 9))

    def offered() -> set[str]:
        page = get(client, "hours:week").content.decode()
        form = page.partition('id="add"')[2].partition("</form>")[0]
        return {str(row.public_id) for row in (timer_only, ended) if str(row.public_id) in form}

    assert offered() == {str(ended.public_id)}
    clock.move_to(at(7, 11, 59))
    assert offered() == {str(ended.public_id)}
    clock.move_to(at(7, 12, 1))
    assert offered() == set()


def test_an_entry_is_changed_and_removed_through_its_page():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    client = browse(contract.expert.user)
    page = get(client, "hours:entry", entry.public_id).content.decode()
    assert 'value="09:00"' in page
    assert 'value="2026-11-16"' in page
    data = entry_data(contract, start="09:15", end="09:45", memo="Less")
    assert post(client, "hours:entry", entry.public_id, data=data)["Location"] == "/me/hours/?week=2026-W47"
    entry.refresh_from_db()
    assert (entry.during.lower, entry.seconds, entry.memo) == (at(0, 9, 15), 1800, "Less")
    assert post(client, "hours:entry", entry.public_id, data=data | {"end": ""}).status_code == 400
    assert post(client, "hours:entry_remove", entry.public_id).status_code == 302
    assert not TimeEntry.objects.exists()


def test_saving_timer_time_unchanged_leaves_it_timer_time():
    contract = make_running()
    start_timer(contract, at(0, 9, 0, 7))
    from tests.factories.projects_hours import stop_timer

    stop_timer(contract, at(0, 9, 12, 41))
    entry = TimeEntry.objects.get()
    client = browse(contract.expert.user)
    page = get(client, "hours:entry", entry.public_id).content.decode()
    shown = {name: re.search(rf'name="{name}" value="([^"]*)"', page).group(1) for name in ("day", "start", "end")}
    assert (shown["start"], shown["end"]) == ("09:00:07", "09:12:41")
    post(client, "hours:entry", entry.public_id, data=entry_data(contract, **shown, memo="Only the words"))
    entry.refresh_from_db()
    assert (entry.source, entry.seconds, entry.memo) == ("TIMER", 754, "Only the words")


def test_an_entry_of_somebody_else_is_as_absent_as_none():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    for person in (make_expert("Somebody Else").user, owner_of(contract.lab)):
        client = browse(person)
        foreign, missing = get(client, "hours:entry", entry.public_id), get(client, "hours:entry", uuid4())
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert comparable(foreign, str(entry.public_id)) == comparable(missing, str(missing.wsgi_request.resolver_match.kwargs["entry_id"]))  # fmt: skip
        for name in ("hours:entry", "hours:entry_remove"):
            assert post(client, name, entry.public_id, data=entry_data(contract)).status_code == 404


# ------------------------------------------------------------------------------------------------------- submit, reopen


def test_a_week_is_submitted_and_taken_back_on_its_page(clock):
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    clock.move_to(at(7, 9))
    client, sheet = browse(contract.expert.user), sheet_of(contract)
    week = {"week": "2026-W47"}
    assert "Submit Physician Talent Network" in text_of(client.get(reverse("hours:week"), week))
    assert post(client, "hours:week_submit", sheet.public_id)["Location"] == "/me/hours/?week=2026-W47"
    assert "Take back to correct" in text_of(client.get(reverse("hours:week"), week))
    assert post(client, "hours:week_reopen", sheet.public_id).status_code == 302
    assert sheet_of(contract).state == TimesheetState.OPEN
    stranger = browse(make_expert("Somebody Else").user)
    for name in ("hours:week_submit", "hours:week_reopen"):
        assert post(stranger, name, sheet.public_id).status_code == 404
        assert post(browse(owner_of(contract.lab)), name, sheet.public_id).status_code == 404


# ---------------------------------------------------------------------------------------------------------- what it costs


def weeks_of_work(number: int):
    """So many contracts of one expert with one lab, each with a submitted week, an approved one and an open one."""
    lab, expert = make_lab(), make_expert()
    contracts = [make_contract(make_gig(lab, now=at(-15, 0)), expert, now=at(-15, 0)) for _one in range(number)]
    for hour, contract in enumerate(contracts):
        for day in (-13, -6, 0):
            log(contract, at(day, 2 + hour), at(day, 3 + hour))
    timesheets.close_weeks(now=at(-7, 12))
    timesheets.approve_by_silence(now=at(-4, 0))
    timesheets.close_weeks(now=at(0, 12))
    assert Timesheet.objects.filter(contract__lab=lab).count() == 3 * number
    return lab, expert.user


PAGES = [
    ("hours:week", "expert", 18),
    ("hours:timer", "expert", 9),
    ("hours:earnings", "expert", 12),
    ("hours:payslip", "expert", 8),
    ("hours:lab_hours", "lab", 18),
    ("hours:statement", "lab", 23),
]


@pytest.mark.full
@pytest.mark.parametrize(("name", "who", "queries"), PAGES)
def test_a_page_asks_the_same_number_of_questions_for_one_row_and_for_three(name, who, queries):
    counts = []
    for number in (1, 3):
        lab, user = weeks_of_work(number)
        client = browse(user if who == "expert" else owner_of(lab))
        args = [lab.slug] if who == "lab" else ["2026-W46"] if name == "hours:payslip" else []
        counts.append(questions_of(client, reverse(name, args=args)))
    assert counts == [queries, queries]


@pytest.mark.full
def test_approved_weeks_and_waiting_weeks_are_paged():
    lab, _user = weeks_of_work(3)
    from projects.hours import queries

    waiting, approved = queries.weeks_to_approve(lab), queries.weeks_approved(lab)
    for rows, after in ((waiting, queries.waiting_after), (approved, queries.approved_after)):
        everything = list(rows)
        assert len(everything) == 3
        assert list(after(rows, everything[0].pk)) == everything[1:]
        assert list(after(rows, everything[-1].pk)) == []
        assert list(after(rows, None)) == everything
    page = text_of(browse(owner_of(lab)).get(reverse("hours:lab_hours", args=[lab.slug]), {"after": "nonsense"}))
    assert page.count("Approve and charge") == 3
    assert MONDAY - timedelta(days=7) == at(-7, 0)
