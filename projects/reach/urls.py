"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from projects.reach.views import feed, keeping, links, pictures, searches, sitemap

app_name = "reach"
_SEARCH = "me/searches/<uuid:search_id>/"

urlpatterns = [
    path("me/searches/", searches.search_list, name="searches"),
    path("me/searches/new/", searches.new, name="new"),
    path(_SEARCH, searches.search, name="search"),
    path(_SEARCH + "edit/", searches.edit, name="edit"),
    path(_SEARCH + "run/", searches.run, name="run"),
    path(_SEARCH + "pause/", searches.pause, name="pause"),
    path(_SEARCH + "resume/", searches.resume, name="resume"),
    path(_SEARCH + "delete/", searches.delete, name="delete"),
    path("searches/keep/", keeping.keep, name="keep"),
    path("searches/stop/<str:token>/", keeping.stop, name="stop"),
    path("gigs/feed.atom", feed.gigs, name="feed"),
    path("gigs/<uuid:project_id>/picture.png", pictures.gig, name="gig_picture"),
    path("gigs/<uuid:project_id>/share/", links.share, name="share"),
    path("fields/<slug:code>/picture.png", pictures.field, name="field_picture"),
    path("g/<slug:code>/", links.short, name="short"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemap.part, name="sitemap_part"),
]
