"""Exports for a lab's programs: ask, poll, download."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.kernel import clock
from marketplace.kernel.api import KeysetPagination
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

    kind = serializers.ChoiceField(choices=TaskKind.choices, required=False, default="")


class ExportOutput(serializers.Serializer[Any]):
    """An export. `sha256`, `size_bytes` and `download` are filled once its state is READY."""

    id = serializers.UUIDField()
    project_id = serializers.UUIDField()
    kind = serializers.CharField()
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    state = serializers.ChoiceField(choices=ExportState.choices)
    as_of = serializers.DateTimeField()
    rows_total = serializers.IntegerField()
    rows_written = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    ready_at = serializers.DateTimeField(allow_null=True)
    download = serializers.CharField()


def shown(export: Export) -> dict[str, Any]:
    """Return an export as ExportOutput."""
    names = (
        "kind", "format", "state", "as_of", "rows_total", "rows_written", "size_bytes", "sha256", "ready_at",
    )  # fmt: skip
    is_ready = export.state == ExportState.READY
    own = {
        "id": export.public_id,
        "project_id": export.project.public_id,
        "download": f"/api/v1/exports/{export.public_id}/download/" if is_ready else "",
    }
    return dict(ExportOutput({name: getattr(export, name) for name in names} | own).data)


class ExportList(APIView):
    """The exports of a project."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.EXPORTS, "POST": Scope.EXPORTS}

    @extend_schema(
        operation_id="list_exports",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=inline_serializer(
            "ExportPage",
            {
                "next": serializers.URLField(allow_null=True),
                "previous": serializers.URLField(allow_null=True),
                "results": ExportOutput(many=True),
            },
        ),
        tags=["exports"],
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """List the exports of a project, the newest first."""
        pages = KeysetPagination()
        rows = Export.objects.filter(project=_project(request, project_id)).select_related("project")
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([shown(row) for row in page])

    @extend_schema(operation_id="create_export", request=ExportInput, responses={202: ExportOutput}, tags=["exports"])
    def post(self, request: Request, project_id: UUID) -> Response:
        """Ask for a file of the accepted work as it stands now. Poll it until its state is READY."""
        project = _project(request, project_id)
        form = ExportInput(data=request.data)
        form.is_valid(raise_exception=True)
        kind = form.validated_data["kind"]
        export = actions.request_export(project=project, kind=kind, by=key_of(request), now=clock.now())
        return Response(shown(export), status=202)


class ExportDetail(APIView):
    """One export."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.EXPORTS}

    @extend_schema(operation_id="read_export", responses=ExportOutput, tags=["exports"])
    def get(self, request: Request, export_id: UUID) -> Response:
        """Read how far an export is."""
        return Response(shown(_export(request, export_id)))


class ExportDownload(APIView):
    """The file of an export."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.EXPORTS}

    @extend_schema(
        operation_id="download_export",
        responses={(200, "application/jsonl"): OpenApiTypes.BINARY, (206, "application/jsonl"): OpenApiTypes.BINARY},
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
    project: Project | None = rows.filter(public_id=project_id).first()
    if project is None:
        raise Http404
    return project


def _export(request: Request, export_id: UUID) -> Export:
    rows = Export.objects.visible_to(key_of(request)).select_related("project", "lab")
    export: Export | None = rows.filter(public_id=export_id).first()
    if export is None:
        raise Http404
    return export
