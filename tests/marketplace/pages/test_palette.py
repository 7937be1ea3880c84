"""What the command palette finds: one's own things, by name or number, and never anybody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from experts.vetting.queries import found_cases
from payments.payouts.models import PayRun
from payments.payouts.queries import found_runs
from projects.hiring.queries import found_contracts
from projects.labs.enums import LabRole
from projects.listings.queries.listing import found_projects
from projects.work.queries.batches import found_work
from tests.factories.experts_vetting import make_case
from tests.factories.marketplace_accounts import make_staff
from tests.factories.payments_payouts import NOW, PERIOD, make_finance
from tests.factories.projects_labs import browse, join, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import make_batch, make_contract

pytestmark = pytest.mark.django_db


def labels(rows: list[tuple[str, str, str]]) -> list[str]:
    return [label for label, _hint, _url in rows]


def test_a_lab_finds_its_projects_batches_tasks_and_people_and_no_other_lab_does():
    gig = make_gig()
    batch, contract = make_batch(gig, tasks=2), make_contract(gig, name="Amara Osei")
    task = batch.tasks.in_order().first()
    member, stranger = join(gig.lab, LabRole.MEMBER), owner_of(make_gig().lab)

    def found(user, text):
        return labels(found_projects(user, text) + found_work(user, text) + found_contracts(user, text))

    assert found(member, gig.title.upper()[:9]) == [gig.title]
    assert found(member, batch.name) == [batch.name]
    assert found(member, task.external_id) == [task.external_id]
    assert found(member, "amara") == ["Amara Osei"]
    for text in (batch.name, task.external_id, "amara"):
        assert [row for row in found_work(stranger, text) if str(gig.lab.slug) in row[2]] == []
        assert found_contracts(stranger, text) == []
    assert labels(found_contracts(contract.expert.user, gig.title)) == [gig.title]
    assert found_contracts(contract.expert.user, "amara") == []


def test_an_entry_leads_to_a_page_that_opens_and_the_palette_shows_it():
    gig = make_gig()
    batch = make_batch(gig, tasks=1)
    make_contract(gig, name="Amara Osei")
    client = browse(owner_of(gig.lab))
    for text, rows in (
        (gig.title, found_projects(owner_of(gig.lab), gig.title)),
        (batch.name, found_work(owner_of(gig.lab), batch.name)),
        ("Amara", found_contracts(owner_of(gig.lab), "Amara")),
    ):
        [(_label, _hint, address)] = rows
        assert client.get(address).status_code == 200
        assert address in client.get("/palette/", {"q": text}).content.decode()


def test_vetting_finds_cases_by_number_and_name_and_finance_finds_runs_by_week():
    case = make_case()
    name = case.expert.user.get_full_name()
    vetting = make_staff("VETTING")
    for text in (f"v-{case.number}", str(case.number), name[:5].lower()):
        assert labels(found_cases(vetting, text)) == [f"V-{case.number}, {name}"]
    assert found_cases(case.expert.user, name) == []

    finance = make_finance()
    PayRun.objects.create(
        public_id=uuid4(), period=PERIOD, currency="USD", cutoff_at=NOW, created_at=NOW, created_by=finance.preparer
    )
    assert labels(found_runs(finance.preparer, "w46")) == ["2026-W46"]
    assert found_runs(finance.preparer, "w47") == found_runs(vetting, "w46") == []
