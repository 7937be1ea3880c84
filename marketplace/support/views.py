"""Support's own pages: find a person, open their pages as they see them, and the list of who looked at whom, and why."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.http import Request
from marketplace.kernel.paging import AfterForm, page_after
from marketplace.support import actions, policies, queries
from marketplace.support.forms import PeopleForm, ReasonForm

REFUSED = 422


@require_GET
def people(request: Request) -> HttpResponse:
    """Find a person by name or e-mail."""
    _require_support(request)
    form = PeopleForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = [(one, policies.may_be_impersonated(one)) for one in queries.people_called(text)]
    context = {"form": form, "text": text, "found": found, "least": queries.SEARCH_MIN_CHARS, "most": queries.FOUND_MAX}
    return render(request, "support/people.html", context)


@require_http_methods(["GET", "POST"])
def look(request: Request, person_ref: UUID) -> HttpResponse:
    """Ask for the reason, then open the person's first page."""
    _require_support(request)
    person = get_object_or_404(User, public_id=person_ref, is_active=True)
    if not policies.may_be_impersonated(person):
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.start_impersonation(
                person_ref=person.public_id, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
            )
        except Invalid as refusal:
            form.add_error("reason", refusal.sentence)
        else:
            request.session[queries.SESSION_KEY] = str(row.public_id)
            return redirect("/me/")
    status = REFUSED if form.is_bound else 200
    return render(request, "support/look.html", {"person": person, "form": form}, status=status)


@require_POST
def end(request: Request) -> HttpResponse:
    """Be oneself again. Pressed on any page of the person's."""
    actions.end_impersonation(by=request.user, now=clock.now())
    request.session.pop(queries.SESSION_KEY, None)
    messages.success(request, _("Ended. You see your own pages again."))
    return redirect("support:people" if request.user.is_support_staff else "/")


@require_GET
def looks(request: Request) -> HttpResponse:
    """Who looked at whose pages, when and why."""
    _require_support(request)
    form = AfterForm(request.GET)
    after = form.cleaned_data["after"] if form.is_valid() else None
    page = page_after(queries.newest_impersonations(request.user), order=("-pk",), after=after)
    return render(request, "support/looks.html", {"page": page, "now": clock.now()})


def _require_support(request: Request) -> None:
    if not request.user.is_support_staff:
        raise Http404
