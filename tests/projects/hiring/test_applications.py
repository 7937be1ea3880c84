"""Applying and deciding: each case that is allowed, each that is refused, and the clock that ends a lab's silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from projects.hiring.actions import applications
from projects.hiring.actions.applications import lapse_overdue_applications
from projects.hiring.enums import ApplicationState, DeclineCode, OfferState
from projects.hiring.models import Application
from projects.labs.enums import LabRole, Scope
from projects.listings.actions import projects as listings
from tests.factories.projects_hiring import (
    NOW,
    accept,
    at_once,
    fill,
    make_applicant,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
    sign,
    start,
    told,
)
from tests.factories.projects_labs import join, make_key, make_person

pytestmark = pytest.mark.django_db
REASON = "Your experience lies in another field of medicine."


def submit(application, *, by=None, now=NOW):
    return applications.submit_application(
        application_id=application.public_id, by=by or application.expert.user, now=now
    )


def shortlist(application, by, *, now=NOW):
    return applications.shortlist_application(application_id=application.public_id, by=by, now=now)


def decline(application, by, *, reason=REASON, now=NOW):
    return applications.decline_application(
        application_id=application.public_id, by=by, code=DeclineCode.EXPERIENCE, reason=reason, now=now
    )


def withdraw(application, *, by=None, now=NOW):
    return applications.withdraw_application(
        application_id=application.public_id, by=by or application.expert.user, now=now
    )


# ------------------------------------------------------------------------------------------------------------- start


def test_pressing_apply_twice_makes_one_application():
    gig, expert = make_gig(), make_expert()
    first, second = start(gig, expert), start(gig, expert)
    assert first == second
    assert first.answers == [{"question": "Which guideline do you disagree with, and why?", "answer": ""}]
    assert (first.state, first.version, first.started_at) == (ApplicationState.STARTED, 0, NOW)


def test_who_has_no_profile_fills_it_in_first():
    with pytest.raises(Refused, match="Fill in your expert profile first"):
        applications.start_application(project_id=make_gig().public_id, by=make_person(), now=NOW)


def test_a_paused_gig_takes_no_applications():
    gig = make_gig()
    listings.pause_project(
        project_id=gig.pk, reason="Data is late.", expected_back_on=None, by=owner_of(gig.lab), now=NOW
    )
    with pytest.raises(WrongState, match="takes no applications at the moment"):
        start(gig)


def test_a_gig_past_its_deadline_takes_no_applications():
    gig = make_gig(closes_at=NOW + timedelta(hours=1))
    draft = fill(start(gig, now=NOW), now=NOW)
    late = NOW + timedelta(hours=1)
    with pytest.raises(WrongState, match="The time to apply for this gig is over"):
        start(gig, make_expert("Somebody Else"), now=late)
    with pytest.raises(WrongState, match="The time to apply for this gig is over"):
        submit(draft, now=late)


def test_a_gig_without_a_place_left_takes_no_applications():
    gig = make_gig(places_wanted=1)
    draft = fill(start(gig, make_expert("Somebody Else")))
    accept(sign(make_offer(make_applicant(gig))))
    with pytest.raises(WrongState, match="All places of this gig are filled"):
        start(gig, make_expert("A Third"))
    with pytest.raises(WrongState, match="All places of this gig are filled"):
        submit(draft)


def test_nobody_applies_to_their_own_lab():
    gig, expert = make_gig(), make_expert()
    gig.lab.memberships.create(user=expert.user, role=LabRole.MEMBER, joined_at=NOW)
    with pytest.raises(Refused, match="You belong to the lab that posted this gig"):
        start(gig, expert)


@pytest.mark.django_db(transaction=True)
def test_two_windows_start_one_application():
    gig, expert = make_gig(), make_expert()
    results = at_once(lambda: start(gig, expert), lambda: start(gig, expert))
    assert {type(result).__name__ for result in results} == {"Application"}
    assert Application.objects.count() == 1


def test_the_database_refuses_a_second_live_application():
    """What the lock above keeps, the constraint keeps too."""
    application = start(make_gig())
    with pytest.raises(IntegrityError, match="expert_has_one_live_application_per_project"), transaction.atomic():
        Application.objects.create(expert=application.expert, project=application.project, started_at=NOW)


# -------------------------------------------------------------------------------------------------------------- save


def test_what_is_written_is_kept_and_counted():
    application = fill(start(make_gig()), note="Hello", conflicts="None but my clinic.")
    application.refresh_from_db()
    assert application.answers[0]["answer"] == "The one on potassium."
    assert (application.note, application.conflicts, application.version) == ("Hello", "None but my clinic.", 1)
    assert (application.work_authorised_at, application.conflicts_declared_at) == (NOW, NOW)


def test_a_declaration_keeps_its_moment_and_can_be_taken_back():
    application = fill(start(make_gig()))
    later = NOW + timedelta(hours=1)
    application = fill(application, now=later, note="More")
    assert application.work_authorised_at == NOW
    assert fill(application, now=later, work_authorised=False).work_authorised_at is None


def test_an_older_window_does_not_overwrite_a_newer_one():
    application = start(make_gig())
    fill(application, note="From the first window")
    with pytest.raises(Conflict, match="changed in another window") as refusal:
        fill(application, version=0, note="From the second window")
    assert refusal.value.facts == {"version": 1}
    application.refresh_from_db()
    assert application.note == "From the first window"


def test_the_same_words_sent_twice_are_no_conflict():
    """Autosave arrives just before the button, with the version that the page still shows."""
    application = start(make_gig())
    assert fill(application, version=0).version == 1
    assert fill(application, version=0).version == 1


def test_answers_must_fit_the_questions():
    with pytest.raises(Invalid, match="The questions of this gig have changed"):
        fill(start(make_gig()), answers=["one", "two"])


def test_a_submitted_application_is_not_written_over():
    application = make_applicant(make_gig())
    with pytest.raises(WrongState, match="was submitted already"):
        fill(application)


def test_only_the_applicant_writes_submits_and_withdraws():
    application = fill(start(make_gig()))
    for person in (make_person(), owner_of(application.project.lab)):
        for act in (
            lambda: applications.save_application(
                application_id=application.public_id, by=person, now=NOW, version=1, note="", answers=[""],
                conflicts="", work_authorised=False, conflicts_declared=False,
            ),
            lambda: submit(application, by=person),
            lambda: withdraw(application, by=person),
        ):  # fmt: skip
            with pytest.raises(NotAllowed, match="Only the person who applies"):
                act()


# ------------------------------------------------------------------------------------------------------------ submit


def test_submitting_starts_the_labs_clock_and_tells_its_managers():
    gig = make_gig()
    manager = join(gig.lab, LabRole.MANAGER)
    join(gig.lab, LabRole.REVIEWER)
    application = make_applicant(gig)
    assert (application.state, application.submitted_at) == (ApplicationState.SUBMITTED, NOW)
    assert application.due_at == NOW + timedelta(days=10)
    rows = Notification.objects.filter(kind="candidates")
    assert {row.user for row in rows} == {owner_of(gig.lab), manager}
    assert {row.title for row in rows} == {"New application for Physician Talent Network"}


def test_submitting_names_everything_that_is_missing():
    application = start(make_gig(), make_expert(about="", years_experience=None))
    with pytest.raises(Refused) as refusal:
        submit(application)
    assert refusal.value.sentence == (
        "Still to do before you can submit: complete your profile (about you, years of experience); "
        "answer 1 screening question; confirm that you may do this work where you live; "
        "declare conflicts of interest, or that you have none."
    )


def test_a_decided_application_is_not_submitted_again():
    application = make_applicant(make_gig())
    with pytest.raises(WrongState, match="This application is submitted now, so it cannot become submitted"):
        submit(application)


# ---------------------------------------------------------------------------------------------------------- withdraw


@pytest.mark.parametrize("shortlisted", [False, True])
def test_an_applicant_withdraws_and_may_apply_again(shortlisted):
    application = make_applicant(make_gig())
    if shortlisted:
        shortlist(application, owner_of(application.project.lab))
    done = withdraw(application)
    assert (done.state, done.decided_at, done.decided_by) == (ApplicationState.WITHDRAWN, NOW, application.expert.user)
    assert told(owner_of(application.project.lab), "candidates")[-1] == (
        "An application was withdrawn: Physician Talent Network"
    )
    assert start(application.project, application.expert) != application


def test_a_draft_that_is_withdrawn_stays_unseen_by_the_lab():
    application = fill(start(make_gig()), note="Not for their eyes")
    withdraw(application)
    lab = application.project.lab
    key, _text = make_key(lab, Scope.PROJECTS_READ)
    assert told(owner_of(lab), "candidates") == []
    assert not Application.objects.of_lab(lab).exists()
    assert not Application.objects.visible_to(owner_of(lab)).exists()
    assert not Application.objects.visible_to(key).exists()


def test_withdrawing_declines_the_open_offer_on_the_record():
    application = make_applicant(make_gig())
    offer = make_offer(application)
    withdraw(application)
    offer.refresh_from_db()
    assert (offer.state, offer.answered_at) == (OfferState.DECLINED, NOW)
    assert AuditEvent.objects.filter(what="hiring.offer_declined", about_ref=str(offer.public_id)).count() == 1


def test_who_was_hired_ends_the_contract_instead():
    application = make_applicant(make_gig())
    accept(sign(make_offer(application)))
    with pytest.raises(WrongState, match="This application is hired now, so it cannot become withdrawn"):
        withdraw(application)


# ------------------------------------------------------------------------------------------------ shortlist and decline


def test_a_candidate_on_the_shortlist_is_told_and_keeps_the_clock():
    application = make_applicant(make_gig())
    done = shortlist(application, owner_of(application.project.lab), now=NOW + timedelta(days=1))
    assert (done.state, done.due_at) == (ApplicationState.SHORTLISTED, NOW + timedelta(days=10))
    assert told(application.expert.user, "applications") == ["You are on the shortlist for Physician Talent Network"]


def test_declining_needs_a_sentence_that_the_expert_reads():
    application = make_applicant(make_gig())
    owner = owner_of(application.project.lab)
    with pytest.raises(Refused, match="Write at least a sentence"):
        decline(application, owner, reason="  too short to be one ")
    done = decline(application, owner, reason=f"  {REASON}  ")
    assert (done.state, done.decline_code, done.decline_reason) == ("DECLINED", "EXPERIENCE", REASON)
    assert (done.decided_by, done.decided_at) == (owner, NOW)
    notice = Notification.objects.get(user=application.expert.user, kind="applications")
    assert notice.body == f"Experience does not fit the work. {REASON}"


def test_declining_withdraws_the_open_offer():
    application = make_applicant(make_gig())
    offer = make_offer(application)
    decline(application, owner_of(application.project.lab))
    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN


@pytest.mark.parametrize("act", [shortlist, decline])
def test_only_owners_and_managers_decide_and_never_about_themselves(act):
    application = make_applicant(make_gig())
    lab = application.project.lab
    stranger = owner_of(make_lab("Tidewater Research"))
    for person in (join(lab, LabRole.REVIEWER), join(lab, LabRole.MEMBER), stranger, application.expert.user):
        with pytest.raises(NotAllowed, match="Only owners and managers of the lab decide"):
            act(application, person)
    lab.memberships.create(user=application.expert.user, role=LabRole.MANAGER, joined_at=NOW)
    with pytest.raises(NotAllowed, match="You cannot decide about yourself"):
        act(application, application.expert.user)
    assert act(application, join(lab, LabRole.MANAGER)).state in {"SHORTLISTED", "DECLINED"}


def test_a_key_decides_when_it_may_write_projects():
    application = make_applicant(make_gig())
    reading, _text = make_key(application.project.lab, Scope.PROJECTS_READ)
    writing, _text = make_key(application.project.lab, Scope.PROJECTS_WRITE)
    with pytest.raises(NotAllowed):
        shortlist(application, reading)
    assert shortlist(application, writing).state == ApplicationState.SHORTLISTED


@pytest.mark.parametrize("act", [shortlist, decline])
def test_a_decided_application_is_not_decided_again(act):
    application = make_applicant(make_gig())
    withdraw(application)
    with pytest.raises(WrongState, match="This application is withdrawn now"):
        act(application, owner_of(application.project.lab))


# ------------------------------------------------------------------------------------------------------------ silence


@pytest.mark.parametrize("shortlisted", [False, True])
def test_ten_days_of_silence_lapse_an_application(shortlisted):
    application = make_applicant(make_gig())
    if shortlisted:
        shortlist(application, owner_of(application.project.lab))
    end = NOW + timedelta(days=10)
    assert lapse_overdue_applications(now=end - timedelta(seconds=1)) == 0
    assert lapse_overdue_applications(now=end) == 1
    assert lapse_overdue_applications(now=end) == 0
    application.refresh_from_db()
    assert (application.state, application.decided_at, application.decided_by) == (ApplicationState.LAPSED, end, None)
    assert told(application.expert.user, "applications")[-1] == "Physician Talent Network: no decision in time"
    assert start(application.project, application.expert, now=end) != application


def test_silence_does_not_touch_drafts_offers_and_decisions():
    gig = make_gig()
    start(gig, make_expert("Draft"))
    make_offer(make_applicant(gig, make_expert("Offered")))
    decline(make_applicant(gig, make_expert("Declined")), owner_of(gig.lab))
    assert lapse_overdue_applications(now=NOW + timedelta(days=400)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_decision_and_the_clock_at_the_same_moment_one_counts():
    application = make_applicant(make_gig())
    end = NOW + timedelta(days=10)
    owner = owner_of(application.project.lab)
    results = at_once(lambda: decline(application, owner, now=end), lambda: lapse_overdue_applications(now=end))
    application.refresh_from_db()
    if application.state == ApplicationState.DECLINED:
        assert results[1] == 0
    else:
        assert isinstance(results[0], WrongState)
    assert len(told(application.expert.user, "applications")) == 1
