"""A file that comes in pieces: begun, gone on with, completed, thrown away. Asked by static/js/upload.js."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experts.credentials import actions, queries
from experts.credentials.enums import MAX_PIECE_BYTES, DocumentKind
from experts.credentials.forms import PieceForm, UploadStartForm
from experts.credentials.models import Credential, PartialUpload
from experts.profiles.models import Expert
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.http import Request


@require_POST
def start(request: Request) -> HttpResponse:
    """Say what will come; answer with where to send it and how much of it is here already."""
    expert = get_object_or_404(Expert, user=request.user)
    form = UploadStartForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("This page is too old. Reload it and choose the file again."))
    wanted = form.cleaned_data
    credential = _credential(request, wanted["credential"])
    if queries.is_in_use(expert, wanted["kind"], wanted["sha256"], credential):
        messages.info(request, _("This very file is here already."))
        return JsonResponse({"done": True})
    upload = actions.start_upload(
        expert_id=expert.public_id, kind=wanted["kind"], name=wanted["name"], size_bytes=wanted["size"],
        sha256=wanted["sha256"], credential_id=credential.public_id if credential else None, by=request.user,
        now=clock.now(),
    )  # fmt: skip
    return _standing(upload)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request, upload_id: UUID) -> HttpResponse:
    """
    How much is here; POST brings the piece behind it, `Upload-Offset` says where it begins. With the last piece, or an
    empty one behind it, the file is complete.
    """
    row = get_object_or_404(PartialUpload.objects.visible_to(request.user), public_id=upload_id)
    if request.method != "POST":
        return _standing(row)
    form = PieceForm({"offset": request.headers.get("Upload-Offset")})
    if not form.is_valid():
        raise Invalid(_("The request does not say where this piece begins."))
    try:
        content = request.read(MAX_PIECE_BYTES + 1)
    except UnreadablePostError as cut:
        raise Invalid(_("This piece was cut off on its way.")) from cut
    now = clock.now()
    if content or not row.is_complete:
        row = actions.take_piece(
            upload_id=row.public_id, offset=form.cleaned_data["offset"], content=content, by=request.user, now=now
        )
    if not row.is_complete:
        return _standing(row)
    document = actions.complete_upload(upload_id=row.public_id, by=request.user, now=now)
    is_resume = document.kind == DocumentKind.RESUME
    messages.success(request, _("Your résumé is being checked.") if is_resume else _("The document is being checked."))
    return JsonResponse({"done": True})


@require_POST
def discard(request: Request, upload_id: UUID) -> HttpResponse:
    """Throw away what has arrived of a file."""
    row = get_object_or_404(PartialUpload.objects.visible_to(request.user), public_id=upload_id)
    actions.discard_upload(upload_id=row.public_id, by=request.user, now=clock.now())
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"done": True})
    messages.success(request, _("“%(name)s” was discarded.") % {"name": row.name})
    if row.credential_id is not None:
        return redirect("credentials:attach", Credential.objects.get(pk=row.credential_id).public_id)
    return redirect("credentials:list")


def _standing(row: PartialUpload) -> HttpResponse:
    facts = {
        "done": False,
        "url": reverse("credentials:upload", args=[row.public_id]),
        "discard": reverse("credentials:upload_discard", args=[row.public_id]),
        "offset": row.received_bytes,
        "size": row.size_bytes,
    }
    return JsonResponse(facts, headers={"Upload-Offset": str(row.received_bytes), "Cache-Control": "no-store"})


def _credential(request: Request, credential_id: UUID | None) -> Credential | None:
    if credential_id is None:
        return None
    rows = Credential.objects.visible_to(request.user).standing()
    return get_object_or_404(rows, public_id=credential_id, expert__user=request.user)
