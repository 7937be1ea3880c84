"""An expert's own work for programs: tasks taken, answers handed in, and what reviewers said. Read only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.api_access import IsPerson, person_of
from marketplace.kernel.api import PAGING, page_of, paged
from projects.listings.enums import TaskKind
from projects.work.api.submissions import ReviewOutput
from projects.work.enums import AssignmentState
from projects.work.models import Assignment, Submission


class AssignmentOutput(serializers.Serializer[Any]):
    """
    A task that you took. `lease_until` counts while it is WORKING; `due_at` is the end of the review or of the correction.

    `is_late` says that the place had gone to somebody else when you handed in; it is reviewed all the same.
    """

    id = serializers.UUIDField(source="public_id")
    contract = serializers.UUIDField(source="contract.public_id")
    project = serializers.UUIDField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    lab = serializers.CharField(source="project.lab.public_name")
    task = serializers.CharField(source="task.external_id")
    kind = serializers.ChoiceField(choices=TaskKind.choices, source="task.batch.kind")
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    is_late = serializers.BooleanField()
    rounds = serializers.IntegerField()
    active_seconds = serializers.IntegerField()
    claimed_at = serializers.DateTimeField()
    lease_until = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    skip_reason = serializers.CharField()
    skip_note = serializers.CharField()


class MySubmissionOutput(serializers.Serializer[Any]):
    """One revision of your answer, and what its reviewer decided."""

    id = serializers.UUIDField(source="public_id")
    assignment = serializers.UUIDField(source="assignment.public_id")
    project = serializers.UUIDField(source="assignment.project.public_id")
    task = serializers.CharField(source="assignment.task.external_id")
    revision = serializers.IntegerField()
    answer = serializers.DictField()
    active_seconds = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    review = ReviewOutput(allow_null=True)


class AssignmentQuery(serializers.Serializer[Any]):
    """How assignments are narrowed down."""

    state = serializers.ChoiceField(choices=AssignmentState.choices, required=False)


class MyAssignments(APIView):
    """The expert's own tasks."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_assignments",
        parameters=[*PAGING, OpenApiParameter("state", str, enum=AssignmentState.values)],
        responses=page_of("AssignmentPage", AssignmentOutput),
        tags=["submissions"],
    )
    def get(self, request: Request) -> Response:
        """List the tasks that you took, the newest first."""
        query = AssignmentQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = Assignment.objects.of_expert(person_of(request)).filter(**query.validated_data)
        return paged(request, self, rows.select_related("contract", "project__lab", "task__batch"), AssignmentOutput)


class MySubmissions(APIView):
    """The expert's own answers."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_submissions",
        parameters=PAGING,
        responses=page_of("MySubmissionPage", MySubmissionOutput),
        tags=["submissions"],
    )
    def get(self, request: Request) -> Response:
        """List the answers that you handed in with their reviews, the newest first."""
        rows = Submission.objects.of_expert(person_of(request))
        return paged(
            request, self, rows.select_related("review", "assignment__project", "assignment__task"), MySubmissionOutput
        )
