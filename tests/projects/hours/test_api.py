"""The API of hours: whole answers, own things only, and the same number of questions for one row and for three."""

from __future__ import annotations

import pytest
from django.test import Client

from projects.hours.models import PayLine, TimeEntry
from projects.labs.enums import Scope
from tests.factories.projects_hours import (
    approve,
    at,
    log,
    make_expert,
    make_running,
    owner_of,
    sheet_of,
    submit,
)
from tests.factories.projects_labs import browse, make_key, make_lab
from tests.support.asking import questions

pytestmark = pytest.mark.django_db
MINE = ["time-entries", "timesheets", "pay-lines", "payslips"]


def program(lab, *scopes: Scope) -> Client:
    _key, text = make_key(lab, *scopes)
    return Client(headers={"Authorization": f"Bearer {text}"})


def worked(contract, *, approved=True):
    log(contract, at(0, 9), at(0, 10, 35), memo="Six answers")
    submit(contract)
    if approved:
        approve(contract)


def test_an_expert_reads_their_own_entries():
    contract = make_running(expert=make_expert(zone="America/New_York"))
    worked(contract)
    answer = browse(contract.expert.user).get("/api/v1/me/time-entries/").json()
    assert answer == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(TimeEntry.objects.get().public_id),
                "contract": str(contract.public_id),
                "week": "2026-W47",
                "start": "2026-11-16T04:00:00-05:00",
                "end": "2026-11-16T05:35:00-05:00",
                "seconds": 5700,
                "source": "MANUAL",
                "memo": "Six answers",
                "zone": "America/New_York",
                "idle_seconds": 0,
            }
        ],
    }


def line_of(contract):
    return {
        "id": str(PayLine.objects.get(timesheet__contract=contract).public_id),
        "contract": str(contract.public_id),
        "day": "2026-11-16",
        "minutes": 95,
        "rate_minor": 21_000,
        "fee_bps": 1000,
        "pay_minor": 33_250,
        "fee_minor": 3325,
        "charge_minor": 36_575,
        "currency": "USD",
        "state": "APPROVED",
        "rule": "2026-1",
        "approved_at": "2026-11-23T14:00:00Z",
    }


def sheet_shown(contract):
    return {
        "id": str(sheet_of(contract).public_id),
        "contract": str(contract.public_id),
        "contract_alias": "E-1",
        "project": str(contract.project.public_id),
        "week": "2026-W47",
        "state": "APPROVED",
        "revision": 1,
        "review_ends_at": "2026-11-26T00:00:00Z",
        "submitted_at": "2026-11-23T12:00:00Z",
        "approved_at": "2026-11-23T14:00:00Z",
        "currency": "USD",
        "minutes": 95,
        "pay_minor": 33_250,
        "fee_minor": 3325,
        "charge_minor": 36_575,
        "lines": [line_of(contract)],
    }


def test_an_expert_reads_their_own_weeks_lines_and_payslips():
    contract = make_running()
    worked(contract)
    me = browse(contract.expert.user)
    assert me.get("/api/v1/me/timesheets/").json()["results"] == [sheet_shown(contract)]
    assert me.get("/api/v1/me/pay-lines/").json()["results"] == [line_of(contract)]
    assert me.get("/api/v1/me/payslips/").json() == {
        "next": None,
        "results": [
            {
                "week": "2026-W47",
                "currency": "USD",
                "seconds": 5700,
                "pay_minor": 33_250,
                "net_minor": None,
                "withheld_minor": None,
                "state": None,
                "sent_at": None,
                "page": "/me/earnings/2026-W47/",
            }
        ],
    }


def test_payslips_of_earlier_weeks_are_asked_for_by_week():
    contract = make_running()
    worked(contract)
    me = browse(contract.expert.user)
    assert len(me.get("/api/v1/me/payslips/", {"before": "2026-W48"}).json()["results"]) == 1
    assert me.get("/api/v1/me/payslips/", {"before": "2026-W47"}).json() == {"next": None, "results": []}
    for nonsense in ("yesterday", "2026-W60"):
        answer = me.get("/api/v1/me/payslips/", {"before": nonsense})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_program_of_the_lab_reads_its_weeks():
    contract, other = make_running(), make_running(expert=make_expert("Somebody Else"))
    worked(contract)
    worked(other)
    api = program(contract.lab, Scope.PROJECTS_READ)
    assert api.get("/api/v1/timesheets/").json() == {"next": None, "previous": None, "results": [sheet_shown(contract)]}


@pytest.mark.parametrize("what", MINE)
def test_nobody_reads_what_is_anothers(what):
    contract = make_running()
    worked(contract)
    stranger, owner = browse(make_expert("Somebody Else").user), browse(owner_of(contract.lab))
    for client in (stranger, owner):
        assert client.get(f"/api/v1/me/{what}/").json()["results"] == []
    assert program(contract.lab, *Scope).get(f"/api/v1/me/{what}/").status_code == 403
    assert Client().get(f"/api/v1/me/{what}/").status_code == 401
    assert browse(contract.expert.user).post(f"/api/v1/me/{what}/").status_code in {403, 405}


def test_weeks_of_a_lab_need_a_key_with_the_scope():
    contract = make_running()
    worked(contract)
    for client in (
        program(contract.lab, Scope.TASKS_READ),
        browse(owner_of(contract.lab)),
        browse(contract.expert.user),
    ):
        assert client.get("/api/v1/timesheets/").status_code == 403
    assert Client().get("/api/v1/timesheets/").status_code == 401
    assert (
        program(make_lab("Tidewater Research"), Scope.PROJECTS_READ).get("/api/v1/timesheets/").json()["results"] == []
    )


def test_pages_are_walked_by_their_links():
    contract = make_running()
    for day in range(3):
        log(contract, at(day, 9), at(day, 10))
    me, seen = browse(contract.expert.user), []
    url = "/api/v1/me/time-entries/?limit=2"
    while url:
        page = me.get(url).json()
        seen += [row["start"] for row in page["results"]]
        url = page["next"]
    assert seen == ["2026-11-18T09:00:00Z", "2026-11-17T09:00:00Z", "2026-11-16T09:00:00Z"]


@pytest.mark.full
@pytest.mark.parametrize(
    ("path", "count"),
    [("me/time-entries", 5), ("me/timesheets", 6), ("me/pay-lines", 5), ("me/payslips", 8), ("timesheets", 3)],
)
def test_one_row_and_three_cost_the_same_number_of_questions(path, count):
    counts = []
    for number in (1, 3):
        lab, expert = make_lab(), make_expert()
        from tests.factories.projects_hours import BEFORE, make_contract, make_gig

        for hour in range(number):
            contract = make_contract(make_gig(lab, now=BEFORE), expert, now=BEFORE)
            log(contract, at(0, 9 + hour), at(0, 10 + hour))
            submit(contract)
        client = program(lab, Scope.PROJECTS_READ) if path == "timesheets" else browse(expert.user)
        counts.append(questions(client, f"/api/v1/{path}/"))
    assert counts == [count, count]
