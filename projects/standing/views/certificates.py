"""An expert's certificates: what there is, a preview, issuing, the PDF, taking one back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from experts.profiles.models import Expert
from experts.profiles.queries import expert_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.standing import actions, queries
from projects.standing.downloads import certificate_pdf, qr_svg
from projects.standing.enums import RevocationReason
from projects.standing.forms import CertificateForm
from projects.standing.models import Certificate
from projects.standing.shapes import lines_of, name_of

REFUSED = 422


@require_GET
def certificate_list(request: Request) -> HttpResponse:
    """The person's certificates, the newest first."""
    expert = expert_of(request.user)
    if expert is None:
        return redirect("profiles:edit")
    return render(request, "standing/list.html", {"rows": queries.certificates_of(expert)})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Choose what it is about, see what it would say, and issue it."""
    expert = get_object_or_404(Expert, user=request.user)
    now, is_post = clock.now(), request.method == "POST"
    form = CertificateForm(request.POST if is_post else request.GET or None, expert=expert)
    if is_post and form.is_valid():
        certificate = actions.issue_certificate(expert_id=expert.public_id, by=request.user, now=now, **form.chosen())
        messages.success(request, _("Your certificate is issued."))
        return redirect("standing:certificate", certificate.public_id)
    chosen = form.chosen()
    facts = queries.facts_of(expert, chosen["field"], credential_ids=chosen["credential_ids"], now=now)
    context = {
        "form": form,
        "chosen": chosen,
        "facts": facts,
        "lines": lines_of(facts),
        "holder": name_of(request.user.get_full_name(), chosen["name_shown"]),
        "earlier": queries.latest_of(expert, chosen["field"]),
        "now": now,
    }
    return render(request, "standing/new.html", context, status=REFUSED if is_post else 200)


@require_GET
def certificate(request: Request, certificate_id: UUID) -> HttpResponse:
    """One certificate: how it is shown to others, and what it says."""
    row = _own(request, certificate_id)
    address = queries.verify_url(row.public_id)
    context = {
        "certificate": row,
        "shown": queries.shown_certificate(row.content, row),
        "address": address,
        "qr": mark_safe(qr_svg(address)),  # noqa: S308 -- drawn by us from our own address
    }
    return render(request, "standing/certificate.html", context)


@require_GET
def pdf(request: Request, certificate_id: UUID) -> HttpResponse:
    """The sheet for printing and sending."""
    row = _own(request, certificate_id)
    response = HttpResponse(certificate_pdf(row), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="preceptor-certificate-{row.as_of:%Y-%m-%d}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
def take_back(request: Request, certificate_id: UUID) -> HttpResponse:
    """Ask once more, then revoke."""
    row = _own(request, certificate_id)
    if request.method == "GET":
        return render(request, "standing/take_back.html", {"certificate": row})
    actions.revoke_certificate(
        certificate_id=row.public_id, reason=RevocationReason.ASKED, words="", by=request.user, now=clock.now()
    )
    messages.success(request, _("The certificate does not count any more."))
    return redirect("standing:certificate", row.public_id)


def _own(request: Request, certificate_id: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(request.user).with_ends()
    found: Certificate = get_object_or_404(rows, public_id=certificate_id, expert__user=request.user)
    return found
