"""The address of the gallery; mounted by the development pages."""

from __future__ import annotations

from django.urls import path

from marketplace.pages.views.gallery import gallery

urlpatterns = [
    path("", gallery, name="gallery"),
]
