"""What anybody may open: checking a certificate, our keys, the revocation lists."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.kernel import clock
from projects.standing import offline, queries, signing
from projects.standing.forms import CheckForm
from projects.standing.models import Certificate

REFUSED = 422
FRESH_SECONDS = 300


@login_not_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check a certificate that somebody pastes or uploads. Nothing of it is kept."""
    is_post = request.method == "POST"
    form = CheckForm(request.POST if is_post else None, request.FILES if is_post else None)
    shown = None
    if is_post and form.is_valid():
        document = form.cleaned_data["document"]
        shown = queries.shown_certificate(document, _named_in(document))
    context = {"form": form, "shown": shown}
    return unlisted(
        render(request, "standing/verify.html", context, status=REFUSED if is_post and not form.is_valid() else 200)
    )


@login_not_required
@require_GET
def verify_one(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """What a certificate says and whether it holds. Whoever was given the address may see it; nobody finds it."""
    certificate = _certificate_or_404(certificate_id)
    shown = queries.shown_certificate(certificate.content, certificate)
    context = {"shown": shown, "certificate": certificate, "list_url": queries.status_list_url(certificate.list_number)}
    return unlisted(render(request, "standing/verify_one.html", context))


@login_not_required
@require_GET
def certificate_json(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The signed document, byte for byte as it was signed."""
    certificate = _certificate_or_404(certificate_id)
    if not certificate.document:
        raise Http404
    response = HttpResponse(certificate.document.encode(), content_type="application/vc+ld+json")
    response["Content-Disposition"] = f'attachment; filename="preceptor-certificate-{certificate.public_id}.json"'
    return unlisted(response)


@login_not_required
@require_GET
def revocations(request: HttpRequest, number: int) -> HttpResponse:
    """A revocation list, signed as it is asked for, so that it says when it was true."""
    document = queries.revocation_list(number, now=clock.now()) if number > 0 else None
    if document is None:
        raise Http404
    return _published(document, "application/vc+ld+json")


@login_not_required
@require_GET
def did_document(request: HttpRequest) -> HttpResponse:
    """Our public keys, at the address where did:web looks for them."""
    return _published(signing.did_document(), "application/did+json")


@login_not_required
@require_GET
def checker(request: HttpRequest) -> HttpResponse:
    """The program that checks certificates offline, one file, as it runs here."""
    source = offline.source()
    response = HttpResponse(source, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="check_certificate.py"'
    response["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response


def _certificate_or_404(certificate_id: UUID) -> Certificate:
    certificate = queries.certificate_for(certificate_id)
    if certificate is None:
        raise Http404
    return certificate


def _named_in(document: dict[str, Any]) -> Certificate | None:
    """Return our row of the certificate that a document says it is."""
    address = document.get("id")
    if not isinstance(address, str) or not address.startswith(settings.SITE_URL):
        return None
    try:
        found = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return None
    return queries.certificate_for(found.kwargs["certificate_id"]) if found.view_name == "standing:verify_one" else None


def _published(document: dict[str, Any], media_type: str) -> HttpResponse:
    """What programs of others read: from anywhere, and for five minutes without asking again."""
    response = JsonResponse(document, content_type=media_type)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response


def unlisted(response: HttpResponse) -> HttpResponse:
    """Keep what is known by its address only out of search engines and shared caches; other sites never see where from."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "private, no-store"
    return response
