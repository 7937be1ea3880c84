"""Inviting experts to a gig, their answers, and the labs they want to hear no more of."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import NotAllowed, Refused, TooMany, WrongState
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify
from projects.hiring import policies
from projects.hiring.actions.closing import close_invitation
from projects.hiring.enums import INVITATION_DAYS, INVITATIONS_A_DAY, InvitationState
from projects.hiring.models import GigInvitation, LabMute
from projects.hiring.queries.invitations import invitations_left
from projects.hiring.queries.matching import ranking_of
from projects.labs.models import Lab
from projects.listings.enums import ProjectState
from projects.listings.models import Project

SWEEP_LIMIT = 200
CLOCK = System("hiring.clock")


@transaction.atomic(durable=True)
def invite_expert(*, project_id: UUID, expert_id: UUID, message: str, by: User, now: datetime) -> GigInvitation:
    """
    Ask an expert to apply, and tell them. Inviting the same person twice returns the first invitation.

    The lab's row is locked, so that its limit a day holds for all its managers together.

    :raises TooMany: if the lab has invited as many as it may within 24 hours.
    :raises Refused: if the person is not among the project's candidates any more.
    :raises WrongState: if the project takes no applications.
    """
    project: Project = Project.objects.get(public_id=project_id)
    lab = Lab.objects.select_for_update(of=("self",), no_key=True).get(pk=project.lab_id)
    policies.require_hiring_manager(by, lab)
    existing: GigInvitation | None = GigInvitation.objects.filter(project=project, expert__public_id=expert_id).first()
    if existing is not None:
        return existing
    if project.state != ProjectState.OPEN or project.places_left < 1:
        raise WrongState("Experts can be invited while the project is open and has a place left.")
    if invitations_left(lab, now=now) < 1:
        raise TooMany(
            f"A lab invites at most {INVITATIONS_A_DAY} experts within 24 hours, so that nobody's inbox fills up. "
            "Go on tomorrow.", retry_after_seconds=24 * 3600,
        )  # fmt: skip
    ranking = ranking_of(project, today=now.date(), only=expert_id)
    place = next((row for row in ranking.candidates if row.key.public_id == expert_id), None)
    if place is None:
        raise Refused("This person is not among the candidates any more: they may have found work or applied already.")
    invitation: GigInvitation = GigInvitation.objects.create(
        project=project, expert=place.key, message=message.strip(), weights=ranking.weights, rank=place.rank,
        points=place.hundredths, sent_by=by, sent_at=now, due_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    record(
        what="hiring.invite_expert", by=by, about=invitation, now=now,
        after={"rank": place.rank, "points": place.hundredths, "weights": ranking.weights.version},
    )  # fmt: skip
    _tell_expert(invitation, lab, now=now)
    return invitation


def _tell_expert(invitation: GigInvitation, lab: Lab, *, now: datetime) -> None:
    project = invitation.project
    parts = (
        f"{lab.public_name} read your profile without your name and thinks that you fit: {project.title}.",
        invitation.message,
        f"The invitation waits for {INVITATION_DAYS} days. Saying no is one click, gives no reason and costs you nothing.",
    )
    notify(
        user=invitation.expert.user, kind="invitations", now=now, path=f"/me/invitations/{invitation.public_id}/",
        title=f"You are invited by {lab.public_name}: {project.title}", button="Read the invitation",
        body="\n\n".join(part for part in parts if part),
    )  # fmt: skip


@transaction.atomic(durable=True)
def decline_invitation(*, invitation_id: UUID, mute: bool, by: User, now: datetime) -> GigInvitation:
    """
    Say no to an invitation, without a reason.

    :param mute: also want no further invitations from this lab; its other open ones are declined with it.
    :raises WrongState: if it was answered, taken back or lapsed.
    """
    invitation = _locked(invitation_id)
    if invitation.expert.user_id != by.pk:
        raise NotAllowed("Only the person who was invited may answer.")
    _decline(invitation, by=by, now=now)
    if mute:
        lab = invitation.project.lab
        LabMute.objects.get_or_create(expert=invitation.expert, lab=lab, defaults={"muted_at": now})
        record(what="hiring.mute_lab", by=by, about=invitation, now=now)
        others = GigInvitation.objects.open().filter(expert=invitation.expert, project__lab=lab)
        for pk in list(others.order_by("pk").values_list("public_id", flat=True)):
            _decline(_locked(pk), by=by, now=now)
    return invitation


def _decline(invitation: GigInvitation, *, by: User, now: datetime) -> None:
    close_invitation(invitation, InvitationState.DECLINED, by=by, now=now)
    _tell_lab(invitation, title=f"An invitation was declined: {invitation.project.title}", now=now)


@transaction.atomic(durable=True)
def unmute_lab(*, mute_id: UUID, by: User, now: datetime) -> None:
    """Take invitations from a lab again."""
    mute: LabMute = LabMute.objects.visible_to(by).select_for_update(of=("self",)).select_related("lab").get(
        public_id=mute_id
    )  # fmt: skip
    record(what="hiring.unmute_lab", by=by, about=mute, now=now)
    mute.delete()


@transaction.atomic(durable=True)
def withdraw_invitation(*, invitation_id: UUID, by: Actor, now: datetime) -> GigInvitation:
    """
    Take an unanswered invitation back. The expert is told, and is not invited to this project again.

    :raises WrongState: if it was answered or lapsed.
    """
    invitation = _locked(invitation_id)
    policies.require_hiring_manager(by, invitation.project.lab)
    close_invitation(invitation, InvitationState.WITHDRAWN, by=by, now=now)
    notify(
        user=invitation.expert.user, kind="invitations", now=now, path="/me/invitations/",
        title=f"An invitation was taken back: {invitation.project.title}",
        body=f"{invitation.project.lab.public_name} took it back. That says nothing about you.",
    )  # fmt: skip
    return invitation


def lapse_overdue_invitations(*, now: datetime) -> int:
    """End invitations that nobody answered in time; each in its own transaction. Return how many."""
    ids = list(GigInvitation.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _lapse(public_id, now=now), sweep="hiring.lapse_invitations")


@transaction.atomic(durable=True)
def _lapse(invitation_id: UUID, *, now: datetime) -> bool:
    invitation = _locked(invitation_id)
    if invitation.state != InvitationState.SENT or invitation.due_at > now:
        return False
    close_invitation(invitation, InvitationState.LAPSED, by=CLOCK, now=now)
    _tell_lab(invitation, title=f"An invitation got no answer: {invitation.project.title}", now=now)
    return True


def _tell_lab(invitation: GigInvitation, *, title: str, now: datetime) -> None:
    """Tell whoever sent it, as long as they belong to the lab."""
    lab = invitation.project.lab
    if not lab.memberships.filter(user=invitation.sent_by_id).exists():
        return
    notify(
        user=invitation.sent_by, kind="candidates", now=now, title=title, button="See the other candidates",
        path=f"/lab/{lab.slug}/projects/{invitation.project.public_id}/matches/",
        body=f"You had invited: {invitation.expert.headline or 'an expert'}. A gig invites a person once.",
    )  # fmt: skip


def _locked(invitation_id: UUID) -> GigInvitation:
    """The expert first, then the invitation: the order in which an application is started too."""
    expert_pk = GigInvitation.objects.values_list("expert_id", flat=True).get(public_id=invitation_id)
    Expert.objects.select_for_update(of=("self",), no_key=True).get(pk=expert_pk)
    rows = GigInvitation.objects.select_related("project__lab", "expert__user", "sent_by")
    found: GigInvitation = rows.select_for_update(of=("self",), no_key=True).get(public_id=invitation_id)
    return found
