"""Batches, tasks and submissions for a lab's programs: the same actions as the dashboard's, as JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.kernel import clock
from marketplace.kernel.api import KeysetPagination
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope
from projects.listings.enums import TaskKind
from projects.listings.models import Project
from projects.work.actions import batches as actions
from projects.work.actions.batches import BatchTerms
from projects.work.enums import AssignmentState, BatchState, TaskState
from projects.work.errors import TooLarge
from projects.work.kinds import kind_of
from projects.work.kinds.base import Kind, RowError
from projects.work.models import Batch, Submission, Task
from projects.work.reading import Read, checked_metadata, external_id_of

TASKS_AT_ONCE = 1000
MAX_BODY_BYTES = 25 * 1024 * 1024


class OldestFirst(KeysetPagination):
    """Pages in the order in which rows came, so that a program can go on where it stopped."""

    ordering = "id"


def page_of(name: str, row: serializers.Serializer[Any]) -> Any:
    """Return the description of a page of these rows."""
    link = serializers.URLField(allow_null=True)
    return inline_serializer(name, {"next": link, "previous": link, "results": row})


# ---------------------------------------------------------------------------------------------------------- batches


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

    id = serializers.UUIDField()
    project_id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    overlap = serializers.IntegerField()
    priority = serializers.IntegerField()
    minutes_expected = serializers.IntegerField()
    template_version = serializers.IntegerField()
    rows_staged = serializers.IntegerField()
    rows_duplicate = serializers.IntegerField()
    rows_known = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    tasks_total = serializers.IntegerField()
    tasks_done = serializers.IntegerField()
    tasks_blocked = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    live_at = serializers.DateTimeField(allow_null=True)


def shown_batch(batch: Batch) -> dict[str, Any]:
    """Return a batch as BatchOutput."""
    names = (
        "code", "name", "kind", "state", "overlap", "priority", "minutes_expected", "rows_staged", "rows_duplicate",
        "rows_known", "rows_refused", "tasks_total", "tasks_done", "tasks_blocked", "created_at", "live_at",
    )  # fmt: skip
    own = {"id": batch.public_id, "project_id": batch.project.public_id, "template_version": batch.template.version}
    return dict(BatchOutput({name: getattr(batch, name) for name in names} | own).data)


class BatchList(APIView):
    """The batches of a project."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.TASKS_READ, "POST": Scope.TASKS_WRITE}

    @extend_schema(
        operation_id="list_batches", responses=page_of("BatchPage", BatchOutput(many=True)), tags=["batches"]
    )
    def get(self, request: Request, project_id: UUID) -> Response:
        """List the batches of a project, the newest first."""
        pages = KeysetPagination()
        rows = Batch.objects.filter(project=_project(request, project_id)).with_template()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([shown_batch(row) for row in page])

    @extend_schema(operation_id="create_batch", request=BatchInput, responses={201: BatchOutput}, tags=["batches"])
    def post(self, request: Request, project_id: UUID) -> Response:
        """Create an empty batch."""
        project = _project(request, project_id)
        form = BatchInput(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        terms = BatchTerms(said["instructions"], said["overlap"], said["minutes_expected"], said["priority"])
        batch = actions.create_batch(
            project=project, kind=said["kind"], name=said["name"], terms=terms, by=key_of(request), now=clock.now()
        )
        return Response(shown_batch(batch), status=201)


class BatchDetail(APIView):
    """One batch."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.TASKS_READ}

    @extend_schema(operation_id="read_batch", responses=BatchOutput, tags=["batches"])
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Read one batch with its counters."""
        return Response(shown_batch(_batch(request, batch_id)))


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
        batch = _batch(request, batch_id)
        form = FinalizeInput(data=request.data)
        form.is_valid(raise_exception=True)
        batch = actions.finalize_batch(
            batch_id=batch.pk,
            by=key_of(request),
            now=clock.now(),
            include_duplicates=form.validated_data["include_duplicates"],
        )
        return Response(shown_batch(_batch(request, batch.public_id)))


# ------------------------------------------------------------------------------------------------------------ tasks


class TaskInput(serializers.Serializer[Any]):
    """
    A task. `prompt` has the shape of the batch's kind; `metadata` is for the lab only and never shown to an expert.

    An external_id that the project has already is left untouched, so the same request can be sent again.
    """

    external_id = serializers.CharField(max_length=200)
    prompt = serializers.DictField()
    metadata = serializers.DictField(required=False)


class TasksInput(serializers.Serializer[Any]):
    """Up to 1,000 tasks."""

    tasks = serializers.ListField(child=TaskInput(), min_length=1, max_length=TASKS_AT_ONCE)


class _TasksBody(serializers.Serializer[Any]):
    """The same, read leniently: one broken task must not keep the others out."""

    tasks = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=TASKS_AT_ONCE)


