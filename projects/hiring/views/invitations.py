"""An expert's invitations: read, answer, and mute labs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.profiles.queries import country_name
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring.actions import invitations
from projects.hiring.forms import AnswerForm
from projects.hiring.models import GigInvitation, LabMute
from projects.hiring.queries.invitations import invitation_of, muted_by, open_invitations
from projects.listings.enums import SECTIONS
from projects.listings.queries import funding_of, requirements_met, standing_of

SHOWN = 50


@require_GET
def invitation_list(request: Request) -> HttpResponse:
    """Those that wait, those that were answered, and the labs that are muted."""
    rows = GigInvitation.objects.of_expert(request.user).with_gig()
    context = {
        "waiting": open_invitations(request.user),
        "earlier": rows.exclude(answered_at=None).order_by("-answered_at", "-pk")[:SHOWN],
        "muted": muted_by(request.user),
    }
    return render(request, "hiring/invitation_list.html", context)


@require_GET
def invitation(request: Request, invitation_id: UUID) -> HttpResponse:
    """One invitation with the whole listing, and both answers."""
    row = _own(request, invitation_id)
    project, now = row.project, clock.now()
    context = {
        "invitation": row,
        "project": project,
        "form": AnswerForm(),
        "sections": [(label, project.sections[code]) for code, label in SECTIONS if project.sections.get(code)],
        "met": requirements_met(row.expert, project, standing_of(row.expert, today=now.date())),
        "countries": [country_name(code) for code in project.countries],
        "funding": funding_of(project, today=now.date()),
    }
    return render(request, "hiring/invitation.html", context)


@require_POST
def invitation_decline(request: Request, invitation_id: UUID) -> HttpResponse:
    row = _own(request, invitation_id)
    form = AnswerForm(request.POST)
    mute = form.is_valid() and form.cleaned_data["mute"]
    invitations.decline_invitation(invitation_id=row.public_id, mute=mute, by=request.user, now=clock.now())
    words = _("Declined. The lab was told, without a reason.")
    if mute:
        words += " " + _("It cannot invite you any more.")
    messages.success(request, words)
    return redirect("hiring:invitations")


@require_POST
def unmute(request: Request, mute_id: UUID) -> HttpResponse:
    row = get_object_or_404(LabMute.objects.visible_to(request.user), public_id=mute_id)
    invitations.unmute_lab(mute_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("This lab may invite you again."))
    return redirect("hiring:invitations")


def _own(request: Request, invitation_id: UUID) -> GigInvitation:
    row = invitation_of(request.user, invitation_id)
    if row is None:
        raise Http404
    return row
