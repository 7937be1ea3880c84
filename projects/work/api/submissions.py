"""What experts handed in, for a lab's programs."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.kernel.api import PAGING, OldestFirst, page_of, paged
from projects.labs.api_access import HasScope
from projects.labs.enums import Scope
from projects.listings.models import Project
from projects.work.api.shared import project_or_404
from projects.work.enums import AssignmentState
from projects.work.models import Review, Submission


class ReviewOutput(serializers.Serializer[Any]):
    """What a reviewer decided on a revision; without a reviewer it was accepted by silence: nobody had reviewed it in time."""

    decision = serializers.CharField()
    reject_code = serializers.CharField()
    comment = serializers.CharField()
    field_comments = serializers.ListField(child=serializers.DictField())
    by = serializers.SerializerMethodField()
    decided_at = serializers.DateTimeField()

    def get_by(self, row: Review) -> Literal["reviewer", "silence"]:
        return "reviewer" if row.reviewer_id else "silence"


class SubmissionOutput(serializers.Serializer[Any]):
    """One revision of an answer. `expert` is the alias in the project; `state` is where the work stands now."""

    id = serializers.UUIDField(source="public_id")
    task_id = serializers.UUIDField(source="assignment.task.public_id")
    external_id = serializers.CharField(source="assignment.task.external_id")
    batch_id = serializers.UUIDField(source="assignment.task.batch.public_id")
    expert = serializers.CharField(source="assignment.contract.alias")
    revision = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AssignmentState.choices, source="assignment.state")
    is_late = serializers.BooleanField(source="assignment.is_late")
    answer = serializers.DictField()
    active_seconds = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    review = ReviewOutput(allow_null=True)


class SubmissionQuery(serializers.Serializer[Any]):
    """How submissions are narrowed down."""

    state = serializers.ChoiceField(choices=AssignmentState.choices, required=False)
    submitted_after = serializers.DateTimeField(required=False)


class SubmissionList(APIView):
    """What experts handed in."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.TASKS_READ}

    @extend_schema(
        operation_id="list_submissions",
        parameters=[
            *PAGING,
            OpenApiParameter("state", str, enum=AssignmentState.values),
            OpenApiParameter("submitted_after", str, description="a moment, ISO 8601"),
        ],
        responses=page_of("SubmissionPage", SubmissionOutput),
        tags=["submissions"],
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """List every revision that was handed in, the oldest first, so that a program can go on where it stopped."""
        query = SubmissionQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = _submissions(project_or_404(request, project_id))
        if "state" in query.validated_data:
            rows = rows.filter(assignment__state=query.validated_data["state"])
        if "submitted_after" in query.validated_data:
            rows = rows.filter(submitted_at__gt=query.validated_data["submitted_after"])
        return paged(request, self, rows, SubmissionOutput, order=OldestFirst)


def _submissions(project: Project) -> QuerySet[Submission]:
    return Submission.objects.filter(assignment__project=project).select_related(
        "review", "assignment__task__batch", "assignment__contract"
    )
