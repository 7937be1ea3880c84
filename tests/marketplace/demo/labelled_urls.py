"""The addresses of a development stack, which a test process that began without DEBUG does not have."""

from __future__ import annotations

from django.urls import include, path

from marketplace.urls import urlpatterns as of_the_site

urlpatterns = [path("dev/", include("marketplace.demo.urls")), *of_the_site]
