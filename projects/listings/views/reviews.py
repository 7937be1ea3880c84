"""What staff see of listings that pay less than the same work did before."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.listings import policies
from projects.listings.actions.parts import json_of
from projects.listings.actions.reviews import confirm_listing, send_listing_back
from projects.listings.actions.shape import listing_of
from projects.listings.enums import RELISTED_DAYS, ReviewState
from projects.listings.forms.states import ReviewForm
from projects.listings.models import ListingReview
from projects.listings.queries.versions import changes_between, content_until

SHOWN = 50
REFUSED = 422


@require_GET
def reviews(request: Request) -> HttpResponse:
    """Listings that wait for a decision, the longest first, and the last ones that were decided."""
    _require_staff(request)
    rows = ListingReview.objects.visible_to(request.user).select_related("project__lab", "earlier", "decided_by")
    context = {
        "door": "vetting",
        "waiting": list(rows.waiting()[:SHOWN]),
        "decided": list(rows.exclude(state=ReviewState.WAITING).order_by("-decided_at", "-pk")[:SHOWN]),
        "days": RELISTED_DAYS,
    }
    return render(request, "listings/reviews.html", context)


@require_http_methods(["GET", "POST"])
def review(request: Request, review_id: UUID) -> HttpResponse:
    """One listing beside what the same work said and paid before, and the decision."""
    _require_staff(request)
    rows = ListingReview.objects.visible_to(request.user).select_related("project__lab", "earlier", "decided_by")
    row = get_object_or_404(rows, public_id=review_id)
    is_post = request.method == "POST"
    form = ReviewForm(request.POST if is_post else None)
    if is_post and form.is_valid():
        if form.cleaned_data["decision"] == ReviewForm.CONFIRM:
            confirm_listing(review_id=row.public_id, by=request.user, now=clock.now())
            messages.success(request, _("Confirmed. The listing is on the board and shows the earlier rate."))
        else:
            send_listing_back(
                review_id=row.public_id, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
            )
            messages.success(request, _("Sent back. The lab was told why."))
        return redirect("listings:reviews")
    before = content_until(row.earlier, row.earlier_until)
    changes = changes_between(before, json_of(listing_of(row.project))) if before else []
    context = {
        "door": "vetting",
        "review": row,
        "form": form,
        "rows": [change.row for change in changes],
        "is_waiting": row.state == ReviewState.WAITING,
    }
    return render(request, "listings/review.html", context, status=REFUSED if is_post else 200)


def _require_staff(request: Request) -> None:
    if not policies.may_review_listings(request.user):
        raise Http404
