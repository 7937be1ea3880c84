"""Candidates for tests: people who could be invited, invitations, and decisions that are held back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from experts.credentials.enums import CredentialKind, LadderStep
from experts.credentials.models import Credential
from experts.profiles.models import Expert
from projects.hiring.actions import held, invitations, reviewing
from projects.hiring.enums import DEFAULT_CRITERIA, DeclineCode, HeldKind
from projects.hiring.models import Application, GigInvitation, HeldDecision, Scorecard
from projects.listings.models import Project
from tests.factories.projects_hiring import NOW, make_expert, owner_of

REASON = "We looked for somebody with more hours a week."


def make_candidate(name: str = "Ines Duarte", *, step: LadderStep | None = None, **facts: Any) -> Expert:
    """Somebody who is open to work in cardiology; with a medical licence at a step of the ladder, if one is named."""
    expert = make_expert(name, **({"headline": name} | facts))
    if step is not None:
        Credential.objects.create(
            expert=expert, kind=CredentialKind.MEDICAL_LICENCE, title="Medical licence", step=step, declared_at=NOW,
            confirmed_until=NOW.date() + timedelta(days=365) if step == LadderStep.CONFIRMED else None,
        )  # fmt: skip
    return expert


def invite(project: Project, expert: Expert, *, message: str = "", now: datetime = NOW) -> GigInvitation:
    return invitations.invite_expert(
        project_id=project.public_id, expert_id=expert.public_id, message=message, by=owner_of(project.lab), now=now
    )


def hold(*applications: Application, kind: HeldKind = HeldKind.DECLINE, now: datetime = NOW) -> held.Held:
    """Decide about these with one press, as the owner of their lab."""
    lab = applications[0].project.lab
    why = {"code": DeclineCode.AVAILABILITY, "reason": REASON} if kind == HeldKind.DECLINE else {}
    return held.hold_decisions(
        lab_id=lab.pk, application_ids=[one.public_id for one in applications], kind=kind, by=owner_of(lab), now=now,
        **why,
    )  # fmt: skip


def held_of(application: Application) -> HeldDecision:
    found: HeldDecision = application.held.get()
    return found


def give_card(application: Application, by: Any, *marks: int, words: str = "", now: datetime = NOW) -> Scorecard:
    return reviewing.give_scorecard(
        application_id=application.public_id, marks=marks or (3, 3, 3, 3), criteria=DEFAULT_CRITERIA, words=words, by=by,
        now=now,
    )  # fmt: skip
