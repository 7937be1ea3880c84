"""Addresses of labs."""

from __future__ import annotations

from django.urls import path

from projects.labs import views

app_name = "labs"
urlpatterns = [
    path("labs/<slug:slug>/", views.public, name="public"),
    path("lab/", views.choose, name="choose"),
    path("lab/new/", views.create, name="create"),
    path("lab/join/<str:token>/", views.join, name="join"),
    path("lab/<slug:slug>/members/", views.members, name="members"),
    path("lab/<slug:slug>/members/<uuid:user_ref>/role/", views.member_role, name="member_role"),
    path("lab/<slug:slug>/members/<uuid:user_ref>/remove/", views.member_remove, name="member_remove"),
    path("lab/<slug:slug>/invitations/<uuid:invitation_id>/again/", views.invitation_again, name="invitation_again"),
    path("lab/<slug:slug>/invitations/<uuid:invitation_id>/revoke/", views.invitation_revoke, name="invitation_revoke"),
    path("lab/<slug:slug>/keys/", views.keys, name="keys"),
    path("lab/<slug:slug>/keys/<uuid:key_ref>/revoke/", views.key_revoke, name="key_revoke"),
    path("lab/<slug:slug>/settings/", views.settings, name="settings"),
]
