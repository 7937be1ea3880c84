"""Addresses of the pages that belong to no single room."""

from __future__ import annotations

from django.urls import path

from marketplace.pages.views import health, palette, public, screens

app_name = "pages"
urlpatterns = [
    path("", public.home, name="home"),
    path("how-it-works/", public.how_it_works, name="how_it_works"),
    path("how-pay-works/", public.how_pay_works, name="how_pay_works"),
    path("help/", public.help_page, name="help"),
    path("help/errors", public.help_page),
    path("legal/", public.legal, name="legal"),
    path("robots.txt", public.robots_txt, name="robots"),
    path(".well-known/security.txt", public.security_txt, name="security_txt"),
    path("me/", screens.expert_home, name="expert_home"),
    path("lab/<slug:slug>/", screens.lab_overview, name="lab_overview"),
    path("palette/", palette.palette, name="palette"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
