"""Pages of hours: who may open them, what they show, what they send to the actions, and what they cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from projects.hiring.actions import contracts as hiring
from projects.hours.actions import timesheets
from projects.hours.enums import TimesheetState
from projects.hours.models import TimeEntry, Timer, Timesheet
from projects.labs.enums import LabRole
from tests.factories.projects_hours import (
    BEFORE,
    MONDAY,
    approve,
    at,
    beat,
    books,
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
from tests.factories.projects_labs import browse, comparable, join, make_lab, make_person, questions_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Wednesday 10:00 UTC of the test's week, standing still."""
    with time_machine.travel(at(2, 10), tick=False) as traveller:
        yield traveller


def text_of(answer) -> str:
    """What a reader reads, in one line."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


def post(client: Client, name: str, *args, data=None, **headers):
    return client.post(reverse(name, args=args), data or {}, headers=headers)


def get(client: Client, name: str, *args, **headers):
    return client.get(reverse(name, args=args), headers=headers)


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


# --------------------------------------------------------------------------------------------------------------- timer


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


# ---------------------------------------------------------------------------------------------------------------- pay


def test_earnings_and_payslip_show_where_the_money_is():
    contract = make_running()
    log(contract, at(-3, 9), at(-3, 10, 35))
    submit(contract, at(-7, 0).date())
    approve(contract, at(-7, 0).date())
    client = browse(contract.expert.user)
    words = text_of(get(client, "hours:earnings"))
    assert "Approved, not yet paid $332.50" in words
    assert "2026-W46 from Mon 9 Nov 1:35 $332.50 Approved not yet" in words
    slip = text_of(get(client, "hours:payslip", "2026-W46"))
    assert "Payslip 2026-W46 Approved" in slip
    assert "Ties to the ledger" in slip
    assert "This week 1 h 35 min $332.50" in slip


def test_a_payslip_of_nothing_is_not_found():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    client = browse(contract.expert.user)
    assert get(client, "hours:payslip", "2026-W47").status_code == 200
    for week in ("2026-W01", "nonsense", "2026-W60"):
        assert get(client, "hours:payslip", week).status_code == 404
    assert get(browse(owner_of(contract.lab)), "hours:payslip", "2026-W47").status_code == 404


# ---------------------------------------------------------------------------------------------------------------- lab


def test_the_lab_reads_each_line_and_entry_and_approves():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10), memo="Read the guideline")
    submit(contract)
    owner = browse(owner_of(contract.lab))
    slug, sheet = contract.lab.slug, sheet_of(contract)
    words = text_of(get(owner, "hours:lab_hours", slug))
    assert "Imani Okafor, E-1" in words
    assert "Mon 16 Nov 1 h $210.00 $210.00 $21.00 $231.00" in words
    assert "Read the guideline By hand" in words
    assert "Approve and charge $231.00" in words
    answer = post(owner, "hours:approve", slug, sheet.public_id, data={"revision": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/lab/{slug}/hours/")
    words = text_of(get(owner, "hours:lab_hours", slug))
    assert "No hours wait for you" in words
    assert "Mon 16 Nov Imani Okafor E-1 Physician Talent Network 1 h $231.00 Lena Lark" in words
    assert books(contract)["payable"] == 21_000


def test_an_approval_names_the_revision_it_saw():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    owner, sheet = browse(owner_of(contract.lab)), sheet_of(contract)
    for revision in ("0", "2", "", "all"):
        answer = post(owner, "hours:approve", contract.lab.slug, sheet.public_id, data={"revision": revision})
        assert answer.status_code == 409
        assert "These hours were changed since you opened the page" in text_of(answer)
    assert sheet_of(contract).state == TimesheetState.SUBMITTED


@pytest.mark.parametrize("role", [LabRole.REVIEWER, LabRole.MEMBER])
def test_money_is_for_owners_and_managers(role):
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    slug, sheet = contract.lab.slug, sheet_of(contract)
    member, manager = browse(join(contract.lab, role)), browse(join(contract.lab, LabRole.MANAGER))
    for name in ("hours:lab_hours", "hours:statement", "hours:statement_csv"):
        assert (get(member, name, slug).status_code, get(manager, name, slug).status_code) == (403, 200)
    data = {"revision": "1"}
    assert post(member, "hours:approve", slug, sheet.public_id, data=data).status_code == 403
    assert post(manager, "hours:approve", slug, sheet.public_id, data=data).status_code == 302


def test_a_foreign_lab_is_as_absent_as_none():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    slug, sheet = contract.lab.slug, sheet_of(contract)
    rival = make_lab("Tidewater Research", owner=make_person("Rita Rival", second_factor=True))
    for person in (owner_of(rival), contract.expert.user):
        client = browse(person)
        for name in ("hours:lab_hours", "hours:statement", "hours:statement_csv"):
            foreign, missing = get(client, name, slug), get(client, name, "no-such-lab")
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert comparable(foreign, slug) == comparable(missing, "no-such-lab")
        assert post(client, "hours:approve", slug, sheet.public_id, data={"revision": "1"}).status_code == 404
    own = post(browse(owner_of(rival)), "hours:approve", rival.slug, sheet.public_id, data={"revision": "1"})
    assert own.status_code == 404
    assert sheet_of(contract).state == TimesheetState.SUBMITTED


def test_the_statement_shows_funds_and_lines_and_comes_as_csv():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    approve(contract)
    owner = browse(owner_of(contract.lab))
    words = text_of(get(owner, "hours:statement", contract.lab.slug))
    assert "Ties to the ledger" in words
    assert "All projects $20,000.00 $210.00 $21.00 $0.00 $19,769.00" in words
    assert "Mon 16 Nov Physician Talent Network E-1 1 h $210.00 $210.00 $21.00 $231.00" in words
    file = get(owner, "hours:statement_csv", contract.lab.slug)
    assert file["Content-Disposition"] == f'attachment; filename="statement-{contract.lab.slug}.csv"'
    assert len(b"".join(file.streaming_content).decode().splitlines()) == 2


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
    ("hours:week", "expert", 15),
    ("hours:timer", "expert", 8),
    ("hours:earnings", "expert", 12),
    ("hours:payslip", "expert", 8),
    ("hours:lab_hours", "lab", 18),
    ("hours:statement", "lab", 23),
]


@pytest.mark.parametrize(("name", "who", "queries"), PAGES)
def test_a_page_asks_the_same_number_of_questions_for_one_row_and_for_three(name, who, queries):
    counts = []
    for number in (1, 3):
        lab, user = weeks_of_work(number)
        client = browse(user if who == "expert" else owner_of(lab))
        args = [lab.slug] if who == "lab" else ["2026-W46"] if name == "hours:payslip" else []
        counts.append(questions_of(client, reverse(name, args=args)))
    assert counts == [queries, queries]


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
