"""Addresses of this area, below /stripe/."""

from __future__ import annotations

from django.urls import URLPattern, path

from payments.gateway import views

app_name = "gateway"
urlpatterns: list[URLPattern] = [
    path("webhooks/", views.webhook, name="webhook"),
    path("webhooks/v2/", views.thin_webhook, name="thin_webhook"),
]
