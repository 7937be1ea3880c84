"""Addresses of listings: the public board, and a lab's projects and funds."""

from __future__ import annotations

from django.urls import path

from projects.listings.views import board, fields, funding, projects

app_name = "listings"
_PROJECTS = "lab/<slug:slug>/projects/"
_PROJECT = "lab/<slug:slug>/projects/<uuid:project_id>/"

urlpatterns = [
    path("gigs/", board.board, name="board"),
    path("gigs/<uuid:project_id>/", board.detail, name="detail"),
    path("fields/", fields.fields, name="fields"),
    path("fields/<slug:code>/", fields.field, name="field"),
    path(_PROJECTS, projects.project_list, name="projects"),
    path(_PROJECTS + "new/", projects.create, name="create"),
    path(_PROJECTS + "preview/", projects.preview, name="preview"),
    path(_PROJECT, projects.project, name="project"),
    path(_PROJECT + "edit/", projects.edit, name="edit"),
    path(_PROJECT + "publish/", projects.publish, name="publish"),
    path(_PROJECT + "pause/", projects.pause, name="pause"),
    path(_PROJECT + "reopen/", projects.reopen, name="reopen"),
    path(_PROJECT + "close/", projects.close, name="close"),
    path(_PROJECT + "funding/", funding.project_funding, name="funding"),
    path(_PROJECT + "funding/<uuid:deposit_id>/", funding.deposit, name="deposit"),
    path("lab/<slug:slug>/funding/", funding.lab_funding, name="lab_funding"),
]
