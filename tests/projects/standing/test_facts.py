"""What is counted: accepted work by kind, paid time, and nothing that was reversed, returned or is somebody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from marketplace.kernel.actors import System
from payments.ledger.actions import reverse
from payments.ledger.models import Entry
from projects.hours.models import PayLine
from projects.standing.queries import facts_of, fields_with_work
from projects.work.actions.reviews import accept_silent
from projects.work.enums import ReviewDecision
from tests.factories import projects_work as work
from tests.factories.projects_hours import at, log, make_expert, make_running, submit
from tests.factories.projects_labs import NOW
from tests.factories.projects_standing import LATER, field_named, work_week

pytestmark = pytest.mark.django_db


def facts(expert, field=None):
    return facts_of(expert, field, credential_ids=[], now=LATER)


def test_work_counts_once_it_is_decided_and_as_it_was_decided():
    batch = work.make_batch(tasks=6)
    contract = work.make_contract(batch.project)
    work.make_accepted(contract)
    returned = work.review(work.make_submitted(contract), ReviewDecision.SEND_BACK, comment="Name the source, please.")
    rejected = work.review(work.submit(returned), ReviewDecision.REJECT, comment="It is still without a source.")
    work.make_accepted(contract)
    work.make_submitted(contract)
    found = facts(contract.expert)
    assert rejected.state == "REJECTED"
    assert [(one.kind, one.label, one.accepted, one.decided) for one in found.work] == [
        ("answer_review", "Answer review", 2, 3)
    ]
    assert (found.accepted, found.by_silence, found.minutes) == (2, 0, 0)


def test_work_that_nobody_reviewed_in_time_is_counted_apart():
    batch = work.make_batch(tasks=2)
    contract = work.make_contract(batch.project)
    work.make_accepted(contract)
    work.make_submitted(contract)
    accept_silent(now=NOW + timedelta(days=8))
    found = facts(contract.expert)
    assert (found.accepted, found.by_silence) == (2, 1)


def test_only_approved_time_counts_and_only_as_long_as_its_charge_stands():
    contract = make_running()
    work_week(contract, minutes=95)
    start = at(7, 9)
    log(contract, start, start + timedelta(minutes=600))
    submit(contract, start.date())  # in review
    found = facts(contract.expert)
    assert (found.minutes, found.first_day, found.last_day) == (95, at(0, 9).date(), at(0, 9).date())
    line = PayLine.objects.approved().get()
    entry = Entry.objects.get(key=f"approval:{line.public_id}:{line.timesheet.revision}")
    with transaction.atomic():
        reverse(key="reversal:test", entry_id=entry.pk, by=System("tests"), now=LATER, memo="Entered twice")
    assert facts(contract.expert).minutes == 0
    assert not facts(contract.expert).says_something


def test_what_others_did_is_theirs():
    contract, other = make_running(), make_running(expert=make_expert("Ana Silva"))
    work_week(contract, minutes=60)
    work_week(other, minutes=30)
    assert (facts(contract.expert).minutes, facts(other.expert).minutes) == (60, 30)


def test_a_field_counts_its_own_gigs_and_those_of_its_specialties():
    cardiology, medicine, law = (field_named(code) for code in ("cardiology", "medicine", "law"))
    contract = make_running()
    contract.project.fields.set([cardiology])
    work_week(contract, minutes=45)
    assert [facts(contract.expert, field).minutes for field in (cardiology, medicine, law)] == [45, 45, 0]
    assert fields_with_work(contract.expert) == [medicine, cardiology]


def test_counting_asks_as_much_for_three_weeks_as_for_one(django_assert_num_queries):
    contract = make_running()
    work_week(contract)
    with django_assert_num_queries(5):
        facts(contract.expert)
    for week in (1, 2):
        work_week(contract, week=week)
    with django_assert_num_queries(5):
        assert facts(contract.expert).minutes == 180
