"""Inviting people by e-mail: who may, what the e-mail says, who may accept, and until when."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client

from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.errors import Conflict, NotAllowed, Refused, TooMany, WrongState
from marketplace.notices.models import EmailMessage, Notification
from projects.labs import actions
from projects.labs.enums import INVITATION_SENDS_MAX, LabRole
from projects.labs.models import Invitation, Membership
from projects.labs.queries import role_in
from tests.factories.projects_labs import NOW, browse, comparable, join, make_lab, make_person, owner_of
from tests.support.races import run_threads

pytestmark = pytest.mark.django_db
ROLES = list(LabRole)
MAY_INVITE = {  # (who, which role they offer) -> allowed
    (by, role): by == LabRole.OWNER or (by == LabRole.MANAGER and role != LabRole.OWNER)
    for by in ROLES
    for role in ROLES
}


def invite(lab, email="rosa@example.org", role=LabRole.REVIEWER, *, by=None, now=NOW):
    return actions.invite_member(lab_id=lab.pk, email=email, role=role, by=by or owner_of(lab), now=now)


@pytest.mark.parametrize(("by", "role"), MAY_INVITE)
def test_owners_invite_to_every_role_and_managers_to_all_but_owner(by: LabRole, role: LabRole) -> None:
    lab = make_lab()
    actor = join(lab, by)

    if MAY_INVITE[by, role]:
        _invitation, token = invite(lab, role=role, by=actor)
        newcomer = make_person(email="rosa@example.org")
        actions.accept_invitation(token=token, by=newcomer, now=NOW)
        assert role_in(lab, newcomer) == role
    else:
        with pytest.raises(NotAllowed):
            invite(lab, role=role, by=actor)
        assert not Invitation.objects.exists()


def test_the_email_reaches_somebody_without_an_account_and_its_token_is_kept_as_a_hash_only() -> None:
    lab = make_lab()

    invitation, token = invite(lab, "Rosa@Example.org ")

    email = EmailMessage.objects.get()
    assert (email.to_address, email.user) == ("Rosa@Example.org", None)
    assert re.findall(r"/lab/join/([^/\s]+)/", email.text) == [token]
    assert "Reviewer" in email.text
    assert invitation.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    trail = AuditEvent.objects.about("lab", lab.public_id).first()
    assert (trail.what, trail.after["role"]) == ("labs.invite_member", "REVIEWER")
    assert token not in str(trail.after)
    assert "example.org" not in str(trail.after).lower()


def test_accepting_makes_a_member_once_and_tells_the_managers() -> None:
    lab = make_lab()
    _invitation, token = invite(lab)
    rosa = make_person("Rosa Rey", email="rosa@example.org")

    actions.accept_invitation(token=token, by=rosa, now=NOW)

    assert role_in(lab, rosa) == "REVIEWER"
    assert Notification.objects.get(user=owner_of(lab)).title == "Rosa Rey joined Larkfield Labs"
    assert AuditEvent.objects.about("lab", lab.public_id).first().what == "labs.accept_invitation"
    with pytest.raises(WrongState):
        actions.accept_invitation(token=token, by=rosa, now=NOW)


def test_only_a_verified_address_that_was_invited_accepts() -> None:
    lab = make_lab()
    _invitation, token = invite(lab)
    other = make_person()
    unverified = make_person()
    EmailAddress.objects.create(user=unverified, email="rosa@example.org", verified=False)

    for person in (other, unverified):
        with pytest.raises(NotAllowed):
            actions.accept_invitation(token=token, by=person, now=NOW)
    EmailAddress.objects.create(user=other, email="ROSA@example.org", verified=True)
    actions.accept_invitation(token=token, by=other, now=NOW)

    assert [role_in(lab, other), role_in(lab, unverified)] == ["REVIEWER", None]


def test_after_seven_days_it_is_over_and_sent_again_it_works_with_the_newer_link_only() -> None:
    lab, rosa = make_lab(), make_person(email="rosa@example.org")
    invitation, old = invite(lab)
    at_the_end, later = NOW + timedelta(days=7), NOW + timedelta(days=8)

    with pytest.raises(Refused, match="seven|7 days"):
        actions.accept_invitation(token=old, by=rosa, now=at_the_end)
    _same, new = actions.send_invitation_again(invitation_id=invitation.public_id, by=owner_of(lab), now=later)
    with pytest.raises(Refused, match="not valid"):
        actions.accept_invitation(token=old, by=rosa, now=later)
    actions.accept_invitation(token=new, by=rosa, now=later)

    assert role_in(lab, rosa) == "REVIEWER"
    assert EmailMessage.objects.filter(to_address="rosa@example.org").count() == 2


def test_an_invitation_that_was_taken_back_is_dead() -> None:
    lab, rosa = make_lab(), make_person(email="rosa@example.org")
    invitation, token = invite(lab)

    actions.revoke_invitation(invitation_id=invitation.public_id, by=owner_of(lab), now=NOW)

    for again in (
        lambda: actions.accept_invitation(token=token, by=rosa, now=NOW),
        lambda: actions.send_invitation_again(invitation_id=invitation.public_id, by=owner_of(lab), now=NOW),
        lambda: actions.revoke_invitation(invitation_id=invitation.public_id, by=owner_of(lab), now=NOW),
    ):
        with pytest.raises(WrongState):
            again()
    assert role_in(lab, rosa) is None
    invite(lab)  # the address is free again


def test_an_address_is_invited_once_and_members_are_not_invited() -> None:
    lab = make_lab()
    member = join(lab, LabRole.MEMBER)
    invite(lab)

    with pytest.raises(Conflict, match="invited already"):
        invite(lab, "ROSA@example.org")
    with pytest.raises(Conflict, match="is a member"):
        invite(lab, member.email)
    assert Invitation.objects.count() == 1


def test_it_is_sent_five_times_at_most() -> None:
    lab = make_lab()
    invitation, _token = invite(lab)
    for _more in range(INVITATION_SENDS_MAX - 1):
        actions.send_invitation_again(invitation_id=invitation.public_id, by=owner_of(lab), now=NOW)

    with pytest.raises(TooMany):
        actions.send_invitation_again(invitation_id=invitation.public_id, by=owner_of(lab), now=NOW)


def test_an_address_that_never_came_is_forgotten_after_a_month() -> None:
    lab = make_lab()
    invite(lab, "never@example.org")
    _invitation, token = invite(lab, "rosa@example.org")
    actions.accept_invitation(token=token, by=make_person(email="rosa@example.org"), now=NOW)

    assert actions.forget_old_invitations(now=NOW + timedelta(days=37)) == 0
    assert actions.forget_old_invitations(now=NOW + timedelta(days=38)) == 1
    assert Invitation.objects.get().email == "rosa@example.org"


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_accept_at_once_join_once() -> None:
    lab, rosa = make_lab(), make_person(email="rosa@example.org")
    _invitation, token = invite(lab)
    refused = []

    def accept() -> None:
        try:
            actions.accept_invitation(token=token, by=rosa, now=NOW)
        except (WrongState, Conflict) as error:
            refused.append(error)
        finally:
            transaction.get_connection().close()

    run_threads(accept, times=3)

    assert (Membership.objects.filter(lab=lab, user=rosa).count(), len(refused)) == (1, 2)


# -------------------------------------------------------------------------------------------------------------- pages


def test_the_whole_way_on_the_pages() -> None:
    lab = make_lab(now=clock.now())
    owner, members = browse(owner_of(lab)), f"/lab/{lab.slug}/members/"

    owner.post(members, {"email": "rosa@example.org", "role": "REVIEWER"})
    page = owner.get(members).content.decode()
    assert "rosa@example.org" in page
    token = re.findall(r"/lab/join/([^/\s]+)/", EmailMessage.objects.get().text)[0]
    door = f"/lab/join/{token}/"

    visitor = Client().get(door).content.decode()
    assert "Join Larkfield Labs" in visitor
    assert "Accept and join" not in visitor
    assert f"/accounts/login/?next={door}" in visitor
    assert Client().post(door)["Location"] == f"/accounts/login/?next={door}"
    stranger = browse(make_person())
    assert "Another address was invited." in stranger.get(door).content.decode()
    assert stranger.post(door).status_code == 403

    rosa = browse(make_person("Rosa Rey", email="rosa@example.org"))
    assert "Accept and join" in rosa.get(door).content.decode()
    assert rosa.post(door)["Location"] == f"/lab/{lab.slug}/"
    assert "It was accepted already." in rosa.get(door).content.decode()
    assert "Rosa Rey" in owner.get(members).content.decode()


def test_a_wrong_token_gives_a_page_that_says_so() -> None:
    answer = Client().get("/lab/join/not-a-token/")

    assert (answer.status_code, "This link is not valid" in answer.content.decode()) == (404, True)


def test_what_is_wrong_is_said_beside_the_field() -> None:
    lab = make_lab()
    invite(lab)
    client = browse(owner_of(lab))

    for email, words in (
        (owner_of(lab).email, "a member already"),
        ("rosa@example.org", "invited already"),
        ("x", "valid"),
    ):
        answer = client.post(f"/lab/{lab.slug}/members/", {"email": email, "role": "MEMBER"})
        assert (answer.status_code, words in answer.content.decode()) == (400, True)


def test_sending_again_and_taking_back_are_for_managers_of_this_lab() -> None:
    lab, other = make_lab(now=clock.now()), make_lab("Other", now=clock.now())
    invitation, _token = invite(lab, now=clock.now())
    here = f"/lab/{lab.slug}/invitations/{invitation.public_id}/"

    outsiders = [browse(owner_of(other)), browse(join(lab, LabRole.REVIEWER)), browse(make_person())]
    assert [client.post(f"{here}{what}/").status_code for client in outsiders for what in ("again", "revoke")] == [
        404
    ] * 6
    assert "rosa@example.org" not in outsiders[1].get(f"/lab/{lab.slug}/members/").content.decode()
    manager = browse(join(lab, LabRole.MANAGER))
    manager.post(f"{here}again/")
    assert Invitation.objects.get().times_sent == 2
    manager.post(f"{here}revoke/")
    assert Invitation.objects.get().revoked_at is not None


def test_another_lab_s_invitation_looks_like_none() -> None:
    lab, other = make_lab(now=clock.now()), make_lab("Other", now=clock.now())
    invitation, _token = invite(other)
    client = browse(owner_of(lab))
    theirs, none = (
        client.post(f"/lab/{lab.slug}/invitations/{ref}/again/")
        for ref in (invitation.public_id, owner_of(lab).public_id)
    )

    assert comparable(theirs, str(invitation.public_id)) == comparable(none, str(owner_of(lab).public_id))
