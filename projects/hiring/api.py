"""Applications, offers and contracts for programs: an expert's own, and a lab's contracts. Read only, minor units."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.api_access import IsPerson, person_of
from marketplace.kernel.api import PAGING, page_of, paged
from projects.hiring.models import Application, Contract, GigInvitation, Offer
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope


class ApplicationOutput(serializers.Serializer[Any]):
    """An application with its state, its clock, and the reason when the lab said no."""

    id = serializers.UUIDField(source="public_id")
    project = serializers.UUIDField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    lab = serializers.CharField(source="project.lab.public_name")
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decline_code = serializers.CharField()
    decline_reason = serializers.CharField()


class CandidateOutput(serializers.Serializer[Any]):
    """An application as the lab sees it: no name and no address before somebody is hired."""

    id = serializers.UUIDField(source="public_id")
    project = serializers.UUIDField(source="project.public_id")
    headline = serializers.CharField(source="expert.headline")
    country = serializers.CharField(source="expert.country")
    state = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decline_code = serializers.CharField()


class InvitationOutput(serializers.Serializer[Any]):
    """An invitation to apply to a gig, with its clock and how you stood among the candidates."""

    id = serializers.UUIDField(source="public_id")
    project = serializers.UUIDField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    lab = serializers.CharField(source="project.lab.public_name")
    state = serializers.CharField()
    message = serializers.CharField()
    rank = serializers.IntegerField()
    weights_version = serializers.IntegerField(source="weights.version")
    sent_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class OfferOutput(serializers.Serializer[Any]):
    """An offer: what a lab would pay, how much of it a week at most, and until when it can be answered."""

    id = serializers.UUIDField(source="public_id")
    application = serializers.UUIDField(source="application.public_id")
    title = serializers.CharField(source="application.project.title")
    lab = serializers.CharField(source="application.project.lab.public_name")
    state = serializers.CharField()
    rate_minor = serializers.IntegerField()
    currency = serializers.CharField()
    weekly_cap_minutes = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    message = serializers.CharField()
    terms_sha256 = serializers.CharField(source="terms.sha256")
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ContractOutput(serializers.Serializer[Any]):
    """A contract with the version in force."""

    id = serializers.UUIDField(source="public_id")
    alias = serializers.CharField()
    project = serializers.UUIDField(source="project.public_id")
    title = serializers.CharField(source="project.title")
    state = serializers.CharField()
    currency = serializers.CharField()
    version = serializers.IntegerField(source="current_version.number")
    rate_minor = serializers.IntegerField(source="current_version.rate_minor")
    weekly_cap_minutes = serializers.IntegerField(source="current_version.weekly_cap_minutes")
    fee_bps = serializers.IntegerField(source="current_version.fee_bps")
    started_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    hours_until = serializers.DateTimeField(allow_null=True)
    end_code = serializers.CharField()
    end_reason = serializers.CharField()


class MyContractOutput(ContractOutput):
    """A contract as its expert sees it."""

    lab = serializers.CharField(source="lab.public_name")


class LabContractOutput(ContractOutput):
    """A contract as its lab sees it: people who were hired have names."""

    expert_name = serializers.CharField(source="expert.user.get_full_name")


class MyApplications(APIView):
    """The expert's own applications."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_applications",
        parameters=PAGING,
        responses=page_of("ApplicationPage", ApplicationOutput),
        tags=["hiring"],
    )
    def get(self, request: Request) -> Response:
        """List your applications, the newest first."""
        rows = Application.objects.of_expert(person_of(request)).select_related("project__lab")
        return paged(request, self, rows, ApplicationOutput)


class MyInvitations(APIView):
    """The expert's own invitations to gigs."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_invitations",
        parameters=PAGING,
        responses=page_of("InvitationPage", InvitationOutput),
        tags=["hiring"],
    )
    def get(self, request: Request) -> Response:
        """List the gigs that labs invited you to, the newest first."""
        rows = GigInvitation.objects.of_expert(person_of(request)).select_related("project__lab", "weights")
        return paged(request, self, rows, InvitationOutput)


class MyOffers(APIView):
    """The expert's own offers."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_offers", parameters=PAGING, responses=page_of("OfferPage", OfferOutput), tags=["hiring"]
    )
    def get(self, request: Request) -> Response:
        """List the offers that labs made you, the newest first."""
        rows = Offer.objects.of_expert(person_of(request)).select_related("application__project__lab", "terms")
        return paged(request, self, rows, OfferOutput)


class MyContracts(APIView):
    """The expert's own contracts."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_contracts",
        parameters=PAGING,
        responses=page_of("MyContractPage", MyContractOutput),
        tags=["hiring"],
    )
    def get(self, request: Request) -> Response:
        """List your contracts, the newest first."""
        rows = Contract.objects.of_expert(person_of(request)).select_related("project", "lab", "current_version")
        return paged(request, self, rows, MyContractOutput)


class LabContracts(APIView):
    """The lab's contracts."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROJECTS_READ}

    @extend_schema(
        operation_id="list_contracts",
        parameters=PAGING,
        responses=page_of("LabContractPage", LabContractOutput),
        tags=["hiring"],
    )
    def get(self, request: Request) -> Response:
        """List the lab's contracts, the newest first."""
        rows = Contract.objects.visible_to(key_of(request)).select_related("project", "expert__user", "current_version")
        return paged(request, self, rows, LabContractOutput)


class LabCandidates(APIView):
    """Who applied to the lab's projects."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROJECTS_READ}

    @extend_schema(
        operation_id="list_candidates",
        parameters=PAGING,
        responses=page_of("CandidatePage", CandidateOutput),
        tags=["hiring"],
    )
    def get(self, request: Request) -> Response:
        """List the applications to the lab's projects, the newest first, without names."""
        rows = Application.objects.visible_to(key_of(request)).select_related("project", "expert")
        return paged(request, self, rows, CandidateOutput)
