"""Puts the site together: the only place that knows every room."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from marketplace import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("projects.labs.urls")),  # before pages: /lab/new/ is not a lab called "new"
    path("", include("marketplace.pages.urls")),
    path("", include("marketplace.notices.urls")),
    path("", include("marketplace.privacy.urls")),
    path("", include("marketplace.support.urls")),
    path("", include("experts.profiles.urls")),
    path("", include("experts.credentials.urls")),
    path("", include("experts.resumes.urls")),
    path("", include("experts.assessments.urls")),
    path("", include("experts.duplicates.urls")),
    path("", include("experts.vetting.urls")),
    path("", include("projects.listings.urls")),
    path("", include("projects.reach.urls")),
    path("", include("projects.hiring.urls")),
    path("", include("projects.work.urls")),
    path("", include("projects.hours.urls")),
    path("", include("projects.delivery.urls")),
    path("", include("projects.standing.urls")),
    path("", include("payments.funding.urls")),
    path("", include("payments.payouts.urls")),
    path("", include("payments.reports.urls")),
    path("stripe/", include("payments.gateway.urls")),
    path("api/v1/", include((api.urlpatterns, "api"))),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
if settings.DEBUG:
    urlpatterns.append(path("dev/", include("marketplace.demo.urls")))

handler400 = "marketplace.pages.errors.bad_request"
handler403 = "marketplace.pages.errors.permission_denied"
handler404 = "marketplace.pages.errors.page_not_found"
handler429 = "marketplace.pages.errors.too_many"  # allauth asks for this one
handler500 = "marketplace.pages.errors.server_error"
