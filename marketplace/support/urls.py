from __future__ import annotations

from django.urls import path

from marketplace.support import views

app_name = "support"

urlpatterns = [
    path("support/", views.people, name="people"),
    path("support/people/<uuid:person_ref>/", views.look, name="look"),
    path("support/looks/", views.looks, name="looks"),
    path("support/end/", views.end, name="end"),
]
