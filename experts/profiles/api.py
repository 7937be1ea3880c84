"""An expert's own profile for programs. Read only; amounts in minor units."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experts.profiles import queries
from experts.profiles.enums import LanguageLevel
from experts.profiles.models import Expert
from marketplace.accounts.api_access import IsPerson, person_of
from marketplace.kernel.openapi import may_answer


class ProfileFieldOutput(serializers.Serializer[Any]):
    """A field that you claim. `code` is what projects ask for."""

    code = serializers.CharField(source="field.code")
    name = serializers.CharField(source="field.name")
    years = serializers.IntegerField()


class ProfileLanguageOutput(serializers.Serializer[Any]):
    """A language by its ISO 639-1 code, with its CEFR level."""

    code = serializers.CharField()
    level = serializers.ChoiceField(choices=LanguageLevel.choices)


class WorkOutput(serializers.Serializer[Any]):
    """A job. Months are written as their first day; `to_month` is null while it goes on."""

    title = serializers.CharField()
    organisation = serializers.CharField()
    from_month = serializers.DateField()
    to_month = serializers.DateField(allow_null=True)
    summary = serializers.CharField()


class EducationOutput(serializers.Serializer[Any]):
    """A course of study. Months are written as their first day; `to_month` is null while it goes on."""

    school = serializers.CharField()
    degree = serializers.CharField()
    subject = serializers.CharField()
    from_month = serializers.DateField()
    to_month = serializers.DateField(allow_null=True)


class ConflictOutput(serializers.Serializer[Any]):
    """An organisation whose data you may not see. Months that you did not tell are null."""

    organisation = serializers.CharField()
    from_month = serializers.DateField(allow_null=True)
    to_month = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class FreeHoursOutput(serializers.Serializer[Any]):
    """Hours of a weekday (1 is Monday) on the clock of your wall, `to_hour` not included; 24 is the end of the day."""

    weekday = serializers.IntegerField(min_value=1, max_value=7)
    from_hour = serializers.IntegerField(min_value=0, max_value=23)
    to_hour = serializers.IntegerField(min_value=1, max_value=24)


class ProgressOutput(serializers.Serializer[Any]):
    """How far the profile is: sections done of all, and the one where you would go on; empty at the end."""

    done = serializers.IntegerField()
    of = serializers.IntegerField()
    next = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: Expert) -> dict[str, Any]:
        progress = queries.progress_of(instance)
        following = progress.next
        return {"done": progress.done, "of": progress.of, "next": following.code if following else ""}


class ProfileOutput(serializers.Serializer[Any]):
    """
    A profile. Rates and conflicts are private: no lab sees them. `missing` says in words what vetting still needs. Free
    hours stand on the clock of `time_zone`, so they stay where they are when clocks change.
    """

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="user.get_full_name")
    headline = serializers.CharField()
    about = serializers.CharField()
    country = serializers.CharField()
    years_experience = serializers.IntegerField(allow_null=True)
    rate_desired_minor = serializers.IntegerField(allow_null=True)
    rate_minimum_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    weekly_hours = serializers.IntegerField(allow_null=True)
    open_to_work = serializers.BooleanField()
    time_zone = serializers.CharField(source="user.time_zone")
    free_hours = FreeHoursOutput(many=True)
    work = WorkOutput(many=True)
    education = EducationOutput(many=True)
    conflicts = ConflictOutput(many=True)
    claimed_fields = ProfileFieldOutput(many=True, source="field_entries")
    languages = ProfileLanguageOutput(many=True)
    progress = ProgressOutput(source="*")
    missing = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_missing(self, row: Expert) -> list[str]:
        return queries.missing_from_profile(row)


class MyProfile(APIView):
    """The expert's own profile."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="read_my_profile", responses=ProfileOutput, extensions=may_answer(404), tags=["profiles"]
    )
    def get(self, request: Request) -> Response:
        """Read your profile; 404 while you have none."""
        expert = queries.expert_of(person_of(request), with_history=True)
        if expert is None:
            raise Http404
        return Response(ProfileOutput(expert).data)
