"""What the views of this API share: rows found through the key."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from projects.labs.api_access import key_of
from projects.listings.models import Project
from projects.work.models import Batch


def project_or_404(request: Request, project_id: UUID) -> Project:
    """Return a project of the key's lab; a foreign one is as absent as none."""
    rows = Project.objects.visible_to(key_of(request)).select_related("lab")
    project: Project = get_object_or_404(rows, public_id=project_id)
    return project


def batch_or_404(request: Request, batch_id: UUID) -> Batch:
    """Return a batch of the key's lab; a foreign one is as absent as none."""
    rows = Batch.objects.visible_to(key_of(request)).with_template()
    batch: Batch = get_object_or_404(rows, public_id=batch_id)
    return batch
