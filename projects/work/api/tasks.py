"""Tasks for a lab's programs: up to a thousand in one request, the same ones as often as one likes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.kernel import clock
from marketplace.kernel.api import PAGING, OldestFirst, page_of, paged
from marketplace.kernel.uploads import MEGABYTE
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope
from projects.work.actions import batches as actions
from projects.work.api.shared import batch_or_404
from projects.work.enums import TaskState
from projects.work.kinds import kind_of
from projects.work.kinds.base import Kind, RowError
from projects.work.reading import Read, checked_metadata, external_id_of

TASKS_AT_ONCE = 1000


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

    id = serializers.UUIDField(source="public_id")
    external_id = serializers.CharField()
    batch_id = serializers.UUIDField(source="batch.public_id")
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
    max_body_bytes = 25 * MEGABYTE

    @extend_schema(
        operation_id="list_tasks",
        parameters=PAGING,
        responses=page_of("TaskPage", TaskOutput),
        tags=["tasks"],
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """List the tasks of a batch in their order."""
        return paged(request, self, batch_or_404(request, batch_id).tasks.all(), TaskOutput, order=OldestFirst)

    @extend_schema(operation_id="add_tasks", request=TasksInput, responses=TasksOutput, tags=["tasks"])
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Add up to 1,000 tasks. Sending them again changes nothing."""
        batch = batch_or_404(request, batch_id)
        form = _TasksBody(data=request.data)
        form.is_valid(raise_exception=True)
        good, refused = _read_all(form.validated_data["tasks"], kind_of(batch.kind))
        done = actions.add_tasks(batch_id=batch.pk, rows=good, by=key_of(request), now=clock.now())
        found = {what: getattr(done, what) for what in ("created", "duplicates", "known", "changed")}
        return Response(TasksOutput(found | {"refused": refused}).data)


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
