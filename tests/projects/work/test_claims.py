"""Handing out tasks: nobody gets one twice, no task gets too many, nothing is lost when a lease runs out."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from projects.hiring.models import Contract
from projects.listings.models import Project
from projects.work.actions import claims
from projects.work.enums import AssignmentState, SkipReason, TaskState
from projects.work.models import Assignment, Batch, Task, TaskEvent
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import NOW, claim, make_batch, make_contract, reads, submit

LATER = NOW + timedelta(minutes=46)


@pytest.fixture
def contract(project) -> Contract:
    return make_contract(project)


def slots(batch: Batch) -> list[int]:
    return list(Task.objects.filter(batch=batch).in_order().values_list("open_slots", flat=True))


def test_a_claim_hands_out_the_first_task_and_takes_its_slot(project, contract):
    batch = make_batch(project, tasks=2)

    assignment = claims.claim_next(contract=contract, by=contract.expert.user, now=NOW)

    assert assignment is not None
    assert assignment.task == Task.objects.filter(batch=batch).in_order()[0]
    assert (assignment.state, assignment.holds_slot) == (AssignmentState.WORKING, True)
    assert assignment.lease_until == NOW + timedelta(minutes=45)
    assert slots(batch) == [0, 1]
    assert [event.kind for event in TaskEvent.objects.all()] == ["CLAIMED"]


def test_a_second_claim_gives_the_task_that_is_in_hand(project, contract):
    make_batch(project, tasks=2)
    first = claim(contract)

    assert claim(contract, now=NOW + timedelta(minutes=5)).pk == first.pk
    assert Assignment.objects.count() == 1


def test_a_finished_task_never_comes_again(project, contract):
    make_batch(project, tasks=2, overlap=3)
    done = {submit(claim(contract)).task_id, submit(claim(contract)).task_id}

    assert len(done) == 2
    assert claims.claim_next(contract=contract, by=contract.expert.user, now=NOW) is None


def test_the_batch_with_the_higher_priority_comes_first_also_when_it_starts_later(project, contract):
    make_batch(project, tasks=2, priority=0)
    submit(claim(contract))
    urgent = make_batch(project, tasks=1, priority=5, name="Urgent")

    assert claim(contract).task.batch_id == urgent.pk


def test_a_paused_batch_hands_out_nothing_and_a_resumed_one_does(project, contract):
    from projects.work.actions.batches import pause_batch, resume_batch
    from tests.factories.projects_labs import owner_of

    batch = make_batch(project, tasks=1)
    pause_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)
    assert claims.claim_next(contract=contract, by=contract.expert.user, now=NOW) is None

    resume_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)
    assert claim(contract).task.batch_id == batch.pk


@pytest.mark.parametrize(("model", "state"), [(Contract, "PAUSED"), (Project, "PAUSED")])
def test_a_paused_contract_or_project_hands_out_nothing(project, contract, model, state):
    make_batch(project, tasks=1)
    model.objects.all().update(state=state)

    assert claims.claim_next(contract=contract, by=contract.expert.user, now=NOW) is None


def test_only_the_expert_of_a_contract_claims_under_it(project, contract):
    make_batch(project, tasks=1)
    with pytest.raises(NotAllowed):
        claims.claim_next(contract=contract, by=make_contract(project).expert.user, now=NOW)


def test_a_slot_that_came_back_is_found_behind_the_cursor(project, contract):
    batch = make_batch(project, tasks=2)
    other = make_contract(project)
    first = claim(other)
    submit(claim(contract))
    claims.skip_task(
        assignment_id=first.pk, reason=SkipReason.OUTSIDE_EXPERTISE, note="", by=other.expert.user, now=NOW
    )

    assert claim(contract).task_id == first.task_id
    assert slots(batch) == [0, 0]


def test_a_lease_that_ran_out_gives_the_task_to_others_and_keeps_the_draft(project, contract):
    batch = make_batch(project, tasks=1)
    assignment = claim(contract)
    Assignment.objects.filter(pk=assignment.pk).update(draft={"why": "half a sentence"}, draft_version=3)

    assert claims.release_expired(now=NOW + timedelta(minutes=44)) == 0
    assert claims.release_expired(now=LATER) == 1
    assert claims.release_expired(now=LATER) == 0

    assignment.refresh_from_db()
    assert (assignment.state, assignment.holds_slot) == (AssignmentState.RELEASED, False)
    assert assignment.draft == {"why": "half a sentence"}
    assert slots(batch) == [1]


def test_a_released_task_can_be_taken_back_while_its_place_is_free(project, contract):
    batch = make_batch(project, tasks=1)
    assignment = claim(contract)
    claims.release_expired(now=LATER)

    claims.take_back(assignment_id=assignment.pk, by=contract.expert.user, now=LATER)

    assignment.refresh_from_db()
    assert (assignment.state, assignment.holds_slot) == (AssignmentState.WORKING, True)
    assert slots(batch) == [0]


def test_a_released_task_that_somebody_else_took_cannot_be_taken_back(project, contract):
    make_batch(project, tasks=1)
    assignment = claim(contract)
    claims.release_expired(now=LATER)
    claim(make_contract(project), now=LATER)

    with pytest.raises(Refused, match="Somebody else has this task now"):
        claims.take_back(assignment_id=assignment.pk, by=contract.expert.user, now=LATER)


def test_with_another_task_in_hand_nothing_is_taken_back(project, contract):
    make_batch(project, tasks=2)
    first = claim(contract)
    claims.release_expired(now=LATER)
    claim(contract, now=LATER)

    with pytest.raises(Refused, match="another task of this project in hand"):
        claims.take_back(assignment_id=first.pk, by=contract.expert.user, now=LATER)


def test_a_skip_gives_the_slot_back_and_is_not_handed_out_again(project, contract):
    batch = make_batch(project, tasks=1)
    assignment = claim(contract)

    claims.skip_task(
        assignment_id=assignment.pk,
        reason=SkipReason.CONFLICT,
        note="My own patient.",
        by=contract.expert.user,
        now=NOW,
    )

    assignment.refresh_from_db()
    assert (assignment.state, assignment.skip_reason) == (AssignmentState.SKIPPED, "CONFLICT")
    assert slots(batch) == [1]
    assert claims.claim_next(contract=contract, by=contract.expert.user, now=NOW) is None
    assert TaskEvent.objects.get(kind="SKIPPED").words == "Conflict of interest. My own patient."


def test_the_second_report_of_a_broken_task_blocks_it_and_tells_the_lab(project, contract):
    from marketplace.notices.models import Notification
    from tests.factories.projects_labs import owner_of

    batch = make_batch(project, tasks=1)
    for expert in (contract, make_contract(project)):
        assert Task.objects.get().state == TaskState.OPEN
        claims.skip_task(
            assignment_id=claim(expert).pk,
            reason=SkipReason.BAD_TASK,
            note="The question is cut off.",
            by=expert.expert.user,
            now=NOW,
        )

    task = Task.objects.get()
    batch.refresh_from_db()
    assert (task.state, task.bad_reports, task.open_slots) == (TaskState.BLOCKED, 2, 1)
    assert batch.tasks_blocked == 1
    assert Notification.objects.filter(user=owner_of(project.lab), path__contains=str(task.public_id)).count() == 1


def test_what_was_submitted_cannot_be_skipped(project, contract):
    make_batch(project, tasks=1)
    assignment = submit(claim(contract))
    with pytest.raises(WrongState):
        claims.skip_task(
            assignment_id=assignment.pk, reason=SkipReason.TECHNICAL, note="", by=contract.expert.user, now=NOW
        )


# ------------------------------------------------------------------------------------------------------- heartbeats


def beat(assignment: Assignment, seconds: int, *, visible: bool = True, idle: int = 0) -> Assignment:
    return claims.beat(
        assignment_id=assignment.pk,
        visible=visible,
        idle_seconds=idle,
        by=assignment.contract.expert.user,
        now=NOW + timedelta(seconds=seconds),
    )


def test_a_beat_counts_the_time_since_the_last_one_and_renews_the_lease(project, contract):
    make_batch(project, tasks=1)
    assignment = claim(contract)

    assert beat(assignment, 15).active_seconds == 15
    after = beat(assignment, 30)

    assert after.active_seconds == 30
    assert after.lease_until == NOW + timedelta(minutes=45, seconds=30)


@pytest.mark.parametrize(
    ("second", "options"),
    [(30, {"visible": False}), (30, {"idle": 90}), (76, {})],
    ids=["hidden", "idle", "after a long silence"],
)
def test_time_away_is_not_counted(project, contract, second, options):
    make_batch(project, tasks=1)
    assignment = claim(contract)
    beat(assignment, 15)

    assert beat(assignment, second, **options).active_seconds == 15


def test_an_absent_expert_does_not_keep_the_lease(project, contract):
    make_batch(project, tasks=1)
    assignment = claim(contract)

    assert beat(assignment, 600, idle=300).lease_until == assignment.lease_until


def test_two_windows_do_not_count_the_same_seconds_twice(project, contract):
    make_batch(project, tasks=1)
    assignment = claim(contract)

    seconds = [beat(assignment, second).active_seconds for second in (10, 10, 20, 20, 15)]

    assert seconds == [10, 10, 20, 20, 20]


# ------------------------------------------------------------------------------------------------------------ races


def race(contracts, take) -> list[object]:
    """Let every expert take until there is nothing left, all at the same moment."""
    ready = Barrier(len(contracts))

    def run(contract):
        taken = []
        try:
            ready.wait()
            while (found := take(contract)) is not None:
                taken.append(found)
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(max_workers=len(contracts)) as experts:
        return [one for taken in experts.map(run, contracts) for one in taken]


@pytest.mark.parametrize(("experts", "tasks"), [(6, 12), pytest.param(16, 40, marks=pytest.mark.full)])
@pytest.mark.django_db(transaction=True)
def test_experts_at_once_fill_every_task_exactly_three_times(experts, tasks):
    project = make_gig(places_wanted=40)
    batch = make_batch(project, tasks=tasks, overlap=3)
    contracts = [make_contract(project) for _ in range(experts)]

    def take(contract):
        assignment = claims.claim_next(contract=contract, by=contract.expert.user, now=NOW)
        if assignment is None:
            return None
        submit(assignment)
        return contract.pk, assignment.task_id

    handed_out = race(contracts, take)

    assert len(handed_out) == len(set(handed_out)) == 3 * tasks
    assert set(Counter(task for _, task in handed_out).values()) == {3}
    assert slots(batch) == [0] * tasks
    done = Assignment.objects.filter(state=AssignmentState.SUBMITTED, holds_slot=True, is_late=False)
    assert done.count() == 3 * tasks


@pytest.mark.django_db(transaction=True)
def test_reading_before_writing_hands_out_the_same_slot_twice():
    """The negative control: the same race without locks overfills, so the race above can fail."""
    project = make_gig(places_wanted=40)
    make_batch(project, tasks=12, overlap=3)
    contracts = [make_contract(project) for _ in range(6)]
    ready = Barrier(6)

    def take(contract):
        mine = Assignment.objects.filter(contract=contract).values("task")
        task = Task.objects.filter(open_slots__gt=0).exclude(pk__in=mine).in_order().first()
        if task is None:
            return None
        if Assignment.objects.filter(contract=contract).count() == 0:
            ready.wait()  # All have read before the first one writes, as happens on a busy day.
        Task.objects.filter(pk=task.pk).update(open_slots=task.open_slots - 1)
        Assignment.objects.create(
            task=task, contract=contract, project=project, state="SUBMITTED", claimed_at=NOW, lease_until=NOW,
            heartbeat_at=NOW,
        )  # fmt: skip
        return contract.pk, task.pk

    handed_out = race(contracts, take)

    assert max(Counter(task for _, task in handed_out).values()) > 3


@pytest.mark.django_db(transaction=True)
def test_one_expert_pressing_in_eight_windows_gets_one_task():
    project = make_gig()
    make_batch(project, tasks=20)
    contract = make_contract(project)
    ready = Barrier(8)

    def press(_):
        try:
            ready.wait()
            found = claims.claim_next(contract=contract, by=contract.expert.user, now=NOW)
            return found and found.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as windows:
        answers = set(windows.map(press, range(8)))

    assert len(answers) == 1
    assert Assignment.objects.get().pk in answers
    assert sum(Task.objects.values_list("open_slots", flat=True)) == 19


def test_the_database_itself_refuses_an_overfilled_task(project, contract):
    make_batch(project, tasks=1)
    with pytest.raises(IntegrityError, match="task_is_never_overfilled"), transaction.atomic():
        Task.objects.all().update(open_slots=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.all().update(open_slots=-1)


# ---------------------------------------------------------------------------------------------------------- the plan


def plan_of(contract: Contract) -> str:
    values = {
        "contract": contract.pk, "public_id": "01890a5d-ac96-774b-bcce-b302099a8057", "from_start": False,
        "actor": "x", "now": NOW, "until": NOW,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + claims._SKIPPING, values)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.full
def test_the_claim_walks_the_partial_index_however_much_is_done(project, contract):
    """Design 8, the planner trap: with most of the queue finished the plan must not change to another index."""
    rows = reads(2000, first=50_000)
    batch = make_batch(project, rows=rows)
    Task.objects.filter(batch=batch, position__lt=batch.position_base + 1900).update(open_slots=0, state="DONE")
    for analyzed in (False, True):
        if analyzed:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE work_task, work_assignment, work_batch")
        plan = plan_of(contract)
        assert "Index Scan using task_claimable on work_task" in plan
        assert "task_of_batch" not in plan
        assert "Hash" not in plan.split("work_task task")[1].split("CTE")[0]
