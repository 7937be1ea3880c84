"""The inbox of notices, and which of them also go by e-mail."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.kernel import clock, registry
from marketplace.kernel.http import Request
from marketplace.notices import actions, queries
from marketplace.notices.forms import PreferencesForm
from marketplace.notices.models import Notification

SHOWN = 100


@require_GET
def inbox(request: Request) -> HttpResponse:
    rows = Notification.objects.visible_to(request.user).newest_first()[:SHOWN]
    return render(request, "notices/inbox.html", {"notices": rows})


@require_POST
def open_notice(request: Request, notice_id: UUID) -> HttpResponse:
    """Mark one notice as read and go where it leads."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), public_id=notice_id)
    actions.open_notice(notice_id=row.public_id, by=request.user, now=clock.now())
    return redirect(row.path or "notices:inbox")


@require_POST
def read_all(request: Request) -> HttpResponse:
    actions.mark_all_read(by=request.user, now=clock.now())
    return redirect("notices:inbox")


@require_http_methods(["GET", "POST"])
def preferences(request: Request) -> HttpResponse:
    """Which notices also go by e-mail. Money, security and decisions about a person always do."""
    form = PreferencesForm(
        request.POST if request.method == "POST" else None, initial=queries.preferences_of(request.user)
    )
    if request.method == "POST" and form.is_valid():
        actions.save_preferences(by=request.user, wishes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("notices:preferences")
    essential = [kind for kind in registry.notice_kinds.values() if kind.essential]
    return render(request, "notices/preferences.html", {"form": form, "essential": essential})


@csrf_exempt  # Mail providers post here without our cookies; the signed token is the permission.
@login_not_required
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """
    Stop one kind of e-mail for whom the link was made, signed in or not (RFC 8058).

    GET only asks, for programs that look for viruses open every link of an e-mail.
    """
    found = queries.subscription_of(token)
    if found is None:
        raise Http404
    user, kind = found
    if request.method == "POST":
        actions.save_preferences(by=user, wishes={kind.code: False})
    return render(request, "notices/unsubscribe.html", {"kind": kind, "done": request.method == "POST"})
