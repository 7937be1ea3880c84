"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.credentials.views import credentials, uploads

app_name = "credentials"
urlpatterns = [
    path("me/credentials/", credentials.credential_list, name="list"),
    path("me/credentials/add/", credentials.choose, name="choose"),
    path("me/credentials/add/<slug:kind_slug>/", credentials.declare, name="declare"),
    path("me/credentials/resume/", credentials.upload_resume, name="upload_resume"),
    path("me/credentials/uploads/", uploads.start, name="upload_start"),
    path("me/credentials/uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path("me/credentials/uploads/<uuid:upload_id>/discard/", uploads.discard, name="upload_discard"),
    path("me/credentials/<uuid:credential_id>/document/", credentials.attach, name="attach"),
    path("me/credentials/<uuid:credential_id>/renew/", credentials.renew, name="renew"),
    path("me/credentials/<uuid:credential_id>/withdraw/", credentials.withdraw, name="withdraw"),
    path("me/credentials/documents/<uuid:document_id>/", credentials.download, name="document"),
    path("me/credentials/documents/<uuid:document_id>/state/", credentials.document_state, name="document_state"),
    path("me/credentials/documents/<uuid:document_id>/remove/", credentials.remove, name="remove"),
    path("vetting/documents/<uuid:document_id>/", credentials.staff_download, name="staff_document"),
]
