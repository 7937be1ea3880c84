"""Addresses of credentials in the API."""

from __future__ import annotations

from django.urls import path

from experts.credentials import api

urlpatterns = [
    path("me/credentials/", api.MyCredentials.as_view(), name="my_credentials"),
]
