"""Drafts and submissions: stale writes are shown, late work is parked, a key hands in once, revisions stay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from projects.hiring.models import Contract
from projects.work.actions import claims, submissions
from projects.work.actions.submissions import HandedIn, save_draft, submit_answer
from projects.work.models import Assignment, Submission, Task, TaskEvent
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import NOW, answer_to, claim, make_batch, make_contract, submit

LATER = NOW + timedelta(minutes=46)


@pytest.fixture
def contract(db) -> Contract:
    return make_contract(make_gig())


def hand_in(assignment: Assignment, *, now=NOW, version=None, key=None, then_next=False, **changes) -> HandedIn:
    assignment.refresh_from_db()
    return submit_answer(
        assignment_id=assignment.pk,
        answer=answer_to(assignment.task) | changes,
        version=assignment.draft_version if version is None else version,
        key=key or uuid4(),
        by=assignment.contract.expert.user,
        now=now,
        then_next=then_next,
    )


# ----------------------------------------------------------------------------------------------------------- drafts


def test_each_save_gives_the_draft_a_new_version(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    by = contract.expert.user

    first = save_draft(assignment_id=assignment.pk, answer={"why": "a"}, version=0, by=by, now=NOW)
    second = save_draft(assignment_id=assignment.pk, answer={"why": "ab"}, version=1, by=by, now=LATER)

    assert (first.assignment.draft_version, second.assignment.draft_version) == (1, 2)
    assignment.refresh_from_db()
    assert (assignment.draft, assignment.draft_saved_at) == ({"why": "ab"}, LATER)


def test_a_stale_save_writes_nothing_and_gives_the_other_text(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    by = contract.expert.user
    save_draft(assignment_id=assignment.pk, answer={"why": "on the phone"}, version=0, by=by, now=NOW)

    stale = save_draft(assignment_id=assignment.pk, answer={"why": "on the desk"}, version=0, by=by, now=NOW)

    assert stale.is_stale
    assert (stale.assignment.draft, stale.assignment.draft_version) == ({"why": "on the phone"}, 1)


def test_saving_the_same_text_again_is_no_conflict(contract):
    """A browser that did not hear the answer sends the same draft again with the old version."""
    make_batch(contract.project)
    assignment = claim(contract)
    by = contract.expert.user
    save_draft(assignment_id=assignment.pk, answer={"why": "same"}, version=0, by=by, now=NOW)

    again = save_draft(assignment_id=assignment.pk, answer={"why": "same"}, version=0, by=by, now=NOW)

    assert (again.is_stale, again.assignment.draft_version) == (False, 1)


def test_a_draft_can_be_saved_after_the_lease_but_not_after_the_submit(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    by = contract.expert.user
    claims.release_expired(now=LATER)
    saved = save_draft(assignment_id=assignment.pk, answer={"why": "late words"}, version=0, by=by, now=LATER)
    assert saved.assignment.draft == {"why": "late words"}

    submit(assignment, now=LATER)
    with pytest.raises(WrongState):
        save_draft(assignment_id=assignment.pk, answer={"why": "x"}, version=2, by=by, now=LATER)


def test_nobody_else_writes_the_draft_and_it_has_a_limit(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    stranger = make_contract(contract.project).expert.user
    with pytest.raises(NotAllowed):
        save_draft(assignment_id=assignment.pk, answer={}, version=0, by=stranger, now=NOW)
    with pytest.raises(Invalid, match="256 kB"):
        save_draft(
            assignment_id=assignment.pk, answer={"why": "x" * 262_144}, version=0, by=contract.expert.user, now=NOW
        )


# ------------------------------------------------------------------------------------------------------ submissions


def test_a_submit_makes_revision_one_and_starts_the_seven_days(contract):
    make_batch(contract.project)
    assignment = claim(contract)

    done = hand_in(assignment)

    assert (done.submission.revision, done.submission.answer) == (1, answer_to(assignment.task))
    assignment.refresh_from_db()
    assert (assignment.state, assignment.is_late, assignment.holds_slot) == ("SUBMITTED", False, True)
    assert assignment.due_at == NOW + timedelta(days=7)
    assert Task.objects.get(pk=assignment.task_id).open_slots == 0


def test_submitting_takes_the_next_task_in_the_same_transaction(contract):
    make_batch(contract.project, tasks=2)
    first = claim(contract)

    done = hand_in(first, then_next=True)

    assert done.following.state == "WORKING"
    assert done.following.task_id != first.task_id
    assert hand_in(done.following, then_next=True).following is None


def test_the_same_key_hands_in_once(contract):
    make_batch(contract.project, tasks=2)
    assignment = claim(contract)
    key = uuid4()

    first = hand_in(assignment, key=key, then_next=True)
    again = hand_in(assignment, key=key, then_next=True)

    assert first.submission == again.submission
    assert first.following == again.following
    assert Submission.objects.count() == 1
    with pytest.raises(Conflict):
        hand_in(first.following, key=key)


def test_a_submit_on_an_old_draft_is_shown_the_newer_one(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    save_draft(assignment_id=assignment.pk, answer={"why": "newer"}, version=0, by=contract.expert.user, now=NOW)

    done = hand_in(assignment, version=0)

    assert done.is_stale
    assert done.assignment.draft == {"why": "newer"}
    assert Submission.objects.count() == 0


def test_a_lease_that_ran_out_unnoticed_still_submits(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    assert hand_in(assignment, now=LATER).assignment.is_late is False


def test_after_the_lease_a_free_place_is_taken_back(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    claims.release_expired(now=LATER)

    done = hand_in(assignment, now=LATER)

    assert (done.assignment.is_late, done.assignment.holds_slot) == (False, True)
    assert Task.objects.get(pk=assignment.task_id).open_slots == 0


def test_when_the_place_is_gone_the_work_is_parked_and_never_dropped(contract):
    """Reference G3: expire, let another claim, submit both."""
    make_batch(contract.project, tasks=1)
    mine = claim(contract)
    claims.release_expired(now=LATER)
    theirs = claim(make_contract(contract.project), now=LATER)

    late, punctual = hand_in(mine, now=LATER), hand_in(theirs, now=LATER)

    assert (late.assignment.state, late.assignment.is_late, late.assignment.holds_slot) == ("SUBMITTED", True, False)
    assert (punctual.assignment.is_late, punctual.assignment.holds_slot) == (False, True)
    assert Task.objects.get(pk=mine.task_id).open_slots == 0
    assert TaskEvent.objects.filter(kind="PARKED").get().assignment_id == mine.pk


def test_work_on_a_blocked_task_is_parked_too(contract):
    make_batch(contract.project, tasks=1)
    assignment = claim(contract)
    claims.release_expired(now=LATER)
    Task.objects.update(state="BLOCKED")
    assert hand_in(assignment, now=LATER).assignment.is_late is True


def test_an_incomplete_answer_is_refused_with_a_sentence_for_each_field(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    with pytest.raises(Invalid) as refusal:
        hand_in(assignment, why="too short", verdict="", confidence=None)
    assert refusal.value.facts["errors"] == {
        "verdict": ["Choose a verdict."],
        "why": ["Say why in 60 to 4,000 characters; there are 9."],
        "confidence": ["Say how sure you are, from 1 to 5."],
    }
    assert Submission.objects.count() == 0


def test_active_time_is_counted_for_each_revision(contract):
    from projects.work.enums import ReviewDecision
    from tests.factories.projects_work import review

    make_batch(contract.project)
    assignment = claim(contract)
    Assignment.objects.filter(pk=assignment.pk).update(active_seconds=600)
    submit(assignment)
    review(assignment, ReviewDecision.SEND_BACK, comment="Look at mark 1 again.")
    Assignment.objects.filter(pk=assignment.pk).update(active_seconds=690)
    submit(
        assignment, now=LATER, why="Corrected: it starts the remedy far above the limit, and the checks come too late."
    )

    seconds = list(Submission.objects.order_by("revision").values_list("active_seconds", flat=True))
    assert seconds == [600, 90]


@pytest.mark.parametrize("sql", ["UPDATE work_submission SET revision = 2", "DELETE FROM work_submission"])
def test_the_database_keeps_a_submission_as_it_is(contract, sql):
    make_batch(contract.project)
    submit(claim(contract))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_only_the_expert_submits(contract):
    make_batch(contract.project)
    assignment = claim(contract)
    with pytest.raises(NotAllowed):
        submit_answer(
            assignment_id=assignment.pk,
            answer=answer_to(assignment.task),
            version=0,
            key=uuid4(),
            by=make_contract(contract.project).expert.user,
            now=NOW,
        )


@pytest.mark.django_db(transaction=True)
def test_pressing_submit_eight_times_at_once_hands_in_once_and_takes_one_task():
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=9)
    assignment = claim(contract)
    ready, key = Barrier(8), uuid4()

    def press(_):
        try:
            ready.wait()
            return hand_in(Assignment.objects.with_task().get(pk=assignment.pk), key=key, then_next=True).following.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as windows:
        following = set(windows.map(press, range(8)))

    assert len(following) == 1
    assert Submission.objects.count() == 1
    assert Assignment.objects.count() == 2


def test_a_correction_that_does_not_come_gives_the_task_to_others(contract):
    from projects.work.enums import ReviewDecision
    from tests.factories.projects_work import make_submitted, review

    make_batch(contract.project, tasks=1)
    assignment = review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Again, please look at mark 1.")

    assert submissions.release_overdue_corrections(now=NOW + timedelta(days=3, seconds=-1)) == 0
    assert submissions.release_overdue_corrections(now=NOW + timedelta(days=3)) == 1

    assignment.refresh_from_db()
    assert (assignment.state, assignment.holds_slot) == ("RELEASED", False)
    assert claim(make_contract(contract.project)).task_id == assignment.task_id
    assert hand_in(assignment, now=NOW + timedelta(days=4)).assignment.is_late is True
