"""Batches for a lab's programs: create, fill, start."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.kernel import clock
from marketplace.kernel.api import PAGING, page_of, paged
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope
from projects.listings.enums import TaskKind
from projects.work.actions import batches as actions
from projects.work.actions.batches import BatchTerms
from projects.work.api.shared import batch_or_404, project_or_404
from projects.work.enums import BatchState
from projects.work.models import Batch


class BatchInput(serializers.Serializer[Any]):
    """A new batch. Its tasks are added afterwards; nothing is handed out before it is finalized."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=TaskKind.choices)
    instructions = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    overlap = serializers.IntegerField(min_value=1, max_value=9, required=False, default=1)
    minutes_expected = serializers.IntegerField(min_value=1, max_value=600, required=False, default=15)
    priority = serializers.IntegerField(min_value=-100, max_value=100, required=False, default=0)


class BatchOutput(serializers.Serializer[Any]):
    """A batch with its counters."""

    id = serializers.UUIDField(source="public_id")
    project_id = serializers.UUIDField(source="project.public_id")
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    overlap = serializers.IntegerField()
    priority = serializers.IntegerField()
    minutes_expected = serializers.IntegerField()
    template_version = serializers.IntegerField(source="template.version")
    rows_staged = serializers.IntegerField()
    rows_duplicate = serializers.IntegerField()
    rows_known = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    tasks_total = serializers.IntegerField()
    tasks_done = serializers.IntegerField()
    tasks_blocked = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    live_at = serializers.DateTimeField(allow_null=True)


class BatchList(APIView):
    """The batches of a project."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.TASKS_READ, "POST": Scope.TASKS_WRITE}

    @extend_schema(
        operation_id="list_batches",
        parameters=PAGING,
        responses=page_of("BatchPage", BatchOutput),
        tags=["batches"],
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """List the batches of a project, the newest first."""
        rows = Batch.objects.filter(project=project_or_404(request, project_id)).with_template()
        return paged(request, self, rows, BatchOutput)

    @extend_schema(operation_id="create_batch", request=BatchInput, responses={201: BatchOutput}, tags=["batches"])
    def post(self, request: Request, project_id: UUID) -> Response:
        """Create an empty batch."""
        project = project_or_404(request, project_id)
        form = BatchInput(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        terms = BatchTerms(said["instructions"], said["overlap"], said["minutes_expected"], said["priority"])
        batch = actions.create_batch(
            project=project, kind=said["kind"], name=said["name"], terms=terms, by=key_of(request), now=clock.now()
        )
        return Response(BatchOutput(batch).data, status=201)


class BatchDetail(APIView):
    """One batch."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.TASKS_READ}

    @extend_schema(operation_id="read_batch", responses=BatchOutput, tags=["batches"])
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Read one batch with its counters."""
        return Response(BatchOutput(batch_or_404(request, batch_id)).data)


class FinalizeInput(serializers.Serializer[Any]):
    """How a batch starts."""

    include_duplicates = serializers.BooleanField(required=False, default=False)


class BatchFinalize(APIView):
    """Starting a batch."""

    permission_classes = [HasScope]
    scopes = {"POST": Scope.TASKS_WRITE}

    @extend_schema(operation_id="finalize_batch", request=FinalizeInput, responses=BatchOutput, tags=["batches"])
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Start the batch: its tasks are handed out from now on, and none can be added any more."""
        batch = batch_or_404(request, batch_id)
        form = FinalizeInput(data=request.data)
        form.is_valid(raise_exception=True)
        batch = actions.finalize_batch(
            batch_id=batch.pk,
            by=key_of(request),
            now=clock.now(),
            include_duplicates=form.validated_data["include_duplicates"],
        )
        return Response(BatchOutput(batch_or_404(request, batch.public_id)).data)
