from __future__ import annotations

from django.urls import path

from marketplace.privacy import views

app_name = "privacy"

urlpatterns = [
    path("me/privacy/", views.mine, name="mine"),
    path("me/privacy/copy/", views.ask_for_copy, name="ask_for_copy"),
    path("me/privacy/copies/<uuid:copy_id>/progress/", views.progress, name="progress"),
    path("me/privacy/copies/<uuid:copy_id>/download/", views.download, name="download"),
    path("me/privacy/erase/", views.erase, name="erase"),
    path("me/privacy/erase/take-back/", views.take_back, name="take_back"),
    path("support/erasures/", views.requests, name="requests"),
    path("support/erasures/<uuid:erasure_id>/", views.request, name="request"),
    path("support/erasures/<uuid:erasure_id>/reveal/", views.reveal, name="reveal"),
]
