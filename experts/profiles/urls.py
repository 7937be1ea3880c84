"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.profiles.views import entries, profile, steps, taxonomy

app_name = "profiles"
urlpatterns = [
    path("me/profile/", profile.edit, name="edit"),
    path("me/profile/start/", profile.start, name="start"),
    path("me/profile/open/", profile.open_to_work, name="open"),
    path("me/profile/all-fields/", profile.all_fields, name="all_fields"),
    path("me/profile/find-fields/", profile.find_fields, name="find_fields"),
    path("me/profile/claim/", profile.claim, name="claim"),
    path("me/profile/steps/", steps.steps, name="steps"),
    path("me/profile/steps/<slug:step>/", steps.step, name="step"),
    path("me/profile/entries/<slug:kind>/", entries.add, name="entry_add"),
    path("me/profile/entries/<slug:kind>/<uuid:entry_id>/", entries.entry, name="entry"),
    path("me/profile/entries/<slug:kind>/<uuid:entry_id>/remove/", entries.remove, name="entry_remove"),
    path("me/profile/<slug:section>/", profile.save, name="save"),
    path("vetting/fields/", taxonomy.taxonomy, name="taxonomy"),
    path("vetting/add-field/", taxonomy.field_add, name="taxonomy_add"),
    path("vetting/fields/<slug:code>/", taxonomy.field, name="taxonomy_field"),
    path("vetting/fields/<slug:code>/merge/", taxonomy.field_merge, name="taxonomy_merge"),
    path("vetting/fields/<slug:code>/retire/", taxonomy.field_retire, name="taxonomy_retire"),
    path("vetting/fields/<slug:code>/restore/", taxonomy.field_restore, name="taxonomy_restore"),
    path("vetting/fields/<slug:code>/remove/", taxonomy.field_remove, name="taxonomy_remove"),
]
