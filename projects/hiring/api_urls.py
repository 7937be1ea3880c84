"""Addresses of hiring in the API."""

from __future__ import annotations

from django.urls import path

from projects.hiring import api

urlpatterns = [
    path("me/applications/", api.MyApplications.as_view(), name="my_applications"),
    path("me/invitations/", api.MyInvitations.as_view(), name="my_invitations"),
    path("me/offers/", api.MyOffers.as_view(), name="my_offers"),
    path("me/contracts/", api.MyContracts.as_view(), name="my_contracts"),
    path("candidates/", api.LabCandidates.as_view(), name="candidates"),
    path("contracts/", api.LabContracts.as_view(), name="contracts"),
]
