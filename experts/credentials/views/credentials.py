"""What an expert shows: résumé, credentials with their ladder, documents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.decorators import csp
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.credentials import actions, queries
from experts.credentials.enums import EXPIRY_WARNING_DAYS, CredentialKind, DocumentKind
from experts.credentials.forms import CredentialForm, EvidenceForm, RenewalForm, ResumeForm
from experts.credentials.models import Credential, Document
from experts.credentials.shapes import KIND_OF_SLUG, SHAPES, slug_of
from experts.profiles.models import Expert
from experts.profiles.queries import expert_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422
NOTHING_RUNS = {"default-src": ["'none'"], "sandbox": [""]}
"""The policy of a file of somebody else: a browser that shows it after all runs nothing of it."""


@require_GET
def credential_list(request: Request) -> HttpResponse:
    """Résumé and credentials, each with how sure we are of it."""
    expert = expert_of(request.user)
    if expert is None:
        return redirect("profiles:edit")
    return render(request, "credentials/list.html", _page(expert))


@require_GET
def choose(request: Request) -> HttpResponse:
    """Which kind of credential to add."""
    _expert_or_404(request)
    kinds = [(slug_of(kind), kind.label, SHAPES[kind]) for kind in SHAPES]
    return render(request, "credentials/choose.html", {"kinds": kinds})


@require_http_methods(["GET", "POST"])
def declare(request: Request, kind_slug: str) -> HttpResponse:
    """The form of one kind, and what comes of it."""
    expert, kind = _expert_or_404(request), KIND_OF_SLUG.get(kind_slug)
    if kind is None:
        raise Http404
    is_post = request.method == "POST"
    form = CredentialForm(request.POST if is_post else None, request.FILES if is_post else None, kind=kind)
    if not is_post or not form.is_valid():
        context = {"form": form, "kind": kind, "shape": SHAPES[kind]}
        return render(request, "credentials/declare.html", context, status=REFUSED if is_post else 200)
    now = clock.now()
    credential = actions.declare_credential(
        expert_id=expert.public_id, kind=kind, by=request.user, now=now, **form.facts()
    )
    if form.cleaned_data.get("file"):
        _upload(request, expert, DocumentKind.EVIDENCE, form.cleaned_data["file"], credential)
    messages.success(request, _("%(name)s is declared.") % {"name": credential.label})
    return _done(request, credential)


@require_POST
def upload_resume(request: Request) -> HttpResponse:
    """Take a résumé; without JavaScript the page comes back, with it the card that shows the check."""
    expert = _expert_or_404(request)
    form = ResumeForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "credentials/list.html", _page(expert, resume_form=form), status=REFUSED)
    _upload(request, expert, DocumentKind.RESUME, form.cleaned_data["file"])
    messages.success(request, _("Your résumé is being checked."))
    return redirect("credentials:list")


@require_http_methods(["GET", "POST"])
def attach(request: Request, credential_id: UUID) -> HttpResponse:
    """Send a document that stands behind a credential."""
    expert, credential = _expert_or_404(request), _own_credential(request, credential_id)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        _upload(request, expert, DocumentKind.EVIDENCE, form.cleaned_data["file"], credential)
        messages.success(request, _("The document is being checked."))
        return redirect("credentials:list")
    status = REFUSED if request.method == "POST" else 200
    waiting = queries.uploads_of(expert, DocumentKind.EVIDENCE, now=clock.now(), credential=credential)
    context = {"form": form, "credential": credential, "waiting": waiting}
    return render(request, "credentials/attach.html", context, status=status)


@require_http_methods(["GET", "POST"])
def renew(request: Request, credential_id: UUID) -> HttpResponse:
    """Say until when the same credential was renewed."""
    expert, credential = _expert_or_404(request), _own_credential(request, credential_id)
    if credential.expires_on is None:
        raise Http404
    is_post, now = request.method == "POST", clock.now()
    form = RenewalForm(
        request.POST if is_post else None, request.FILES if is_post else None, credential=credential, today=now.date()
    )
    if not is_post or not form.is_valid():
        context = {"form": form, "credential": credential}
        return render(request, "credentials/renew.html", context, status=REFUSED if is_post else 200)
    actions.renew_credential(
        credential_id=credential.public_id, expires_on=form.cleaned_data["expires_on"], by=request.user, now=now
    )
    if form.cleaned_data.get("file"):
        _upload(request, expert, DocumentKind.EVIDENCE, form.cleaned_data["file"], credential)
    messages.success(request, _("%(name)s is renewed. A person looks at it next.") % {"name": credential.label})
    return _done(request, credential)


@require_http_methods(["GET", "POST"])
def withdraw(request: Request, credential_id: UUID) -> HttpResponse:
    """Ask once more, then take a credential back."""
    credential = _own_credential(request, credential_id)
    if request.method == "GET":
        return render(request, "credentials/withdraw.html", {"credential": credential})
    actions.withdraw_credential(credential_id=credential.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s was withdrawn.") % {"name": credential.label})
    return redirect("credentials:list")


@require_http_methods(["GET", "POST"])
def remove(request: Request, document_id: UUID) -> HttpResponse:
    """Ask once more, then delete a file."""
    document = _own_document(request, document_id)
    if request.method == "GET":
        return render(request, "credentials/remove.html", {"document": document})
    actions.remove_document(document_id=document.public_id, by=request.user, now=clock.now())
    messages.success(request, _("“%(name)s” was deleted.") % {"name": document.original_name})
    return redirect("credentials:list")


@require_GET
def document_state(request: Request, document_id: UUID) -> HttpResponse:
    """How far the check of a document is; asked again by the page until it is done."""
    document = _own_document(request, document_id)
    return render(request, "credentials/document.html", {"document": document})


@require_GET
@csp(NOTHING_RUNS)  # type: ignore[arg-type]
def download(request: Request, document_id: UUID) -> HttpResponseBase:
    """The owner's way to a file."""
    return _serve(request, _own_document(request, document_id))


