"""An expert's own credentials for programs. Read only; of a number only its end is told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experts.credentials.enums import CredentialKind, DocumentState, LadderStep
from experts.credentials.models import Credential
from marketplace.accounts.api_access import IsPerson, person_of
from marketplace.kernel.api import PAGING, page_of, paged


class CredentialStepOutput(serializers.Serializer[Any]):
    """A move on the ladder: up, or down with its reason. `seen_on` is the day on which a person looked at the source."""

    from_step = serializers.CharField()
    to_step = serializers.ChoiceField(choices=LadderStep.choices)
    at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, taken out by the metaclass
    seen_on = serializers.DateField(allow_null=True)
    explanation = serializers.CharField()


class CredentialDocumentOutput(serializers.Serializer[Any]):
    """The file behind a credential. It is handed out on the page only."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="original_name")
    state = serializers.ChoiceField(choices=DocumentState.choices)
    refusal = serializers.CharField()


class CredentialOutput(serializers.Serializer[Any]):
    """A credential and how sure we are of it. `number_end` is the end of its number; the whole one stays sealed."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=CredentialKind.choices)
    title = serializers.CharField()
    issuer = serializers.CharField()
    country = serializers.CharField()
    region = serializers.CharField()
    number_end = serializers.CharField(source="number_last4")
    expires_on = serializers.DateField(allow_null=True)
    awarded_year = serializers.IntegerField(allow_null=True)
    step = serializers.ChoiceField(choices=LadderStep.choices)
    steps = CredentialStepOutput(many=True)
    document = CredentialDocumentOutput(allow_null=True)
    declared_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class MyCredentials(APIView):
    """The expert's own credentials."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_credentials",
        parameters=PAGING,
        responses=page_of("CredentialPage", CredentialOutput),
        tags=["credentials"],
    )
    def get(self, request: Request) -> Response:
        """List your credentials with their way on the ladder, the newest first; withdrawn ones too."""
        rows = Credential.objects.of_expert(person_of(request)).with_ladder().defer("number")
        return paged(request, self, rows, CredentialOutput)
