"""A lab's way to people who have not applied: ranked candidates with reasons, and invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.profiles.models import ExpertField
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring import policies
from projects.hiring.actions import invitations
from projects.hiring.enums import INVITATION_DAYS, INVITATIONS_A_DAY
from projects.hiring.forms import InviteForm, MatchesForm
from projects.hiring.models import GigInvitation
from projects.hiring.queries.invitations import invitations_left, invitations_of_project
from projects.hiring.queries.matching import POOL_MAX, ranking_of
from projects.hiring.views.pipeline import lab_context
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404
from projects.listings.enums import ProjectState
from projects.listings.models import Project

PAGE = 15


@require_GET
def matches(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Who could be invited, the best match first, or who was."""
    lab, project = _managed(request, slug, project_id)
    form = MatchesForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    now = clock.now()
    invited = list(invitations_of_project(project)[:100])
    context = lab_context(request, lab) | {
        "project": project,
        "show": wanted.get("show", ""),
        "invited": invited,
        "left": invitations_left(lab, now=now),
        "a_day": INVITATIONS_A_DAY,
        "days": INVITATION_DAYS,
        "may_invite": project.state == ProjectState.OPEN and project.places_left > 0,
        "is_all_invited": len(invited) < 100,
    }
    if not context["show"]:
        context |= _ranked(project, wanted.get("after"))
    return render(request, "hiring/matches.html", context)


def _ranked(project: Project, after: UUID | None) -> dict[str, Any]:
    ranking = ranking_of(project, today=clock.now().date())
    rows, older = ranking.page(after, PAGE)
    named = Prefetch("field_entries", ExpertField.objects.select_related("field").order_by("field__tree_order"))
    prefetch_related_objects([row.key for row in rows], named)
    form = InviteForm()
    return {
        "ranking": ranking, "rows": rows, "older": older, "after": after, "weights": ranking.weights,
        "pool_max": POOL_MAX, "form": form,
    }  # fmt: skip


@require_POST
def invite(request: Request, slug: str, project_id: UUID, expert_id: UUID) -> HttpResponse:
    _lab, project = _managed(request, slug, project_id)
    form = InviteForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("The message is too long. Keep it under 600 characters."))
        return redirect("hiring:matches", slug, project_id)
    invitations.invite_expert(
        project_id=project.public_id, expert_id=expert_id, message=form.cleaned_data["message"], by=request.user,
        now=clock.now(),
    )  # fmt: skip
    messages.success(request, _("Invited. They have %s days to answer.") % INVITATION_DAYS)
    return redirect("hiring:matches", slug, project_id)


@require_POST
def invitation_withdraw(request: Request, slug: str, project_id: UUID, invitation_id: UUID) -> HttpResponse:
    _lab, project = _managed(request, slug, project_id)
    row = get_object_or_404(GigInvitation.objects.filter(project=project), public_id=invitation_id)
    invitations.withdraw_invitation(invitation_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Taken back. The expert was told."))
    return redirect("hiring:matches", slug, project_id)


def _managed(request: Request, slug: str, project_id: UUID) -> tuple[Lab, Project]:
    """People who have not applied are shown to those who may invite them, and to nobody else."""
    lab = lab_or_404(request.user, slug)
    policies.require_hiring_manager(request.user, lab)
    project: Project = get_object_or_404(
        Project.objects.visible_to(request.user).filter(lab=lab).with_listing(), public_id=project_id
    )
    return lab, project
