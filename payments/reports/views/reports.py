"""The reports: an index, each on screen with filters, each as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.http import Request
from payments.reports.forms import FORMS, PageForm, ReportForm
from payments.reports.policies import finance_only
from payments.reports.queries import CATALOGUE
from payments.reports.shapes import PAGE, screen
from payments.reports.views.files import csv_response


@require_GET
@finance_only
def index(request: Request) -> HttpResponse:
    """Which reports there are, and the question that each answers."""
    return render(request, "reports/index.html", {"door": "finance", "reports": list(CATALOGUE.values())})


@require_GET
@finance_only
def report(request: Request, slug: str) -> HttpResponse:
    """One report on screen: filters, rows, totals, and what they tie to."""
    form = _form_or_404(request, slug)
    context = {"door": "finance", "form": form, "kind": CATALOGUE[slug], "now": clock.now()}
    if form.is_valid():
        start = PageForm.read(request.GET)["start"] or 0
        page = screen(form.report(), start=start // PAGE * PAGE)
        query = request.GET.copy()
        query.pop("start", None)
        context |= {"page": page, "query": query.urlencode(), "newer": max(0, page.start - PAGE)}
    return render(request, "reports/report.html", context)


@require_GET
@finance_only
def report_csv(request: Request, slug: str) -> HttpResponseBase:
    """The same report, whole, as a file."""
    form = _form_or_404(request, slug)
    if not form.is_valid():
        raise Invalid(str(next(iter(form.errors.values()))[0]))
    return csv_response(form.report(), by=str(request.user), now=clock.now())


def _form_or_404(request: Request, slug: str) -> ReportForm:
    if slug not in FORMS:
        raise Http404
    return FORMS[slug](request.GET, today=clock.now().date())
