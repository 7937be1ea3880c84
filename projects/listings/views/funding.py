"""A lab's money for its projects: what lies there, how far it reaches, and paying in."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import AfterForm, page_after
from payments.funding.enums import OPEN_DEPOSIT_STATES, DepositState
from payments.funding.models import Deposit
from payments.funding.queries import deposits_of_lab, deposits_of_project, on_its_way_minor
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor
from projects.labs.models import Lab
from projects.labs.queries import money_lab_or_404
from projects.listings.actions.funding import fund_project
from projects.listings.enums import ProjectState
from projects.listings.forms.funding import DepositForm
from projects.listings.models import Project
from projects.listings.queries import funding_of, funding_of_many, projects_of_lab
from projects.listings.queries.funds import charge_per_hour
from projects.listings.queries.listing import project_or_404
from projects.listings.views.projects import NEWEST_FIRST, page_context

DEPOSITS_SHOWN = 20


@require_http_methods(["GET", "POST"])
def project_funding(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Project funds and deposits. POST opens Stripe's payment page. `#deposits` alone is what htmx asks for again."""
    lab = money_lab_or_404(request.user, slug)
    project = project_or_404(request.user, lab, project_id)
    form = DepositForm(request.POST or None, currency=project.currency)
    if request.method == "POST" and form.is_valid():
        started = fund_project(project_id=project.pk, amount_minor=form.amount_minor, by=request.user, now=clock.now())
        return redirect(started.checkout_url)
    deposits = list(deposits_of_project(project.public_id).select_related("started_by")[:DEPOSITS_SHOWN])
    context = page_context(request, lab) | {
        "project": project,
        "tab": "funding",
        "form": form,
        "funding": funding_of(project, today=clock.now().date()),
        "charge": charge_per_hour(project),
        "on_its_way": on_its_way_minor(project_ref=project.public_id, currency=project.currency),
        "deposits": deposits,
        "is_waiting": any(deposit.state in OPEN_DEPOSIT_STATES for deposit in deposits),
        "takes_funds": project.state != ProjectState.CLOSED,
    }
    part = "#deposits" if request.htmx and request.htmx.target == "deposits" else ""
    return render(request, f"listings/funding.html{part}", context, status=400 if form.errors else 200)


@require_GET
def deposit(request: Request, slug: str, project_id: UUID, deposit_id: UUID) -> HttpResponse:
    """Where Stripe sends the person who paid: the state of the deposit, asked again until the money has arrived."""
    lab = money_lab_or_404(request.user, slug)
    project = project_or_404(request.user, lab, project_id)
    row = get_object_or_404(deposits_of_project(project.public_id), public_id=deposit_id)
    context = page_context(request, lab) | {
        "project": project,
        "deposit": row,
        "is_waiting": row.state in OPEN_DEPOSIT_STATES,
        "funding": funding_of(project, today=clock.now().date()),
    }
    part = "#state" if request.htmx and request.htmx.target == "state" else ""
    return render(request, f"listings/deposit.html{part}", context)


@require_GET
def lab_funding(request: Request, slug: str) -> HttpResponse:
    """All projects with their funds, and the lab's last deposits."""
    lab = money_lab_or_404(request.user, slug)
    form = AfterForm(request.GET)
    after = form.cleaned_data["after"] if form.is_valid() else None
    page = page_after(projects_of_lab(lab), order=NEWEST_FIRST, after=after)
    funding = funding_of_many(page.rows, today=clock.now().date())
    deposits = list(deposits_of_lab(lab.public_id).select_related("started_by")[:DEPOSITS_SHOWN])
    titles = _titles(lab, deposits)
    settled = deposits_of_lab(lab.public_id).filter(state=DepositState.SETTLED, currency="USD").order_by()
    context = page_context(request, lab) | {
        "rows": [(project, funding[project.pk]) for project in page.rows],
        "older": page.older,
        "deposits": [(one, titles.get(str(one.project_ref), "")) for one in deposits],
        "unallocated": balance_minor(AccountCode.LAB_FUNDS, lab.public_id),
        "paid_in": settled.aggregate(total=Sum("amount_minor"))["total"] or 0,
        "on_projects": sum(one.minor for one in funding.values() if one.currency == "USD"),
    }
    return render(request, "listings/lab_funding.html", context)


def _titles(lab: Lab, deposits: list[Deposit]) -> dict[str, str]:
    """Return what the projects of these deposits are called, by public id."""
    refs = {deposit.project_ref for deposit in deposits if deposit.project_ref}
    rows = Project.objects.filter(lab=lab, public_id__in=refs).values_list("public_id", "title")
    return {str(ref): title for ref, title in rows}
