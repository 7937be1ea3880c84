"""Addresses of delivery."""

from __future__ import annotations

from django.urls import path

from projects.delivery import views

app_name = "delivery"
_EXPORT = "lab/<slug:slug>/exports/<uuid:export_id>/"

urlpatterns = [
    path("lab/<slug:slug>/exports/", views.exports, name="exports"),
    path(_EXPORT, views.export, name="export"),
    path(_EXPORT + "progress/", views.progress, name="export_progress"),
    path(_EXPORT + "download/", views.download, name="export_download"),
]
