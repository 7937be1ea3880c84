"""What vetting staff see: certificates to revoke, and referrals to look at."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.standing import actions, queries
from projects.standing.enums import ReferralState
from projects.standing.forms import DecisionForm, FindForm, RevokeForm
from projects.standing.models import Certificate, Referral

REFUSED = 422
SHOWN = 50


@require_GET
def certificates(request: Request) -> HttpResponse:
    """The newest certificates, or those that a name or an address finds."""
    _require_staff(request)
    form = FindForm(request.GET)
    rows = queries.found_certificates(request.user, form.text())
    context = {
        "door": "vetting",
        "form": form,
        "rows": list(rows.order_by("-as_of", "-pk")[:SHOWN]),
        "text": form.text(),
    }
    return render(request, "standing/staff_certificates.html", context)


@require_http_methods(["GET", "POST"])
def certificate(request: Request, certificate_id: UUID) -> HttpResponse:
    """One certificate, and revoking it with a reason."""
    _require_staff(request)
    rows = Certificate.objects.visible_to(request.user).with_ends()
    row = get_object_or_404(rows, public_id=certificate_id)
    is_post = request.method == "POST"
    form = RevokeForm(request.POST if is_post else None)
    if is_post and form.is_valid():
        actions.revoke_certificate(certificate_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("The certificate is revoked. Its holder was told."))
        return redirect("standing:staff_certificate", row.public_id)
    context = {
        "door": "vetting",
        "certificate": row,
        "shown": queries.shown_certificate(row.content, row),
        "form": form,
        "is_own": row.expert.user_id == request.user.pk,
    }
    return render(request, "standing/staff_certificate.html", context, status=REFUSED if is_post else 200)


@require_GET
def referrals(request: Request) -> HttpResponse:
    """Referrals that look like one person twice, and what was decided about others."""
    _require_staff(request)
    rows = Referral.objects.visible_to(request.user).with_people().select_related("decided_by")
    context = {
        "door": "vetting",
        "waiting": list(rows.filter(state=ReferralState.QUESTIONED).order_by("joined_at", "pk")[:SHOWN]),
        "decided": list(rows.filter(decided_at__isnull=False).order_by("-decided_at", "-pk")[:SHOWN]),
    }
    return render(request, "standing/staff_referrals.html", context)


@require_http_methods(["GET", "POST"])
def referral(request: Request, referral_id: UUID) -> HttpResponse:
    """One referral: both people, the doubt, and the decision."""
    _require_staff(request)
    rows = Referral.objects.visible_to(request.user).with_people().prefetch_related("purses")
    row = get_object_or_404(rows, public_id=referral_id)
    is_post = request.method == "POST"
    form = DecisionForm(request.POST if is_post else None)
    if is_post and form.is_valid():
        actions.decide_referral(referral_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("The referral is decided."))
        return redirect("standing:staff_referrals")
    context = {"door": "vetting", "referral": row, "form": form, "doubts": queries.doubts_about(row)}
    return render(request, "standing/staff_referral.html", context, status=REFUSED if is_post else 200)


def _require_staff(request: Request) -> None:
    if not request.user.is_vetting_staff:
        raise Http404
