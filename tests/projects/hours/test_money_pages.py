"""Pages on which hours are money: earnings and payslips, the lab's approvals and its statement."""

from __future__ import annotations

import pytest

from projects.hours.enums import TimesheetState
from projects.labs.enums import LabRole
from tests.factories.projects_hours import (
    approve,
    at,
    books,
    log,
    make_running,
    owner_of,
    sheet_of,
    submit,
)
from tests.factories.projects_labs import browse, comparable, join, make_lab, make_person
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.full, pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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
