"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.credentials import views

app_name = "credentials"
urlpatterns = [
    path("me/credentials/", views.credential_list, name="list"),
    path("me/credentials/add/", views.choose, name="choose"),
    path("me/credentials/add/<slug:kind_slug>/", views.declare, name="declare"),
    path("me/credentials/resume/", views.upload_resume, name="upload_resume"),
    path("me/credentials/<uuid:credential_id>/document/", views.attach, name="attach"),
    path("me/credentials/<uuid:credential_id>/renew/", views.renew, name="renew"),
    path("me/credentials/<uuid:credential_id>/withdraw/", views.withdraw, name="withdraw"),
    path("me/credentials/documents/<uuid:document_id>/", views.download, name="document"),
    path("me/credentials/documents/<uuid:document_id>/state/", views.document_state, name="document_state"),
    path("me/credentials/documents/<uuid:document_id>/remove/", views.remove, name="remove"),
    path("vetting/documents/<uuid:document_id>/", views.staff_download, name="staff_document"),
]
