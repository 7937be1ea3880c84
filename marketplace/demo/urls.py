"""Addresses of a development stack; mounted at /dev/ with DEBUG only."""

from __future__ import annotations

from django.urls import include, path

from marketplace.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.index, name="index"),
    path("as/<slug:slug>/", views.sign_in, name="sign_in"),
    path("clock/", views.clock_step, name="clock"),
    path("emails/", views.emails, name="emails"),
    path("emails/<uuid:email_id>/", views.email, name="email"),
    path("emails/<uuid:email_id>/html/", views.email_html, name="email_html"),
    path("gallery/", include("marketplace.pages.gallery_urls")),
]
