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


class ProfileOutput(serializers.Serializer[Any]):
    """A profile. The rates are private: no lab sees them. `missing` says in words what vetting still needs."""

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
    conflicts = serializers.ListField(child=serializers.CharField())
    claimed_fields = ProfileFieldOutput(many=True, source="field_entries")
    languages = ProfileLanguageOutput(many=True)
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
        expert = queries.expert_of(person_of(request))
        if expert is None:
            raise Http404
        return Response(ProfileOutput(expert).data)
