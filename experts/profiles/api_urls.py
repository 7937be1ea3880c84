"""Addresses of profiles in the API."""

from __future__ import annotations

from django.urls import path

from experts.profiles import api

urlpatterns = [
    path("me/profile/", api.MyProfile.as_view(), name="my_profile"),
]
