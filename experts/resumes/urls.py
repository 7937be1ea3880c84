"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.resumes import views

app_name = "resumes"
urlpatterns = [
    path("me/resume/", views.suggestion_list, name="list"),
    path("me/resume/hint/", views.hint, name="hint"),
    path("me/resume/sections/<slug:section>/accept/", views.accept_section, name="accept_section"),
    path("me/resume/<uuid:suggestion_id>/", views.change, name="change"),
    path("me/resume/<uuid:suggestion_id>/accept/", views.accept, name="accept"),
    path("me/resume/<uuid:suggestion_id>/dismiss/", views.dismiss, name="dismiss"),
    path("me/resume/<uuid:suggestion_id>/restore/", views.restore, name="restore"),
]
