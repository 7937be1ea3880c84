"""What experts handed in, for a lab's programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from projects.labs.api_access import HasScope
from projects.labs.enums import Scope
from projects.listings.models import Project
from projects.work.api.shared import PAGING, OldestFirst, page_of, project_or_404
from projects.work.enums import AssignmentState
from projects.work.models import Submission


class ReviewOutput(serializers.Serializer[Any]):
    """What a reviewer decided on a revision; without a reviewer it was accepted by seven days of silence."""

    decision = serializers.CharField()
    reject_code = serializers.CharField()
    comment = serializers.CharField()
    field_comments = serializers.ListField(child=serializers.DictField())
    by = serializers.ChoiceField(choices=["reviewer", "silence"])
    decided_at = serializers.DateTimeField()


class SubmissionOutput(serializers.Serializer[Any]):
    """One revision of an answer. `expert` is the alias in the project; `state` is where the work stands now."""

    id = serializers.UUIDField()
    task_id = serializers.UUIDField()
    external_id = serializers.CharField()
    batch_id = serializers.UUIDField()
    expert = serializers.CharField()
    revision = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    is_late = serializers.BooleanField()
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
        responses=page_of("SubmissionPage", SubmissionOutput(many=True)),
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
        pages = OldestFirst()
        page: list[Submission] = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([_shown_submission(row) for row in page])


def _submissions(project: Project) -> QuerySet[Submission]:
    return Submission.objects.filter(assignment__project=project).select_related(
        "review", "assignment__task__batch", "assignment__contract"
    )


def _shown_submission(row: Submission) -> dict[str, Any]:
    work, review = row.assignment, getattr(row, "review", None)
    said = None
    if review is not None:
        names = ("decision", "reject_code", "comment", "field_comments", "decided_at")
        said = {name: getattr(review, name) for name in names} | {"by": "reviewer" if review.reviewer_id else "silence"}
    facts = {
        "id": row.public_id,
        "task_id": work.task.public_id,
        "external_id": work.task.external_id,
        "batch_id": work.task.batch.public_id,
        "expert": work.contract.alias,
        "revision": row.revision,
        "state": work.state,
        "is_late": work.is_late,
        "answer": row.answer,
        "active_seconds": row.active_seconds,
        "submitted_at": row.submitted_at,
        "review": said,
    }
    return dict(SubmissionOutput(facts).data)
