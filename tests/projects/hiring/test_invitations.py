"""Inviting experts, their answers, the labs they mute, and clocks."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.errors import NotAllowed, Refused, TooMany, WrongState
from marketplace.notices.models import EmailMessage, Notification
from projects.hiring.actions import applications, invitations
from projects.hiring.enums import INVITATION_DAYS, INVITATIONS_A_DAY, InvitationState
from projects.hiring.models import Application, GigInvitation, LabMute
from projects.labs.enums import LabRole
from projects.listings.models import Project
from tests.factories.projects_candidates import invite, make_candidate
from tests.factories.projects_hiring import (
    NOW,
    at_once,
    fill,
    make_gig,
    make_lab,
    owner_of,
    start,
    told,
)
from tests.factories.projects_labs import browse, join, questions_of
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = NOW + timedelta(days=INVITATION_DAYS)


def decline(invitation: GigInvitation, *, mute: bool = False) -> GigInvitation:
    return invitations.decline_invitation(
        invitation_id=invitation.public_id, mute=mute, by=invitation.expert.user, now=NOW
    )


def test_an_invitation_keeps_the_rank_and_tells_the_expert_by_mail():
    gig, expert = make_gig(), make_candidate()
    invitation = invite(gig, expert, message="Your work on echo reading.")
    assert (invitation.state, invitation.rank, invitation.weights.version) == (InvitationState.SENT, 1, 1)
    assert invitation.due_at == LATER
    notice = Notification.objects.get(user=expert.user, kind="invitations")
    assert notice.title == "You are invited by Larkfield Labs: Physician Talent Network"
    assert "Your work on echo reading." in notice.body
    mail = EmailMessage.objects.get(user=expert.user, kind="invitations")
    assert f"/me/invitations/{invitation.public_id}/" in mail.text
    assert invite(gig, expert) == invitation
    assert EmailMessage.objects.filter(user=expert.user).count() == 1


def test_the_table_itself_refuses_a_second_invitation():
    invitation = invite(make_gig(), make_candidate())
    copy = GigInvitation.objects.get(pk=invitation.pk)
    copy.pk, copy.public_id = None, uuid4()
    with pytest.raises(IntegrityError, match="expert_is_invited_to_a_project_once"), transaction.atomic():
        copy.save()


def test_a_lab_invites_only_so_many_within_a_day_over_all_its_projects():
    lab = make_lab()
    gig, other = make_gig(lab), make_gig(lab)
    expert = make_candidate()
    invite(other, expert)
    row = GigInvitation.objects.get()
    for _number in range(INVITATIONS_A_DAY - 1):
        GigInvitation.objects.create(
            project=other, expert=make_candidate(), weights=row.weights, rank=1, points=1, sent_by=row.sent_by,
            sent_at=NOW, due_at=LATER,
        )  # fmt: skip
    late = make_candidate("late")
    with pytest.raises(TooMany):
        invite(gig, late)
    assert invite(make_gig(make_lab("Another Lab")), late).state == InvitationState.SENT
    assert invite(gig, late, now=NOW + timedelta(hours=24, minutes=1)).state == InvitationState.SENT


@pytest.mark.parametrize("why", ["not a candidate", "closed", "reviewer"])
def test_who_cannot_be_invited_or_may_not_invite_is_refused(why):
    gig, expert = make_gig(), make_candidate()
    by, error = owner_of(gig.lab), Refused
    if why == "not a candidate":
        type(expert).objects.update(open_to_work=False)
    elif why == "closed":
        Project.objects.update(state="PAUSED")
        error = WrongState
    else:
        by, error = join(gig.lab, LabRole.REVIEWER), NotAllowed
    with pytest.raises(error):
        invitations.invite_expert(project_id=gig.public_id, expert_id=expert.public_id, message="", by=by, now=NOW)
    assert not GigInvitation.objects.exists()


def test_applying_accepts_the_invitation_and_the_lab_hears_of_it_when_it_is_sent():
    gig, expert = make_gig(), make_candidate()
    invitation = invite(gig, expert)
    application = start(gig, expert)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.application) == (InvitationState.ACCEPTED, application)
    assert told(owner_of(gig.lab), "candidates") == []
    applications.submit_application(application_id=fill(application).public_id, by=expert.user, now=NOW)
    body = Notification.objects.get(user=owner_of(gig.lab), kind="candidates").body
    assert body.startswith("Ines Duarte, whom you invited, applied.")


def test_declining_gives_no_reason_and_muting_ends_all_invitations_of_the_lab_and_tells_it_nothing():
    lab = make_lab()
    expert = make_candidate()
    one, two = invite(make_gig(lab), expert), invite(make_gig(lab), expert)
    decline(one, mute=True)
    two.refresh_from_db()
    assert two.state == InvitationState.DECLINED
    assert LabMute.objects.visible_to(owner_of(lab)).count() == 0
    assert told(owner_of(lab), "candidates") == ["An invitation was declined: Physician Talent Network"] * 2
    with pytest.raises(Refused):
        invite(make_gig(lab), expert)
    mute = LabMute.objects.get()
    invitations.unmute_lab(mute_id=mute.public_id, by=expert.user, now=NOW)
    assert invite(make_gig(lab), expert).state == InvitationState.SENT


def test_only_the_invited_person_answers_and_only_once():
    invitation = invite(make_gig(), make_candidate())
    with pytest.raises(NotAllowed):
        invitations.decline_invitation(
            invitation_id=invitation.public_id, mute=False, by=make_candidate("Else").user, now=NOW
        )
    decline(invitation)
    with pytest.raises(WrongState):
        decline(invitation)
    with pytest.raises(WrongState):
        invitations.withdraw_invitation(
            invitation_id=invitation.public_id, by=owner_of(invitation.project.lab), now=NOW
        )


def test_silence_lets_an_invitation_lapse_once_and_tells_who_sent_it():
    invitation = invite(make_gig(), make_candidate())
    assert invitations.lapse_overdue_invitations(now=LATER - timedelta(seconds=1)) == 0
    assert [invitations.lapse_overdue_invitations(now=LATER) for _twice in range(2)] == [1, 0]
    invitation.refresh_from_db()
    assert (invitation.state, invitation.answered_at) == (InvitationState.LAPSED, LATER)
    assert told(invitation.sent_by, "candidates") == ["An invitation got no answer: Physician Talent Network"]


def test_a_gig_for_invited_people_takes_no_other_applications():
    gig, expert, other = make_gig(), make_candidate(), make_candidate("Other")
    Project.objects.filter(pk=gig.pk).update(visibility="INVITED")
    with pytest.raises(Refused, match="for people whom the lab invited"):
        start(gig, other)
    invite(gig, expert)
    application = start(gig, expert)
    applications.withdraw_application(application_id=application.public_id, by=expert.user, now=NOW)
    assert start(gig, expert).pk != application.pk  # once more, on the same invitation


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_two_managers_who_invite_the_same_person_at_once_invite_once():
    gig, expert = make_gig(), make_candidate()
    first, second = at_once(lambda: invite(gig, expert), lambda: invite(gig, expert))
    assert first == second
    assert GigInvitation.objects.count() == 1
    assert Notification.objects.filter(user=expert.user, kind="invitations").count() == 1


# -------------------------------------------------------------------------------------------------------------- pages


def test_the_lab_sees_ranks_with_reasons_and_no_name():
    gig, expert = make_gig(), make_candidate("Reads echoes", headline="Echo reader")
    client = browse(owner_of(gig.lab))
    page = get(client, "hiring:matches", gig.lab.slug, gig.public_id)
    words = text_of(page)
    for found in (
        "Echo reader",
        "10 of 10",
        "Lives where the listing allows",
        "version 1",
        "20 invitations left today",
    ):
        assert found in words
    for hidden in (expert.user.full_name, expert.user.email, "12 years"):
        assert hidden not in words
    answer = post(client, "hiring:invite", gig.lab.slug, gig.public_id, expert.public_id, data={"message": "Hello"})
    assert answer.status_code == 302
    words = text_of(client.get(answer["Location"] + "?show=invited"))
    assert "Echo reader" in words
    assert "14 d left" in words
    row = GigInvitation.objects.get()
    post(client, "hiring:invitation_withdraw", gig.lab.slug, gig.public_id, row.public_id)
    row.refresh_from_db()
    assert row.state == InvitationState.WITHDRAWN


@pytest.mark.parametrize("role", [LabRole.REVIEWER, LabRole.MEMBER])
def test_people_who_did_not_apply_are_shown_to_managers_only(role):
    gig, expert = make_gig(), make_candidate()
    client = browse(join(gig.lab, role))
    assert get(client, "hiring:matches", gig.lab.slug, gig.public_id).status_code == 403
    assert post(client, "hiring:invite", gig.lab.slug, gig.public_id, expert.public_id).status_code == 403
    foreign = browse(owner_of(make_lab("Elsewhere")))
    assert get(foreign, "hiring:matches", gig.lab.slug, gig.public_id).status_code == 404


def test_the_expert_reads_answers_and_unmutes():
    invitation = invite(make_gig(), make_candidate(), message="Please have a look.")
    client = browse(invitation.expert.user)
    assert "You are invited by Larkfield Labs" in text_of(get(client, "hiring:applications"))
    assert "Physician Talent Network" in text_of(get(client, "hiring:invitations"))
    words = text_of(get(client, "hiring:invitation", invitation.public_id))
    for found in ("Please have a look.", "You decide what a careful doctor would say.", "you had rank 1", "version 1"):
        assert found in words
    assert get(browse(make_candidate("Else").user), "hiring:invitation", invitation.public_id).status_code == 404
    post(client, "hiring:invitation_decline", invitation.public_id, data={"mute": "on"})
    words = text_of(get(client, "hiring:invitations"))
    assert "You declined" in words
    assert "Labs that cannot invite you" in words
    post(client, "hiring:unmute", LabMute.objects.get().public_id)
    assert "Labs that cannot invite you" not in text_of(get(client, "hiring:invitations"))


def test_an_invited_person_applies_to_a_hidden_gig_with_one_button():
    invitation = invite(make_gig(), make_candidate())
    Project.objects.update(visibility="INVITED")
    client = browse(invitation.expert.user)
    assert "You are invited by Larkfield Labs." in text_of(get(client, "hiring:apply", invitation.project.public_id))
    answer = post(client, "hiring:apply", invitation.project.public_id)
    assert answer["Location"] == f"/me/applications/{Application.objects.get().public_id}/"


def test_lists_ask_as_often_for_three_as_for_one():
    lab, expert = make_lab(), make_candidate()
    client, asked = browse(expert.user), []
    for _number in range(3):
        invite(make_gig(lab), expert)
        asked.append(questions_of(client, "/me/invitations/"))
    assert asked[0] == asked[1] == asked[2]
