"""Deciding about many at once: nobody is told while it can be undone, and it counts once."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.errors import Conflict, NotAllowed, Refused, WrongState
from projects.hiring.actions import applications, held
from projects.hiring.actions.held import apply_held_decisions
from projects.hiring.enums import (
    DECISION_DAYS,
    HOLD_MINUTES,
    ApplicationState,
    DeclineCode,
    HeldKind,
    HeldState,
)
from projects.hiring.models import Application, HeldDecision
from projects.labs.enums import LabRole
from projects.labs.models import Membership
from tests.factories.projects_candidates import REASON, held_of, hold
from tests.factories.projects_hiring import (
    NOW,
    at_once,
    make_applicant,
    make_expert,
    make_gig,
    make_offer,
    owner_of,
    told,
)
from tests.factories.projects_labs import browse, join
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OVER = NOW + timedelta(minutes=HOLD_MINUTES)


def three() -> list[Application]:
    gig = make_gig(places_wanted=9)
    return [make_applicant(gig, make_expert(f"Person {number}")) for number in range(3)]


def states(rows: list[Application]) -> list[str]:
    return [Application.objects.get(pk=row.pk).state for row in rows]


def test_nobody_is_told_before_the_minutes_are_over_and_then_each_once():
    rows = three()
    found = hold(*rows[:2])
    assert (found.count, found.left_out, found.applies_at) == (2, 0, OVER)
    assert apply_held_decisions(now=OVER - timedelta(seconds=1)) == 0
    assert states(rows) == ["SUBMITTED"] * 3
    assert told(rows[0].expert.user, "applications") == []
    assert [apply_held_decisions(now=OVER) for _twice in range(2)] == [2, 0]
    assert states(rows) == ["DECLINED", "DECLINED", "SUBMITTED"]
    rows[0].refresh_from_db()
    assert (rows[0].decline_reason, rows[0].decided_by) == (REASON, owner_of(rows[0].project.lab))
    assert told(rows[0].expert.user, "applications") == ["Physician Talent Network: the lab declined"]


def test_undone_in_time_nothing_happened():
    rows = three()
    found = hold(*rows)
    lab = rows[0].project.lab
    by = join(lab, LabRole.MANAGER)
    assert held.undo_decisions(lab_id=lab.pk, group=found.group, by=by, now=OVER - timedelta(seconds=1)) == 3
    assert apply_held_decisions(now=OVER) == 0
    assert states(rows) == ["SUBMITTED"] * 3
    assert told(rows[0].expert.user, "applications") == []
    with pytest.raises(WrongState):
        held.undo_decisions(lab_id=lab.pk, group=found.group, by=by, now=NOW)


def test_what_counts_already_cannot_be_undone():
    rows = three()
    found = hold(*rows, kind=HeldKind.SHORTLIST)
    with pytest.raises(WrongState, match="counts already"):
        held.undo_decisions(
            lab_id=rows[0].project.lab.pk, group=found.group, by=owner_of(rows[0].project.lab), now=OVER
        )
    apply_held_decisions(now=OVER)
    assert states(rows) == ["SHORTLISTED"] * 3


def test_candidates_of_whom_it_cannot_be_said_are_left_out():
    rows = three()
    owner = owner_of(rows[0].project.lab)
    applications.withdraw_application(application_id=rows[0].public_id, by=rows[0].expert.user, now=NOW)
    hold(rows[1])
    found = hold(*rows)
    assert (found.count, found.left_out) == (1, 2)
    with pytest.raises(Refused, match="None of the chosen"):
        hold(*rows)
    foreign = three()
    with pytest.raises(Refused, match="None of the chosen"):
        held.hold_decisions(
            lab_id=rows[0].project.lab.pk, application_ids=[row.public_id for row in foreign],
            kind=HeldKind.SHORTLIST, by=owner, now=NOW,
        )  # fmt: skip


def test_whoever_withdraws_or_gets_an_offer_meanwhile_is_not_declined():
    rows = three()
    hold(*rows[:2])
    applications.withdraw_application(application_id=rows[0].public_id, by=rows[0].expert.user, now=NOW)
    make_offer(rows[1])
    apply_held_decisions(now=OVER)
    assert states(rows[:2]) == ["WITHDRAWN", "OFFERED"]
    assert [(held_of(row).state, held_of(row).words) for row in rows[:2]] == [
        (HeldState.DROPPED, "It moved on meanwhile: withdrawn."), (HeldState.DROPPED, "It moved on meanwhile: offer made."),
    ]  # fmt: skip


def test_a_decision_of_somebody_who_left_the_lab_comes_to_nothing():
    row = three()[0]
    manager = join(row.project.lab, LabRole.MANAGER)
    held.hold_decisions(
        lab_id=row.project.lab.pk, application_ids=[row.public_id], kind=HeldKind.SHORTLIST, by=manager, now=NOW
    )
    Membership.objects.filter(user=manager).delete()
    apply_held_decisions(now=OVER)
    assert (states([row]), held_of(row).state) == (["SUBMITTED"], HeldState.DROPPED)


def test_a_single_decision_waits_for_the_one_that_is_held():
    row = three()[0]
    hold(row)
    with pytest.raises(Conflict, match="Undo that first"):
        applications.shortlist_application(application_id=row.public_id, by=owner_of(row.project.lab), now=NOW)


def test_a_decision_made_in_time_is_not_overtaken_by_the_clock():
    row = three()[0]
    late = NOW + timedelta(days=DECISION_DAYS) - timedelta(minutes=1)
    hold(row, now=late)
    assert applications.lapse_overdue_applications(now=late + timedelta(minutes=2)) == 2  # the two others
    apply_held_decisions(now=late + timedelta(minutes=HOLD_MINUTES))
    assert states([row]) == ["DECLINED"]


@pytest.mark.parametrize(("change", "error"), [({"reason": "No."}, Refused), ({"by": "reviewer"}, NotAllowed)])
def test_a_decline_needs_a_sentence_and_a_manager(change, error):
    row = three()[0]
    lab = row.project.lab
    facts = {"by": owner_of(lab), "reason": REASON} | change
    if facts["by"] == "reviewer":
        facts["by"] = join(lab, LabRole.REVIEWER)
    with pytest.raises(error):
        held.hold_decisions(
            lab_id=lab.pk, application_ids=[row.public_id], kind=HeldKind.DECLINE, code=DeclineCode.OTHER, now=NOW,
            **facts,
        )  # fmt: skip


def test_the_table_itself_refuses_two_held_decisions_and_a_decline_without_a_reason():
    row = three()[0]
    hold(row)
    copy = held_of(row)
    copy.pk, copy.public_id = None, copy.group
    with pytest.raises(IntegrityError, match="application_has_one_held_decision"), transaction.atomic():
        copy.save()
    with pytest.raises(IntegrityError, match="held_decline_says_why"), transaction.atomic():
        HeldDecision.objects.update(reason="")


# -------------------------------------------------------------------------------------------------------------- races


def decline(row: Application) -> object:
    return applications.decline_application(
        application_id=row.public_id, by=owner_of(row.project.lab), code=DeclineCode.OTHER, reason=REASON, now=NOW
    )


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_two_managers_who_decide_at_once_decide_once():
    row = make_applicant(make_gig())
    results = at_once(lambda: decline(row), lambda: decline(row))
    assert sorted(type(one).__name__ for one in results) == ["Application", "WrongState"]
    assert told(row.expert.user, "applications") == ["Physician Talent Network: the lab declined"]


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_decide_and_the_expert_would_be_told_twice(monkeypatch):
    row, met = make_applicant(make_gig()), Barrier(2)

    def unlocked(application_id):
        found = Application.objects.select_related("expert__user", "project__lab").get(public_id=application_id)
        met.wait(timeout=10)  # both have read before either writes
        return found

    monkeypatch.setattr(applications, "locked_application", unlocked)
    results = at_once(lambda: decline(row), lambda: decline(row))
    assert [type(one).__name__ for one in results] == ["Application", "Application"]
    assert len(told(row.expert.user, "applications")) == 2


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_undoing_and_counting_at_once_do_one_of_the_two():
    row = make_applicant(make_gig())
    lab, found = row.project.lab, hold(row)
    just_before = OVER - timedelta(seconds=1)
    undone, counted = at_once(
        lambda: held.undo_decisions(lab_id=lab.pk, group=found.group, by=owner_of(lab), now=just_before),
        lambda: apply_held_decisions(now=OVER),
    )
    was_undone = undone == 1
    assert counted == (0 if was_undone else 1)
    assert states([row]) == [ApplicationState.SUBMITTED if was_undone else ApplicationState.DECLINED]


# -------------------------------------------------------------------------------------------------------------- pages


def test_the_chosen_are_declined_with_one_reason_and_undone_with_one_press():
    rows = three()
    lab = rows[0].project.lab
    client = browse(owner_of(lab))
    picked = [str(row.public_id) for row in rows[:2]]
    asked = post(client, "hiring:bulk", lab.slug, data={"do": "DECLINE", "pick": picked})
    assert "Decline 2 candidates" in text_of(asked)
    assert not HeldDecision.objects.exists()
    short = {"do": "DECLINE", "pick": picked, "confirmed": "on", "code": "OTHER", "reason": "No."}
    assert post(client, "hiring:bulk", lab.slug, data=short).status_code == 422
    answer = post(client, "hiring:bulk", lab.slug, data=short | {"reason": REASON})
    words = text_of(client.get(answer["Location"]))
    assert "2 declines are held back." in words
    assert words.count("decline held back") == 2
    group = HeldDecision.objects.values_list("group", flat=True).first()
    candidate = get(client, "hiring:candidate", lab.slug, rows[0].public_id)
    assert "Decline: held back." in text_of(candidate)
    post(client, "hiring:undo", lab.slug, group)
    assert "held back" not in text_of(get(client, "hiring:candidates", lab.slug)).replace("is held back for", "")
    assert set(HeldDecision.objects.values_list("state", flat=True)) == {HeldState.UNDONE}


def test_the_chosen_are_shortlisted_and_nobody_chosen_is_said():
    rows = three()
    lab = rows[0].project.lab
    client = browse(owner_of(lab))
    post(client, "hiring:bulk", lab.slug, data={"do": "SHORTLIST", "pick": [str(rows[0].public_id)]})
    assert held_of(rows[0]).kind == HeldKind.SHORTLIST
    answer = client.post(f"/lab/{lab.slug}/candidates/decide/", {"do": "SHORTLIST"}, follow=True)
    assert "Choose at least one candidate first." in text_of(answer)
