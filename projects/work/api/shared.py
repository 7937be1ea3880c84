"""What the views of this API share: pages, and rows found through the key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from marketplace.kernel.api import KeysetPagination
from projects.labs.api_access import key_of
from projects.listings.models import Project
from projects.work.models import Batch

PAGING = [
    OpenApiParameter("cursor", str, description="from `next` or `previous` of another page"),
    OpenApiParameter("limit", int, description="rows a page, at most 100"),
]


class OldestFirst(KeysetPagination):
    """Pages in the order in which rows came, so that a program can go on where it stopped."""

    ordering = "id"


def page_of(name: str, row: serializers.Serializer[Any]) -> Any:
    """Return the description of a page of these rows."""
    link = serializers.URLField(allow_null=True)
    return inline_serializer(name, {"next": link, "previous": link, "results": row})


def project_or_404(request: Request, project_id: UUID) -> Project:
    """Return a project of the key's lab; a foreign one is as absent as none."""
    rows = Project.objects.visible_to(key_of(request)).select_related("lab")
    project: Project | None = rows.filter(public_id=project_id).first()
    if project is None:
        raise Http404
    return project


def batch_or_404(request: Request, batch_id: UUID) -> Batch:
    """Return a batch of the key's lab; a foreign one is as absent as none."""
    batch: Batch | None = Batch.objects.visible_to(key_of(request)).with_template().filter(public_id=batch_id).first()
    if batch is None:
        raise Http404
    return batch
