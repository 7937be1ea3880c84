"""Inviting people into a lab by e-mail, with an account or without one yet."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, NotAllowed, Refused, TooMany, WrongState
from marketplace.notices.actions import notify, queue_email
from projects.labs import policies
from projects.labs.actions.labs import locked_lab
from projects.labs.enums import (
    INVITATION_DAYS,
    INVITATION_KEPT_DAYS,
    INVITATION_SENDS_MAX,
    INVITATIONS_OPEN_MAX,
    LabRole,
)
from projects.labs.models import Invitation, Membership
from projects.labs.queries import has_address, hash_of_token, is_member_address, managers_of


@transaction.atomic(durable=True)
def invite_member(*, lab_id: int, email: str, role: LabRole, by: User, now: datetime) -> tuple[Invitation, str]:
    """
    Invite whoever reads this address to a role in the lab, and return the invitation with its token.

    The token goes into the e-mail and is stored nowhere. It works for seven days, and for the invited address only.

    :raises NotAllowed: if `by` may not give this role.
    :raises Conflict: if a member has the address, or an invitation to it is open.
    :raises TooMany: if too many invitations are open.
    """
    lab = locked_lab(lab_id)
    policies.require_changing_roles(lab, by, role)
    address = email.strip()
    if is_member_address(lab, address):
        raise Conflict(f"Somebody with this address is a member of {lab.name} already.", field="email")
    open_ones = lab.invitations.unanswered()
    if open_ones.filter(email__iexact=address).exists():
        raise Conflict("This address was invited already. Send that invitation again, or take it back.", field="email")
    if open_ones.count() >= INVITATIONS_OPEN_MAX:
        raise TooMany(f"{INVITATIONS_OPEN_MAX} invitations are open. Wait for answers, or take some back.")
    token = secrets.token_urlsafe(32)
    invitation: Invitation = Invitation.objects.create(
        lab=lab,
        email=address,
        role=role,
        token_sha256=hash_of_token(token),
        invited_by=by,
        invited_at=now,
        sent_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    record(what="labs.invite_member", by=by, about=lab, now=now, after=_facts(invitation))
    _send(invitation, token, by=by, now=now)
    return invitation, token


@transaction.atomic(durable=True)
def send_invitation_again(*, invitation_id: UUID, by: User, now: datetime) -> tuple[Invitation, str]:
    """
    Send an invitation once more, with a new token and another seven days; the link in the older e-mail is dead then.

    :raises NotAllowed: if `by` may not give its role.
    :raises WrongState: if it was accepted or taken back.
    :raises TooMany: if it was sent five times.
    """
    invitation = _locked(invitation_id)
    policies.require_changing_roles(invitation.lab, by, invitation.role)
    _require_open(invitation)
    if invitation.times_sent >= INVITATION_SENDS_MAX:
        raise TooMany(f"It was sent {INVITATION_SENDS_MAX} times. Ask the person in another way.")
    token = secrets.token_urlsafe(32)
    invitation.token_sha256 = hash_of_token(token)
    invitation.sent_at, invitation.expires_at = now, now + timedelta(days=INVITATION_DAYS)
    invitation.times_sent += 1
    invitation.save(update_fields=["token_sha256", "sent_at", "expires_at", "times_sent"])
    record(what="labs.send_invitation_again", by=by, about=invitation.lab, now=now, after=_facts(invitation))
    _send(invitation, token, by=by, now=now)
    return invitation, token


@transaction.atomic(durable=True)
def revoke_invitation(*, invitation_id: UUID, by: User, now: datetime) -> Invitation:
    """
    Take an invitation back; its link is dead from now on.

    :raises NotAllowed: if `by` may not give its role.
    :raises WrongState: if it was accepted or taken back.
    """
    invitation = _locked(invitation_id)
    policies.require_changing_roles(invitation.lab, by, invitation.role)
    _require_open(invitation)
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    record(what="labs.revoke_invitation", by=by, about=invitation.lab, now=now, before=_facts(invitation))
    return invitation


@transaction.atomic(durable=True)
def accept_invitation(*, token: str, by: User, now: datetime) -> Membership:
    """
    Join the lab that an e-mail invited to.

    :raises Refused: if the link is none of ours, or its time is over.
    :raises WrongState: if the invitation was accepted or taken back.
    :raises NotAllowed: if the invited address is no verified address of this person.
    :raises Conflict: if they are a member already.
    """
    known = Invitation.objects.filter(token_sha256=hash_of_token(token)).values_list("public_id", flat=True).first()
    if known is None:
        raise Refused("This link is not valid. A newer e-mail may have a newer one; else ask for another invitation.")
    invitation = _locked(known)
    if invitation.token_sha256 != hash_of_token(token):  # sent again a moment ago
        raise Refused("A newer e-mail has a newer link. Use that one.")
    _require_open(invitation)
    if invitation.expires_at <= now:
        raise Refused(
            f"This invitation was good for {INVITATION_DAYS} days, which are over. Ask for it to be sent again."
        )
    if not has_address(by, invitation.email):
        raise NotAllowed("The invitation went to another address. Sign in with that one, or add it to your account.")
    lab = invitation.lab
    if Membership.objects.filter(lab=lab, user=by).exists():
        raise Conflict(f"You are a member of {lab.name} already.")
    membership = Membership.objects.create(lab=lab, user=by, role=invitation.role, joined_at=now)
    invitation.accepted_at, invitation.accepted_by = now, by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    after = {"user": str(by.public_id), "role": invitation.role, "invited_by": str(invitation.invited_by.public_id)}
    record(what="labs.accept_invitation", by=by, about=lab, now=now, after=after)
    for manager in managers_of(lab).exclude(pk=by.pk):
        notify(
            user=manager,
            kind="labs",
            title=f"{by.get_full_name()} joined {lab.name}",
            body=f"As: {invitation.get_role_display()}. {invitation.invited_by.get_full_name()} had invited them.",
            path=f"/lab/{lab.slug}/members/",
            button="See the members",
            now=now,
        )
    return membership


@transaction.atomic(durable=True)
def forget_old_invitations(*, now: datetime) -> int:
    """Delete invitations a month after they ended unused: an address of somebody who never came is kept for nothing."""
    old = Invitation.objects.filter(accepted_at__isnull=True, expires_at__lt=now - timedelta(days=INVITATION_KEPT_DAYS))
    deleted, _by_table = old.delete()
    return int(deleted)


def forget_addresses(addresses: Iterable[str]) -> None:
    """Delete the invitations that went to these addresses. A step of erasure; needs an open transaction."""
    for address in addresses:
        Invitation.objects.filter(email__iexact=address).delete()


def _send(invitation: Invitation, token: str, *, by: User, now: datetime) -> None:
    """Queue the e-mail. The link is nowhere else: who can read the mailbox is who was invited."""
    lab, role = invitation.lab, invitation.get_role_display()
    title = f"{by.get_full_name()} invites you to {lab.name}"
    context = {
        "title": title,
        "paragraphs": [
            f"Your role would be: {role}. {ROLE_WORDS[LabRole(invitation.role)]}",
            f"Sign in with this address, {invitation.email}, or make an account with it; then accept. The link works until "
            f"{invitation.expires_at:%-d %B %Y, %H:%M} UTC. If you do not know {lab.name}, do nothing.",
        ],
        "url": settings.SITE_URL + reverse("labs:join", args=[token]),
        "button": "See the invitation",
        "name": "",
        "reason": f"You get this e-mail because {by.get_full_name()} of {lab.name} entered your address on Preceptor.",
    }
    text, html = (render_to_string(f"emails/notice.{form}", context) for form in ("txt", "html"))
    queue_email(to_address=invitation.email, user=None, kind="labs", subject=title, text=text, html=html, now=now)


ROLE_WORDS = {
    LabRole.OWNER: "Owners do everything, and make other owners.",
    LabRole.MANAGER: "Managers post projects, hire, spend and look after people.",
    LabRole.REVIEWER: "Reviewers judge work.",
    LabRole.MEMBER: "Members read.",
}


def _facts(invitation: Invitation) -> dict[str, str]:
    """Return what the trail keeps: not the address, for the trail is for ever."""
    return {"invitation": str(invitation.public_id), "role": invitation.role}


def _require_open(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise WrongState("This invitation was accepted already.")
    if invitation.revoked_at is not None:
        raise WrongState("This invitation was taken back.")


def _locked(invitation_id: UUID) -> Invitation:
    """Lock the lab, then the invitation, in the order in which inviting does."""
    known = Invitation.objects.only("lab_id").get(public_id=invitation_id)
    locked_lab(known.lab_id)
    rows = Invitation.objects.select_related("lab", "invited_by").select_for_update(of=("self",), no_key=True)
    found: Invitation = rows.get(public_id=invitation_id)
    return found
