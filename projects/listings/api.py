"""Projects for a lab's programs: the same actions as the dashboard's, as JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from marketplace.kernel import clock
from marketplace.kernel.api import PAGING, page_of, paged
from marketplace.kernel.errors import Invalid
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope
from projects.listings.actions.projects import create_project, edit_project, publish_project
from projects.listings.actions.shape import Band, Listing, Wanted, listing_of
from projects.listings.enums import ProjectState, TaskKind, Visibility
from projects.listings.models import Project
from projects.listings.queries import funds_of


class RequirementShape(serializers.Serializer[Any]):
    """A credential at a step of the ladder, or vetting in a field."""

    credential_kind = serializers.ChoiceField(
        choices=CredentialKind.choices, required=False, allow_blank=True, default=""
    )
    step = serializers.ChoiceField(choices=LadderStep.choices, required=False, default=LadderStep.DOCUMENT_SEEN)
    field = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    is_required = serializers.BooleanField(required=False, default=True)


class BandShape(serializers.Serializer[Any]):
    """What experts based in one country (ISO 3166, two letters) are paid an hour, within the listed range."""

    country = serializers.CharField(max_length=2)
    rate_min_minor = serializers.IntegerField(min_value=1)
    rate_max_minor = serializers.IntegerField(min_value=1)


class ProjectInput(serializers.Serializer[Any]):
    """What a lab says about a project; amounts in minor units, sections in Markdown."""

    title = serializers.CharField(max_length=140)
    summary = serializers.CharField(max_length=300, required=False, allow_blank=True)
    sections = serializers.DictField(child=serializers.CharField(max_length=20_000, allow_blank=True), required=False)
    fields_ = serializers.ListField(child=serializers.SlugField(), required=False, max_length=10)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=TaskKind.choices), required=False)
    currency = serializers.CharField(max_length=3, required=False)
    rate_min_minor = serializers.IntegerField(min_value=1, required=False)
    rate_max_minor = serializers.IntegerField(min_value=1, required=False)
    bands = BandShape(many=True, required=False)
    weekly_hours_min = serializers.IntegerField(min_value=1, max_value=60, required=False)
    weekly_hours_cap = serializers.IntegerField(min_value=1, max_value=60, required=False)
    expected_weeks = serializers.IntegerField(min_value=1, max_value=104, required=False)
    starts_on = serializers.DateField(required=False)
    closes_at = serializers.DateTimeField(required=False)
    places_wanted = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    countries = serializers.ListField(child=serializers.CharField(max_length=2), required=False)
    languages = serializers.ListField(child=serializers.CharField(max_length=2), required=False)
    questions = serializers.ListField(child=serializers.CharField(max_length=300), required=False)
    requirements = RequirementShape(many=True, required=False)
    assessed_field = serializers.SlugField(
        required=False,
        allow_blank=True,
        help_text="Code of the field whose published assessment and interview are asked for; empty for none.",
    )
    terms_text = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    manual_time_allowed = serializers.BooleanField(required=False)
    revision = serializers.IntegerField(
        min_value=1,
        required=False,
        help_text="The revision that you read; with another one saved meanwhile the change is refused with 409.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a word that serializers keep for themselves, so it is renamed on the way in."""
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        return found


class ProjectOutput(serializers.Serializer[Any]):
    """A project as programs see it. `funds_minor` is what stands on deposit and is not reserved."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    summary = serializers.CharField()
    state = serializers.ChoiceField(choices=ProjectState.choices)
    sections = serializers.DictField(child=serializers.CharField())
    kinds = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField()
    rate_min_minor = serializers.IntegerField(allow_null=True)
    rate_max_minor = serializers.IntegerField(allow_null=True)
    bands = BandShape(many=True)
    weekly_hours_cap = serializers.IntegerField()
    assessed_field = serializers.CharField(source="assessed_field.code", allow_null=True, default=None)
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    revision = serializers.IntegerField()
    places_wanted = serializers.IntegerField()
    places_filled = serializers.IntegerField()
    funds_minor = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    page = serializers.SerializerMethodField()

    def get_funds_minor(self, row: Project) -> int:
        funds: dict[UUID, int] = self.context["funds"]
        return funds[row.public_id]

    def get_page(self, row: Project) -> str:
        return f"/gigs/{row.public_id}/"


def funds_known(rows: list[Project]) -> dict[str, Any]:
    """Return what ProjectOutput needs to know of all its rows."""
    return {"funds": funds_of(rows)}


def shown(project: Project) -> dict[str, Any]:
    """Return a project as ProjectOutput."""
    return dict(ProjectOutput(project, context=funds_known([project])).data)


class ProjectList(APIView):
    """The lab's projects."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROJECTS_READ, "POST": Scope.PROJECTS_WRITE}

    @extend_schema(
        operation_id="list_projects",
        parameters=PAGING,
        responses=page_of("ProjectPage", ProjectOutput),
        tags=["projects"],
    )
    def get(self, request: Request) -> Response:
        """List the lab's projects, the newest first."""
        return paged(request, self, _projects(request), ProjectOutput, context=funds_known)

    @extend_schema(
        operation_id="create_project", request=ProjectInput, responses={201: ProjectOutput}, tags=["projects"]
    )
    def post(self, request: Request) -> Response:
        """Create a draft. It is found by experts once it is funded and published."""
        form = ProjectInput(data=request.data)
        form.is_valid(raise_exception=True)
        key = key_of(request)
        listing = _listing(Listing(title=""), _without_revision(form.validated_data)[0])
        project = create_project(lab_id=key.lab_id, listing=listing, by=key, now=clock.now())
        return Response(shown(project), status=201)


