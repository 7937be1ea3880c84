"""What labs of the demonstration world say about candidates, and whom they invited."""

from __future__ import annotations

from datetime import datetime, timedelta

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.demo.actions.board import FLAGSHIP, owners_of_labs
from marketplace.demo.actions.people import personas
from projects.hiring.actions.invitations import decline_invitation, invite_expert
from projects.hiring.actions.reviewing import add_note, give_scorecard
from projects.hiring.enums import DEFAULT_CRITERIA, WAITING_APPLICATION_STATES
from projects.hiring.models import Application, CandidateNote, GigInvitation, Scorecard
from projects.hiring.queries.matching import pool_of, ranking_of
from projects.listings.enums import ProjectState
from projects.listings.models import Project

WORDS = "Your profile reads like the person we look for. Have a look at the listing; there is no hurry."
NOTE = "Asked a good question about renal dosing in the answers. Worth an offer if the hours fit."
CARDS = ((4, 4, 3, 3), (3, 4, 3, 2), (2, 3, 3, 4))
INVITED = 4


def make_candidates(*, now: datetime) -> None:
    """Let two people score the flagship's candidates, and invite a few experts, unless that was done."""
    people, owners = personas(), owners_of_labs()
    flagship = Project.objects.select_related("lab").get(title=FLAGSHIP)
    _score(flagship, [owners[flagship.lab_id], people["lab-reviewer"]], now=now)
    _invite(flagship, by=owners[flagship.lab_id], now=now - timedelta(days=2))
    _invite_the_persona(people["expert"], owners, now=now - timedelta(days=1))


def _score(project: Project, by: list[User], *, now: datetime) -> None:
    waiting = Application.objects.filter(project=project, state__in=WAITING_APPLICATION_STATES).order_by("pk")[:3]
    for number, application in enumerate(waiting):
        for scorer in by[: 1 + number % 2]:
            if not Scorecard.objects.filter(application=application, scorer=scorer).exists():
                give_scorecard(
                    application_id=application.public_id, marks=CARDS[number], criteria=DEFAULT_CRITERIA, words="",
                    by=scorer, now=now - timedelta(hours=5),
                )  # fmt: skip
        if number == 0 and not CandidateNote.objects.filter(application=application).exists():
            add_note(application_id=application.public_id, text=NOTE, by=by[1], now=now - timedelta(hours=4))


def _invite(project: Project, *, by: User, now: datetime) -> None:
    """Invite the first of the ranking; one of them says no."""
    there = GigInvitation.objects.filter(project=project).count()
    for row in ranking_of(project, today=now.date()).candidates[: max(0, INVITED - there)]:
        _send(project, row.key, by=by, now=now)
    first = GigInvitation.objects.filter(project=project).select_related("expert__user").order_by("pk").first()
    if first is not None and first.is_open:
        decline_invitation(
            invitation_id=first.public_id, mute=False, by=first.expert.user, now=now + timedelta(hours=8)
        )


def _invite_the_persona(user: User, owners: dict[int, User], *, now: datetime) -> None:
    """Invite whoever one signs in as, to the first open gig of another lab for which they fit."""
    expert = Expert.objects.get(user=user)
    if GigInvitation.objects.filter(expert=expert).exists():
        return
    gigs = Project.objects.filter(state=ProjectState.OPEN, lab__in=owners).exclude(title=FLAGSHIP)
    for project in gigs.select_related("lab").order_by("pk"):
        if project.places_left > 0 and pool_of(project).filter(pk=expert.pk).exists():
            _send(project, expert, by=owners[project.lab_id], now=now)
            return


def _send(project: Project, expert: Expert, *, by: User, now: datetime) -> None:
    invite_expert(project_id=project.public_id, expert_id=expert.public_id, message=WORDS, by=by, now=now)