class RefusedTask(serializers.Serializer[Any]):
    """A task that was not added. `index` counts from 0 in the order they were sent."""

    index = serializers.IntegerField()
    external_id = serializers.CharField()
    error = serializers.CharField()


class TasksOutput(serializers.Serializer[Any]):
    """What became of the tasks, by external_id."""

    created = serializers.ListField(child=serializers.CharField())
    duplicates = serializers.ListField(
        child=serializers.CharField(), help_text="same content as an older task: set aside"
    )
    known = serializers.ListField(child=serializers.CharField(), help_text="there already, left untouched")
    changed = serializers.ListField(child=serializers.CharField(), help_text="known, and stored with another content")
    refused = RefusedTask(many=True)


class TaskOutput(serializers.Serializer[Any]):
    """A task as the lab sees it."""

    id = serializers.UUIDField()
    external_id = serializers.CharField()
    batch_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=TaskState.choices)
    prompt = serializers.DictField()
    metadata = serializers.DictField()
    overlap = serializers.IntegerField()
    accepted_count = serializers.IntegerField()
    bad_reports = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class TaskList(APIView):
    """The tasks of a batch."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.TASKS_READ, "POST": Scope.TASKS_WRITE}

    @extend_schema(operation_id="list_tasks", responses=page_of("TaskPage", TaskOutput(many=True)), tags=["tasks"])
    def get(self, request: Request, batch_id: UUID) -> Response:
        """List the tasks of a batch in their order."""
        batch = _batch(request, batch_id)
        pages = OldestFirst()
        page: list[Task] = pages.paginate_queryset(Task.objects.filter(batch=batch), request, view=self) or []
        return pages.get_paginated_response([_shown_task(task, batch) for task in page])

    @extend_schema(operation_id="add_tasks", request=TasksInput, responses=TasksOutput, tags=["tasks"])
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Add up to 1,000 tasks. Sending them again changes nothing."""
        batch = _batch(request, batch_id)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            raise TooLarge(f"One request may carry {MAX_BODY_BYTES // 1024 // 1024} MB. Send fewer tasks at once.")
        form = _TasksBody(data=request.data)
        form.is_valid(raise_exception=True)
        good, refused = _read_all(form.validated_data["tasks"], kind_of(batch.kind))
        done = actions.add_tasks(batch_id=batch.pk, rows=good, by=key_of(request), now=clock.now())
        found = {what: getattr(done, what) for what in ("created", "duplicates", "known", "changed")}
        return Response(TasksOutput(found | {"refused": refused}).data)


def _shown_task(task: Task, batch: Batch) -> dict[str, Any]:
    names = ("external_id", "state", "prompt", "metadata", "overlap", "accepted_count", "bad_reports", "created_at")
    own = {"id": task.public_id, "batch_id": batch.public_id}
    return dict(TaskOutput({name: getattr(task, name) for name in names} | own).data)


def _read_all(entries: list[object], kind: Kind) -> tuple[list[Read], list[dict[str, Any]]]:
    """Return the tasks that can be added, and why the others cannot."""
    good, refused = [], []
    for index, entry in enumerate(entries):
        try:
            good.append(_read_one(entry, kind))
        except RowError as error:
            name = entry.get("external_id", "") if isinstance(entry, dict) else ""
            named = name[:200] if isinstance(name, str) and name.isprintable() else ""
            refused.append({"index": index, "external_id": named, "error": str(error)})
    return good, refused


def _read_one(entry: object, kind: Kind) -> Read:
    if not isinstance(entry, dict) or set(entry) - {"external_id", "prompt", "metadata"}:
        raise RowError("A task is an object with external_id, prompt and, if you like, metadata.")
    external_id = external_id_of(entry.get("external_id"))
    if not external_id:
        raise RowError("The external_id is missing.")
    metadata = entry.get("metadata", {})
    if not isinstance(metadata, dict):
        raise RowError("The metadata is not an object.")
    return Read(external_id, kind.prompt_of_json(entry.get("prompt")), checked_metadata(metadata))


# ------------------------------------------------------------------------------------------------------ submissions


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
        rows = _submissions(_project(request, project_id))
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


def _project(request: Request, project_id: UUID) -> Project:
    """Return a project of the key's lab; a foreign one is as absent as none."""
    rows = Project.objects.visible_to(key_of(request)).select_related("lab")
    project: Project | None = rows.filter(public_id=project_id).first()
    if project is None:
        raise Http404
    return project


def _batch(request: Request, batch_id: UUID) -> Batch:
    batch: Batch | None = Batch.objects.visible_to(key_of(request)).with_template().filter(public_id=batch_id).first()
    if batch is None:
        raise Http404
    return batch
