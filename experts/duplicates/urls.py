from __future__ import annotations

from django.urls import path

from experts.duplicates import views

app_name = "duplicates"

urlpatterns = [
    path("vetting/duplicates/", views.queue, name="queue"),
    path("vetting/duplicates/<uuid:twin_id>/", views.question, name="question"),
    path("vetting/duplicates/<uuid:twin_id>/answer/", views.answer, name="answer"),
]
