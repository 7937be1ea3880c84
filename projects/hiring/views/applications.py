"""The expert's applications."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, reselect, retarget

from experts.profiles.models import Expert
from experts.profiles.queries import conflict_with
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring import queries
from projects.hiring.actions import applications
from projects.hiring.enums import LIVE_APPLICATION_STATES, ApplicationState
from projects.hiring.forms import ApplicationForm, PageForm
from projects.hiring.models import Application, GigInvitation
from projects.hiring.queries.checklist import checklist
from projects.hiring.queries.invitations import invitation_to, open_invitations
from projects.listings.queries import listing_or_404, requirements_met, standing_of

PAGE = 50


@require_http_methods(["GET", "POST"])
def apply(request: Request, project_id: UUID) -> HttpResponse:
    """Ask once more before an application is started; an application that stands is opened."""
    project = listing_or_404(request.user, project_id)
    if request.method == "POST":
        application = applications.start_application(project_id=project.public_id, by=request.user, now=clock.now())
        return redirect("hiring:application", application.public_id)
    existing = queries.application_of(request.user, project)
    if existing is not None and existing.state in LIVE_APPLICATION_STATES:
        return redirect("hiring:application", existing.public_id)
    expert = Expert.objects.filter(user=request.user).first()
    met = requirements_met(expert, project, standing_of(expert, today=clock.now().date())) if expert else []
    conflict = conflict_with(expert, project.lab.public_name, on=clock.now().date()) if expert else None
    context = {
        "project": project,
        "expert": expert,
        "met": met,
        "conflict": conflict,
        "invitation": invitation_to(request.user, project),
    }
    return render(request, "hiring/apply.html", context)


@require_GET
def application_list(request: Request) -> HttpResponse:
    form = PageForm(request.GET)
    rows = Application.objects.of_expert(request.user).with_people().order_by("-pk")
    if form.is_valid() and form.cleaned_data["after"]:
        rows = rows.filter(pk__lt=form.cleaned_data["after"])
    page = list(rows[: PAGE + 1])
    context = {
        "applications": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "offers": queries.open_offers(request.user),
        "invitations": open_invitations(request.user),
    }
    return render(request, "hiring/application_list.html", context)


@require_http_methods(["GET", "POST"])
def application(request: Request, application_id: UUID) -> HttpResponse:
    """The application: a form while it is a draft, a record with its clock afterwards."""
    row = _application_or_404(request, application_id)
    form = ApplicationForm(request.POST if request.method == "POST" else None, application=row)
    if request.method == "POST" and form.is_valid():
        row = _save(request, row, form)
        return _after_saving(request, row, submit=form.cleaned_data["submit_now"])
    steps = checklist(row, now=clock.now()) if row.state == ApplicationState.STARTED else []
    context = {
        "application": row,
        "form": form,
        "is_draft": row.state == ApplicationState.STARTED,
        "met": requirements_met(row.expert, row.project, standing_of(row.expert, today=clock.now().date())),
        "steps": steps,
        "missing": [step.missing for step in steps if step.is_open],
        "invitation": GigInvitation.objects.filter(application=row).first(),
        "conflict": conflict_with(row.expert, row.project.lab.public_name, on=clock.now().date()),
        "offers": row.offers.order_by("-pk"),
    }
    answer = render(request, "hiring/application.html", context, status=422 if form.errors else 200)
    return reselect(retarget(answer, "#application-form"), "#application-form") if request.htmx else answer


def _after_saving(request: Request, row: Application, *, submit: bool) -> HttpResponse:
    """Submit what is complete; else say what is missing, and that what was written is kept."""
    steps = checklist(row, now=clock.now())
    missing = [step.missing for step in steps if step.is_open]
    if request.htmx and not submit:
        context = {"application": row, "saved_at": clock.now(), "steps": steps, "missing": missing}
        return render(request, "hiring/application.html#saved", context)
    if submit and missing:
        words = _("Saved, but not submitted yet. Still to do: %(steps)s.") % {"steps": "; ".join(missing)}
        messages.warning(request, words)
    elif submit:
        applications.submit_application(application_id=row.public_id, by=request.user, now=clock.now())
        messages.success(request, _("Submitted. The lab has 10 days to decide."))
    else:
        messages.success(request, _("Saved."))
    address = reverse("hiring:application", args=[row.public_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _save(request: Request, row: Application, form: ApplicationForm) -> Application:
    return applications.save_application(
        application_id=row.public_id,
        by=request.user,
        now=clock.now(),
        version=form.cleaned_data["version"],
        note=form.cleaned_data["note"],
        answers=form.answers,
        conflicts=form.cleaned_data["conflicts"],
        work_authorised=form.cleaned_data["work_authorised"],
        conflicts_declared=form.cleaned_data["conflicts_declared"],
    )


@require_POST
def application_withdraw(request: Request, application_id: UUID) -> HttpResponse:
    row = _application_or_404(request, application_id)
    applications.withdraw_application(application_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Withdrawn. You may apply again as long as the gig is open."))
    return redirect("hiring:applications")


def _application_or_404(request: Request, application_id: UUID) -> Application:
    rows = Application.objects.of_expert(request.user).with_people()
    row: Application = get_object_or_404(rows, public_id=application_id)
    return row
