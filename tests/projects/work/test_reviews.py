"""Reviews: leased to one person, never of one's own work, with words and clocks, accepted by silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from projects.hiring.models import Contract
from projects.labs.enums import LabRole
from projects.labs.models import Membership
from projects.work.actions import claims, reviews
from projects.work.actions.blocked import cancel_task, reopen_task
from projects.work.actions.reviews import Verdict, review_submission, take_next_review, take_review
from projects.work.enums import BatchState, ReviewDecision, SkipReason, TaskState
from projects.work.models import Assignment, Batch, Review, Submission, Task, TaskEvent
from tests.factories.projects_labs import join, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import (
    NOW,
    claim,
    make_accepted,
    make_batch,
    make_contract,
    make_submitted,
    review,
    submit,
)

WEEK = timedelta(days=7)
ACCEPT, SEND_BACK, REJECT = ReviewDecision.ACCEPT, ReviewDecision.SEND_BACK, ReviewDecision.REJECT


@pytest.fixture
def contract(db) -> Contract:
    return make_contract(make_gig())


def test_accepting_finishes_the_task_and_the_last_one_finishes_the_batch(contract):
    batch = make_batch(contract.project, tasks=2)

    first = make_accepted(contract)
    batch.refresh_from_db()
    assert (first.state, first.decided_at, first.due_at) == ("ACCEPTED", NOW, None)
    assert Task.objects.get(pk=first.task_id).state == TaskState.DONE
    assert (batch.state, batch.tasks_done, batch.tasks_left) == (BatchState.LIVE, 1, 1)

    make_accepted(contract)
    batch.refresh_from_db()
    assert (batch.state, batch.tasks_done) == (BatchState.FINISHED, 2)
    assert Notification.objects.filter(user=owner_of(batch.lab), title=f"{batch} is finished").count() == 1


def test_with_overlap_two_the_task_is_done_at_the_second_acceptance(contract):
    make_batch(contract.project, tasks=1, overlap=2)
    make_accepted(contract)
    assert Task.objects.get().state == TaskState.OPEN
    make_accepted(make_contract(contract.project))
    assert (Task.objects.get().state, Task.objects.get().accepted_count) == (TaskState.DONE, 2)


def test_work_that_is_sent_back_is_fixed_by_the_same_expert_within_three_days(contract):
    batch = make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    comments = [("verdict", "The mark is critical, so this cannot stand."), ("why", "")]
    review_submission(
        assignment_id=assignment.pk,
        revision=1,
        verdict=Verdict(SEND_BACK, comment="Name the limit.", field_comments=comments),
        by=owner_of(batch.lab),
        now=NOW,
    )

    assignment.refresh_from_db()
    assert (assignment.state, assignment.rounds, assignment.due_at) == ("RETURNED", 1, NOW + timedelta(days=3))
    assert Review.objects.get().field_comments == [
        {"field": "verdict", "text": "The mark is critical, so this cannot stand."}
    ]
    assert Task.objects.get().open_slots == 0  # the place stays theirs
    notice = Notification.objects.get(user=contract.expert.user, title__endswith="came back with comments")
    assert notice.body.startswith("Name the limit.\n\nYou have 3 days")

    submit(assignment, why="Above 5.0 mmol/L the remedy must not be started, and the check after three months is late.")
    assert list(Submission.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]
    assert review(assignment, ACCEPT).state == "ACCEPTED"
    assert [event.kind for event in TaskEvent.objects.order_by("pk")] == [
        "CLAIMED", "SUBMITTED", "RETURNED", "SUBMITTED", "ACCEPTED"
    ]  # fmt: skip


def test_a_rejection_gives_the_place_to_somebody_else_with_code_and_words(contract):
    make_batch(contract.project, tasks=1)
    assignment = review(make_submitted(contract), REJECT, comment="The marked words are right.")

    assert (assignment.state, assignment.holds_slot) == ("REJECTED", False)
    assert Review.objects.get().reject_code == "WRONG"
    assert claim(make_contract(contract.project)).task_id == assignment.task_id
    notice = Notification.objects.get(user=contract.expert.user, title__endswith="was not accepted")
    assert notice.body == (
        "The marks or the verdict are wrong.\n\nThe marked words are right.\n\n"
        "This does not change the hours that you worked."
    )


def test_nobody_reviews_their_own_work(contract):
    make_batch(contract.project, tasks=1)
    expert = contract.expert.user
    Membership.objects.create(lab=contract.project.lab, user=expert, role=LabRole.OWNER, joined_at=NOW)
    assignment = make_submitted(contract)

    assert not Assignment.objects.reviewable_by(expert).exists()
    assert take_next_review(lab=contract.project.lab, by=expert, now=NOW) is None
    with pytest.raises(NotAllowed, match="Nobody reviews their own work"):
        take_review(assignment_id=assignment.pk, by=expert, now=NOW)
    with pytest.raises(NotAllowed, match="Nobody reviews their own work"):
        review(assignment, ACCEPT, by=expert)


def test_members_who_only_read_do_not_review_and_reviewers_do(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    with pytest.raises(NotAllowed):
        review(assignment, ACCEPT, by=join(contract.project.lab, LabRole.MEMBER))
    assert review(assignment, ACCEPT, by=join(contract.project.lab, LabRole.REVIEWER)).state == "ACCEPTED"


def test_what_one_reviewer_has_open_another_cannot_decide_for_half_an_hour(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    one, other = (join(contract.project.lab, LabRole.REVIEWER, name) for name in ("Ada One", "Ben Other"))
    take_review(assignment_id=assignment.pk, by=one, now=NOW)

    with pytest.raises(Refused, match="Ada One has this open"):
        take_review(assignment_id=assignment.pk, by=other, now=NOW + timedelta(minutes=29))
    with pytest.raises(Refused, match="Ada One has this open"):
        review(assignment, ACCEPT, by=other)
    assert take_next_review(lab=contract.project.lab, by=other, now=NOW) is None

    assert take_review(assignment_id=assignment.pk, by=other, now=NOW + timedelta(minutes=30)).reviewer == other


def test_a_reviewer_who_puts_it_back_frees_it_at_once(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    one, other = (join(contract.project.lab, LabRole.REVIEWER) for _ in range(2))
    take_review(assignment_id=assignment.pk, by=one, now=NOW)
    reviews.put_back_review(assignment_id=assignment.pk, by=other)  # not theirs: nothing happens
    assert take_next_review(lab=contract.project.lab, by=other, now=NOW) is None
    reviews.put_back_review(assignment_id=assignment.pk, by=one)
    assert take_next_review(lab=contract.project.lab, by=other, now=NOW).pk == assignment.pk


def test_the_next_review_is_the_one_whose_clock_runs_out_first(contract):
    make_batch(contract.project, tasks=2)
    later = make_submitted(contract, now=NOW + timedelta(hours=1))
    other = make_contract(contract.project)
    sooner = make_submitted(other, now=NOW)
    reviewer = owner_of(contract.project.lab)

    assert take_next_review(lab=contract.project.lab, by=reviewer, now=NOW + timedelta(hours=2)).pk == sooner.pk
    review(sooner, ACCEPT)
    assert take_next_review(lab=contract.project.lab, by=reviewer, now=NOW + timedelta(hours=2)).pk == later.pk


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict(SEND_BACK), "Say in words why"),
        (Verdict(REJECT, reject_code="WRONG"), "Say in words why"),
        (Verdict(REJECT, comment="No."), "Choose the reason"),
        (Verdict(REJECT, comment="No.", reject_code="BECAUSE"), "listed reasons"),
        (Verdict(ACCEPT, reject_code="WRONG"), "Choose the reason"),
        (Verdict(SEND_BACK, comment="x", field_comments=[("shoe_size", "x")]), "does not have"),
    ],
)
def test_a_decision_without_its_reasons_is_refused(contract, verdict, sentence):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    with pytest.raises(Invalid, match=sentence):
        review_submission(
            assignment_id=assignment.pk, revision=1, verdict=verdict, by=owner_of(contract.project.lab), now=NOW
        )
    assert Review.objects.count() == 0


def test_work_is_sent_back_three_times_at_most(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    for round_ in range(3):
        review(assignment, SEND_BACK, comment="Once more.")
        submit(assignment, why=f"Corrected for the {round_ + 1}. time: the limit of potassium is passed by far here.")
    with pytest.raises(Refused, match="sent back 3 times"):
        review(assignment, SEND_BACK, comment="Once more.")
    assert review(assignment, ACCEPT).state == "ACCEPTED"


def test_a_newer_revision_is_not_decided_unseen_and_nothing_is_decided_twice(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    by = owner_of(contract.project.lab)
    with pytest.raises(WrongState, match="another revision"):
        review_submission(assignment_id=assignment.pk, revision=2, verdict=Verdict(ACCEPT), by=by, now=NOW)
    review(assignment, ACCEPT)
    with pytest.raises(WrongState, match="does not wait for a review"):
        review(assignment, REJECT, comment="Too late.")


def test_seven_days_of_silence_accept(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)

    assert reviews.accept_silent(now=NOW + WEEK - timedelta(seconds=1)) == 0
    assert reviews.accept_silent(now=NOW + WEEK) == 1
    assert reviews.accept_silent(now=NOW + WEEK) == 0

    assignment.refresh_from_db()
    decided = Review.objects.get()
    assert (assignment.state, decided.reviewer, decided.decision) == ("ACCEPTED", None, "ACCEPT")
    assert Task.objects.get().state == TaskState.DONE


def test_silence_waits_for_a_reviewer_who_has_it_open(contract):
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    reviewer = owner_of(contract.project.lab)
    take_review(assignment_id=assignment.pk, by=reviewer, now=NOW + WEEK - timedelta(minutes=5))
    assert reviews.accept_silent(now=NOW + WEEK) == 0
    assert reviews.accept_silent(now=NOW + WEEK + timedelta(minutes=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_deciding_at_once_decide_once():
    contract = make_contract(make_gig())
    batch = make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract)
    people = [join(contract.project.lab, LabRole.REVIEWER) for _ in range(6)]
    ready = Barrier(6)

    def decide(person):
        try:
            ready.wait()
            decision = (ACCEPT, REJECT)[person.pk % 2]
            review(Assignment.objects.with_task().get(pk=assignment.pk), decision, by=person, comment="Because.")
        except WrongState:
            return "refused"
        else:
            return "decided"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=6) as reviewers:
        outcomes = sorted(reviewers.map(decide, people))

    assert outcomes == ["decided"] + ["refused"] * 5
    batch.refresh_from_db()
    assert Review.objects.count() == 1
    assert batch.tasks_done == (1 if Review.objects.get().decision == "ACCEPT" else 0)


def test_the_database_refuses_a_rejection_without_words_or_code(contract):
    make_batch(contract.project, tasks=1)
    submission = make_submitted(contract).submissions.get()
    by = owner_of(contract.project.lab)
    for values in ({"comment": ""}, {"comment": "x", "reject_code": ""}, {"comment": "x", "reviewer": None}):
        facts = {"reviewer": by, "reject_code": "WRONG"} | values
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(submission=submission, decision="REJECT", decided_at=NOW, **facts)


# ------------------------------------------------------------------------------------------------- reported tasks


def block(contract: Contract) -> Task:
    """A task that two experts called broken."""
    for expert in (contract, make_contract(contract.project)):
        assignment = claim(expert)
        claims.skip_task(
            assignment_id=assignment.pk, reason=SkipReason.BAD_TASK, note="", by=expert.expert.user, now=NOW
        )
    return Task.objects.get(state=TaskState.BLOCKED)


def test_the_lab_opens_a_reported_task_again(contract):
    batch = make_batch(contract.project, tasks=1)
    task = reopen_task(task_id=block(contract).pk, by=owner_of(batch.lab), now=NOW)

    batch.refresh_from_db()
    assert (task.state, task.bad_reports, batch.tasks_blocked) == (TaskState.OPEN, 0, 0)
    assert claim(make_contract(contract.project)).task_id == task.pk


def test_a_reported_task_that_has_its_answers_is_done_when_it_is_opened_again(contract):
    batch = make_batch(contract.project, tasks=1)
    slow = claim(make_contract(contract.project))
    claims.release_expired(now=NOW + timedelta(hours=1))
    task = block(contract)
    review(submit(slow), ReviewDecision.ACCEPT)
    assert Task.objects.get().state == TaskState.BLOCKED  # acceptance opens no task that a lab must look at

    reopened = reopen_task(task_id=task.pk, by=owner_of(batch.lab), now=NOW)
    batch.refresh_from_db()
    assert (reopened.state, batch.tasks_blocked, batch.tasks_done) == (TaskState.DONE, 0, 1)
    assert batch.state == BatchState.FINISHED


def test_taking_the_last_reported_task_out_finishes_the_batch(contract):
    batch = make_batch(contract.project, tasks=1)
    cancel_task(task_id=block(contract).pk, by=owner_of(batch.lab), now=NOW)

    batch.refresh_from_db()
    assert (batch.state, batch.tasks_cancelled, batch.tasks_blocked) == (BatchState.FINISHED, 1, 0)
    with pytest.raises(WrongState):
        cancel_task(task_id=Task.objects.get().pk, by=owner_of(batch.lab), now=NOW)


def test_a_reviewer_may_not_open_or_cancel_tasks(contract):
    batch = make_batch(contract.project, tasks=1)
    task = block(contract)
    for action in (reopen_task, cancel_task):
        with pytest.raises(NotAllowed):
            action(task_id=task.pk, by=join(batch.lab, LabRole.REVIEWER), now=NOW)
    assert Batch.objects.get().tasks_blocked == 1