class ProjectDetail(APIView):
    """One project of the lab."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROJECTS_READ, "PATCH": Scope.PROJECTS_WRITE}

    @extend_schema(operation_id="read_project", responses=ProjectOutput, tags=["projects"])
    def get(self, request: Request, project_id: UUID) -> Response:
        """Read one project."""
        return Response(shown(get_object_or_404(_projects(request), public_id=project_id)))

    @extend_schema(operation_id="edit_project", request=ProjectInput, responses=ProjectOutput, tags=["projects"])
    def patch(self, request: Request, project_id: UUID) -> Response:
        """Change what is named in the body; the rest stays. Changes of a published listing are versions, which experts read."""
        project = get_object_or_404(_projects(request), public_id=project_id)
        form = ProjectInput(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        said, revision = _without_revision(form.validated_data)
        listing = _listing(listing_of(project), said)
        # Without a revision of the caller's own it is the one that was just read, so nothing saved meanwhile is undone.
        edit_project(
            project_id=project.pk,
            listing=listing,
            by=key_of(request),
            now=clock.now(),
            revision=revision or project.revision,
        )
        return Response(shown(get_object_or_404(_projects(request), pk=project.pk)))


class ProjectPublish(APIView):
    """Publishing, which runs the checklist."""

    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROJECTS_WRITE}

    @extend_schema(operation_id="publish_project", request=None, responses=ProjectOutput, tags=["projects"])
    def post(self, request: Request, project_id: UUID) -> Response:
        """
        Publish a draft; a refusal names what the checklist still misses. One that pays less than the same work did within
        sixty days comes back as IN_REVIEW: staff look at it first.
        """
        project = get_object_or_404(_projects(request), public_id=project_id)
        return Response(shown(publish_project(project_id=project.pk, by=key_of(request), now=clock.now())))


def _projects(request: Request) -> QuerySet[Project]:
    rows: QuerySet[Project] = Project.objects.visible_to(key_of(request))
    return rows.select_related("lab", "terms", "assessed_field").prefetch_related("bands")


def _without_revision(given: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Return what was said of the listing, and the revision it was said on."""
    return {name: value for name, value in given.items() if name != "revision"}, given.get("revision")


def _listing(start: Listing, given: dict[str, Any]) -> Listing:
    """Lay what a program sent over a listing. Fields come by their code."""
    values = dict(given)
    if "fields" in values:
        values["field_ids"] = tuple(_field_id(code) for code in values.pop("fields"))
    if "requirements" in values:
        values["requirements"] = tuple(
            Wanted(
                credential_kind=asked["credential_kind"],
                step=asked["step"],
                field_id=_field_id(asked["field"]) if asked["field"] else None,
                is_required=asked["is_required"],
            )
            for asked in values["requirements"]
        )
    if "assessed_field" in values:
        code = values.pop("assessed_field")
        values["assessed_field_id"] = _field_id(code) if code else None
    if "bands" in values:
        values["bands"] = tuple(Band(**band) for band in values["bands"])
    for name in ("kinds", "countries", "languages", "questions"):
        if name in values:
            values[name] = tuple(values[name])
    return replace(start, **values)


def _field_id(code: str) -> int:
    found = Field.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(f"There is no field “{code}”. The page /fields/ lists them.", field="fields")
    return found
