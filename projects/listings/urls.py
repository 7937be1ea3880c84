"""Addresses of listings: the public board, and a lab's projects and funds."""

from __future__ import annotations

from django.urls import path

from projects.listings.views import board, editor, fields, funding, history, projects, reviews

app_name = "listings"
_PROJECTS = "lab/<slug:slug>/projects/"
_PROJECT = "lab/<slug:slug>/projects/<uuid:project_id>/"

urlpatterns = [
    path("gigs/", board.board, name="board"),
    path("gigs/<uuid:project_id>/", board.detail, name="detail"),
    path("gigs/<uuid:project_id>/changes/", history.changes, name="changes"),
    path("fields/", fields.fields, name="fields"),
    path("fields/<slug:code>/", fields.field, name="field"),
    path(_PROJECTS, projects.project_list, name="projects"),
    path(_PROJECTS + "new/", editor.create, name="create"),
    path(_PROJECTS + "preview/", editor.preview, name="preview"),
    path(_PROJECT, projects.project, name="project"),
    path(_PROJECT + "edit/", editor.edit, name="edit"),
    path(_PROJECT + "publish/", projects.publish, name="publish"),
    path(_PROJECT + "take-back/", projects.take_back, name="take_back"),
    path(_PROJECT + "versions/", projects.versions, name="versions"),
    path(_PROJECT + "pause/", projects.pause, name="pause"),
    path(_PROJECT + "reopen/", projects.reopen, name="reopen"),
    path(_PROJECT + "close/", projects.close, name="close"),
    path(_PROJECT + "funding/", funding.project_funding, name="funding"),
    path(_PROJECT + "funding/<uuid:deposit_id>/", funding.deposit, name="deposit"),
    path("vetting/listings/", reviews.reviews, name="reviews"),
    path("vetting/listings/<uuid:review_id>/", reviews.review, name="review"),
    path("lab/<slug:slug>/funding/", funding.lab_funding, name="lab_funding"),
]
