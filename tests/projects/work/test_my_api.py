"""The API of an expert's own work: tasks, answers and reviews, own things only, and no more questions for more rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from projects.labs.enums import Scope
from projects.work.actions import claims
from projects.work.enums import ReviewDecision, SkipReason
from tests.factories.projects_labs import NOW, browse, make_key, make_lab, make_person, owner_of
from tests.factories.projects_listings import make_expert, make_gig
from tests.factories.projects_work import claim, make_batch, make_contract, make_submitted, review, submit
from tests.support.asking import questions

pytestmark = pytest.mark.django_db
MINE = ["assignments", "submissions"]


def test_an_expert_reads_the_tasks_they_took():
    contract = make_contract(make_gig(make_lab(is_anonymous=True)))
    make_batch(contract.project, tasks=2)
    first = claim(contract)
    claims.skip_task(
        assignment_id=first.pk, reason=SkipReason.BAD_TASK, note="No question.", by=contract.expert.user, now=NOW
    )
    second = make_submitted(contract, now=NOW + timedelta(minutes=5))
    me = browse(contract.expert.user)
    shared = {
        "contract": str(contract.public_id),
        "project": str(contract.project.public_id),
        "title": "Physician Talent Network",
        "lab": "AI research organisation",
        "kind": "ANSWER_REVIEW",
        "is_late": False,
        "rounds": 0,
        "active_seconds": 0,
        "decided_at": None,
    }
    assert me.get("/api/v1/me/assignments/").json() == {
        "next": None,
        "previous": None,
        "results": [
            shared
            | {
                "id": str(second.public_id),
                "task": second.task.external_id,
                "state": "SUBMITTED",
                "claimed_at": "2026-11-18T09:35:00Z",
                "lease_until": "2026-11-18T10:20:00Z",
                "submitted_at": "2026-11-18T09:35:00Z",
                "due_at": "2026-11-25T09:35:00Z",
                "skip_reason": "",
                "skip_note": "",
            },
            shared
            | {
                "id": str(first.public_id),
                "task": first.task.external_id,
                "state": "SKIPPED",
                "claimed_at": "2026-11-18T09:30:00Z",
                "lease_until": "2026-11-18T10:15:00Z",
                "submitted_at": None,
                "due_at": None,
                "skip_reason": "BAD_TASK",
                "skip_note": "No question.",
            },
        ],
    }
    only = me.get("/api/v1/me/assignments/?state=SKIPPED").json()["results"]
    assert [row["id"] for row in only] == [str(first.public_id)]
    nonsense = me.get("/api/v1/me/assignments/?state=NONSENSE")
    assert (nonsense.status_code, nonsense.json()["code"]) == (400, "invalid")


def test_an_expert_reads_each_answer_with_what_its_reviewer_said():
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=1)
    work = review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Say why.")
    submit(work, why="Five millimole is the limit, and the remedy starts above it; the check comes too late.")
    newest, oldest = browse(contract.expert.user).get("/api/v1/me/submissions/").json()["results"]
    assert oldest["review"] == {
        "decision": "SEND_BACK",
        "reject_code": "",
        "comment": "Say why.",
        "field_comments": [],
        "by": "reviewer",
        "decided_at": "2026-11-18T09:30:00Z",
    }
    answer = newest.pop("answer")
    assert answer["why"].startswith("Five millimole")
    assert newest == {
        "id": str(work.submissions.get(revision=2).public_id),
        "assignment": str(work.public_id),
        "project": str(contract.project.public_id),
        "task": work.task.external_id,
        "revision": 2,
        "active_seconds": 0,
        "submitted_at": "2026-11-18T09:30:00Z",
        "review": None,
    }


@pytest.mark.parametrize("what", MINE)
def test_nobody_reads_what_is_anothers(what):
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=1)
    make_submitted(contract)
    colleague = make_contract(contract.project, name="Somebody Else")
    for person in (colleague.expert.user, owner_of(contract.lab), make_person()):
        assert browse(person).get(f"/api/v1/me/{what}/").json()["results"] == []
    _key, text = make_key(contract.lab, *Scope)
    assert Client(headers={"Authorization": f"Bearer {text}"}).get(f"/api/v1/me/{what}/").status_code == 403
    assert Client().get(f"/api/v1/me/{what}/").status_code == 401


@pytest.mark.parametrize("what", MINE)
def test_what_is_for_the_lab_only_stays_with_it(what):
    """The columns that an expert must not see, and who reviewed."""
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=1)
    review(make_submitted(contract), ReviewDecision.ACCEPT)
    text = browse(contract.expert.user).get(f"/api/v1/me/{what}/").content.decode()
    assert "hidden-model-7" not in text
    assert str(owner_of(contract.lab).public_id) not in text
    assert owner_of(contract.lab).full_name not in text


@pytest.mark.full
@pytest.mark.parametrize("what", MINE)
def test_one_row_and_three_cost_the_same_number_of_questions(what):
    counts = []
    for number in (1, 3):
        contract = make_contract(make_gig(), make_expert(make_person()))
        make_batch(contract.project, tasks=number)
        for _one in range(number):
            review(make_submitted(contract), ReviewDecision.ACCEPT)
        counts.append(questions(browse(contract.expert.user), f"/api/v1/me/{what}/"))
    assert counts == [5, 5]
