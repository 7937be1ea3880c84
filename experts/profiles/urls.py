"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.profiles import views

app_name = "profiles"
urlpatterns = [
    path("me/profile/", views.edit, name="edit"),
    path("me/profile/start/", views.start, name="start"),
    path("me/profile/all-fields/", views.all_fields, name="all_fields"),
    path("me/profile/claim/", views.claim, name="claim"),
    path("me/profile/<slug:section>/", views.save, name="save"),
]
