"""Exports for a lab's programs: ask, poll, download."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.kernel import clock
from marketplace.kernel.api import PAGING, page_of, paged
from marketplace.kernel.openapi import may_answer
from projects.delivery import actions
from projects.delivery.downloads import file_response, is_first_part
from projects.delivery.enums import ExportFormat, ExportState
from projects.delivery.models import Export
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope
from projects.listings.enums import TaskKind
from projects.listings.models import Project


class ExportInput(serializers.Serializer[Any]):
    """What to export. The kind may be left out when the project has batches of one kind only."""

    kind = serializers.ChoiceField(choices=TaskKind.choices, required=False, allow_blank=True, default="")


class ExportOutput(serializers.Serializer[Any]):
    """An export. `sha256`, `size_bytes` and `download` are filled once its state is READY."""

    id = serializers.UUIDField(source="public_id")
    project_id = serializers.UUIDField(source="project.public_id")
    kind = serializers.CharField()
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    state = serializers.ChoiceField(choices=ExportState.choices)
    as_of = serializers.DateTimeField()
    rows_total = serializers.IntegerField()
    rows_written = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    ready_at = serializers.DateTimeField(allow_null=True)
    download = serializers.SerializerMethodField()

    def get_download(self, row: Export) -> str:
        return f"/api/v1/exports/{row.public_id}/download/" if row.state == ExportState.READY else ""


class ExportList(APIView):
    """The exports of a project."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.EXPORTS, "POST": Scope.EXPORTS}

    @extend_schema(
        operation_id="list_exports",
        parameters=PAGING,
        responses=page_of("ExportPage", ExportOutput),
        tags=["exports"],
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """List the exports of a project, the newest first."""
        rows = Export.objects.filter(project=_project(request, project_id)).select_related("project")
        return paged(request, self, rows, ExportOutput)

    @extend_schema(operation_id="create_export", request=ExportInput, responses={202: ExportOutput}, tags=["exports"])
    def post(self, request: Request, project_id: UUID) -> Response:
        """Ask for a file of the accepted work as it stands now. Poll it until its state is READY."""
        project = _project(request, project_id)
        form = ExportInput(data=request.data)
        form.is_valid(raise_exception=True)
        kind = form.validated_data["kind"]
        export = actions.request_export(project=project, kind=kind, by=key_of(request), now=clock.now())
        return Response(ExportOutput(export).data, status=202)


class ExportDetail(APIView):
    """One export."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.EXPORTS}

    @extend_schema(operation_id="read_export", responses=ExportOutput, tags=["exports"])
    def get(self, request: Request, export_id: UUID) -> Response:
        """Read how far an export is."""
        return Response(ExportOutput(_export(request, export_id)).data)


class ExportDownload(APIView):
    """The file of an export."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.EXPORTS}

    @extend_schema(
        operation_id="download_export",
        responses={
            (200, "application/jsonl"): OpenApiTypes.BINARY,
            (206, "application/jsonl"): OpenApiTypes.BINARY,
            416: OpenApiResponse(description="The file has no such part; Content-Range says how long it is."),
        },
        extensions=may_answer(422),
        tags=["exports"],
    )
    def get(self, request: Request, export_id: UUID) -> HttpResponseBase:
        """Download the file, whole or from where a broken download stopped (Range with bytes=N-)."""
        export = _export(request, export_id)
        if is_first_part(request._request):
            actions.record_download(export=export, by=key_of(request), now=clock.now())
        return file_response(request._request, export)


def _project(request: Request, project_id: UUID) -> Project:
    rows = Project.objects.visible_to(key_of(request)).select_related("lab")
    project: Project = get_object_or_404(rows, public_id=project_id)
    return project


def _export(request: Request, export_id: UUID) -> Export:
    rows = Export.objects.visible_to(key_of(request)).select_related("project", "lab")
    export: Export = get_object_or_404(rows, public_id=export_id)
    return export