@require_GET
@csp(NOTHING_RUNS)  # type: ignore[arg-type]
def staff_download(request: Request, document_id: UUID) -> HttpResponseBase:
    """The way of vetting staff to a file; it stands in the audit trail."""
    if not request.user.is_vetting_staff:
        raise Http404
    return _serve(request, get_object_or_404(Document.objects.visible_to(request.user), public_id=document_id))


def _serve(request: Request, document: Document) -> HttpResponseBase:
    opened = actions.open_document(document_id=document.public_id, by=request.user, now=clock.now())
    response = FileResponse(
        opened.file.open("rb"), as_attachment=True, filename=opened.original_name, content_type=opened.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _upload(
    request: Request, expert: Expert, kind: DocumentKind, file: Any, credential: Credential | None = None
) -> Document:
    return actions.upload_document(
        expert_id=expert.public_id,
        kind=kind,
        upload=file,
        by=request.user,
        now=clock.now(),
        credential_id=credential.public_id if credential else None,
    )


def _done(request: Request, credential: Credential) -> HttpResponse:
    """Tell the page's script what its file stands behind, which it sends next, in pieces; lead everybody else on."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"credential": str(credential.public_id)})
    return redirect("credentials:list")


def _page(expert: Expert, resume_form: ResumeForm | None = None) -> dict[str, Any]:
    credentials = queries.credentials_of(expert)
    names = queries.names_of_confirmers(credentials)
    rows = [(row, queries.ladder_of(row, names), queries.last_fall(row)) for row in credentials]
    resume, refused = queries.resumes_of(expert)
    return {
        "expert": expert,
        "rows": rows,
        "resume": resume,
        "refused_resume": refused,
        "resume_form": resume_form or ResumeForm(),
        "waiting": queries.uploads_of(expert, DocumentKind.RESUME, now=clock.now()),
        "warning_days": EXPIRY_WARNING_DAYS,
        "kinds": [(slug_of(kind), CredentialKind(kind).label) for kind in list(SHAPES)[:4]],
    }


def _expert_or_404(request: Request) -> Expert:
    return get_object_or_404(Expert, user=request.user)


def _own_credential(request: Request, credential_id: UUID) -> Credential:
    rows = Credential.objects.visible_to(request.user).standing()
    return get_object_or_404(rows, public_id=credential_id, expert__user=request.user)


def _own_document(request: Request, document_id: UUID) -> Document:
    rows = Document.objects.visible_to(request.user)
    return get_object_or_404(rows, public_id=document_id, expert__user=request.user)
