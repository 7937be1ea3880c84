"""A person's own data: the copy they can take, and the way out. And for support: who asked to be erased, with clocks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.queries import confirmed_recently
from marketplace.kernel import clock
from marketplace.kernel.errors import NeedsReauthentication
from marketplace.kernel.http import Request
from marketplace.kernel.paging import AfterForm, page_after
from marketplace.privacy import actions, queries
from marketplace.privacy.enums import CopyState
from marketplace.privacy.forms import EraseForm, RevealForm
from marketplace.privacy.models import DataCopy, ErasureRequest
from marketplace.support.queries import looked_at

REFUSED = 422


@require_GET
def mine(request: Request) -> HttpResponse:
    """What a person can do about their data: take a copy, be erased, take that back."""
    copies = queries.copies_of(request.user)
    context = {
        "making": next((copy for copy in copies if copy.state == CopyState.QUEUED), None),
        "ready": [copy for copy in copies if copy.state == CopyState.READY],
        "failed": bool(copies) and copies[0].state == CopyState.FAILED,
        "erasure": queries.open_request_of(request.user),
        "looks": looked_at(request.user),
        "rooms": queries.fates(),
        "days": queries.cooling_days(),
    }
    return render(request, "privacy/mine.html", context)


@require_POST
def ask_for_copy(request: Request) -> HttpResponse:
    """Have a copy put together, once the person has confirmed that it is them."""
    _require_recent_sign_in(request)
    actions.request_copy(by=request.user, now=clock.now())
    messages.success(request, _("We are putting it together and tell you when it is ready."))
    return redirect("privacy:mine")


@require_GET
def progress(request: Request, copy_id: UUID) -> HttpResponse:
    """How far a copy is, as a fragment; the whole page when it is over."""
    copy = get_object_or_404(DataCopy.objects.visible_to(request.user), public_id=copy_id)
    if not request.htmx:
        return redirect("privacy:mine")
    if copy.state != CopyState.QUEUED:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "privacy/mine.html#progress", {"making": copy})


@require_GET
def download(request: Request, copy_id: UUID) -> HttpResponseBase:
    """The copy as an attachment, for the person alone, once they have confirmed that it is them."""
    copy = get_object_or_404(DataCopy.objects.visible_to(request.user), public_id=copy_id)
    _require_recent_sign_in(request)
    actions.record_download(copy=copy, by=request.user, now=clock.now())
    response = FileResponse(copy.file.open("rb"), as_attachment=True, filename=copy.file_name)
    response["Content-Type"] = "application/zip"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def erase(request: Request) -> HttpResponse:
    """What goes, what stays and why; and the button, where nothing stands in the way."""
    if queries.open_request_of(request.user) is not None:
        return redirect("privacy:mine")
    if request.method == "POST":
        _require_recent_sign_in(request)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = actions.request_erasure(by=request.user, now=clock.now())
        words = _("You are erased on %(day)s, unless you take it back.")
        messages.success(request, words % {"day": f"{asked.due_at:%d %b %Y}"})
        return redirect("privacy:mine")
    obstacles = queries.obstacles_of(request.user)
    context = {
        "form": form,
        "obstacles": obstacles,
        "rooms": queries.fates(),
        "days": queries.cooling_days(),
        "keep_until": queries.keep_identity_until(request.user),
    }
    return render(request, "privacy/erase.html", context, status=REFUSED if form.is_bound else 200)


@require_POST
def take_back(request: Request) -> HttpResponse:
    """Take back the wish to be erased. Easy on purpose: nobody has to confirm who they are to stay."""
    asked = queries.open_request_of(request.user)
    if asked is None:
        raise Http404
    actions.cancel_erasure(request_id=asked.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Taken back. Everything is as it was."))
    return redirect("privacy:mine")


# ------------------------------------------------------------------------------------------------------------- support


@require_GET
def requests(request: Request) -> HttpResponse:
    """Who asked to be erased: those under way by their clock, and the newest that are over."""
    _require_support(request)
    form = AfterForm(request.GET)
    after = form.cleaned_data["after"] if form.is_valid() else None
    rows = queries.requests_for_staff(request.user)
    context = {
        "door": "support",
        "waiting": list(rows.open().order_by("due_at", "pk")[:100]),  # type: ignore[attr-defined]
        "over": page_after(rows.over(), order=("-pk",), after=after),  # type: ignore[attr-defined]
    }
    return render(request, "privacy/requests.html", context)


@require_GET
def request(request: Request, erasure_id: UUID) -> HttpResponse:
    """One request: how far it is, and what stands in its way."""
    return render(request, "privacy/request.html", _request_page(request, _request_or_404(request, erasure_id)))


@require_POST
def reveal(request: Request, erasure_id: UUID) -> HttpResponse:
    """Show once who an erased person was, for a reason that the trail keeps."""
    row = _request_or_404(request, erasure_id)
    identity = queries.identity_behind(row.user)
    if identity is None:
        raise Http404
    _require_recent_sign_in(request)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return render(request, "privacy/request.html", _request_page(request, row, form=form), status=REFUSED)
    facts = actions.reveal_identity(
        identity_id=identity.public_id, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
    )
    response = render(request, "privacy/request.html", _request_page(request, row) | {"revealed": facts["names"]})
    response["Cache-Control"] = "private, no-store"
    return response


def _request_page(request: Request, row: ErasureRequest, *, form: RevealForm | None = None) -> dict[str, Any]:
    return {
        "door": "support",
        "erasure": row,
        "rooms": queries.progress_of(row),
        "identity": queries.identity_behind(row.user),
        "form": form or RevealForm(),
    }


def _require_support(request: Request) -> None:
    if not request.user.is_support_staff:
        raise Http404


def _request_or_404(request: Request, erasure_id: UUID) -> ErasureRequest:
    _require_support(request)
    found: ErasureRequest = get_object_or_404(queries.requests_for_staff(request.user), public_id=erasure_id)
    return found


def _require_recent_sign_in(request: Request) -> None:
    if not confirmed_recently(request):
        raise NeedsReauthentication(_("This is about everything we hold of you, so confirm that it is you."))
