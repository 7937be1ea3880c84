"""Hours and pay for programs: an expert's own, and a lab's timesheets. Read only; amounts in minor units, times in UTC."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.api_access import IsPerson, person_of
from marketplace.kernel import clock
from marketplace.kernel.api import PAGING, page_of, paged
from projects.hours import queries
from projects.hours.models import PayLine, TimeEntry, Timesheet
from projects.hours.queries.lab import LINES
from projects.labs.api_access import HasScope, key_of
from projects.labs.enums import Scope


class TimeEntryOutput(serializers.Serializer[Any]):
    """A range of work, half-open. `idle_seconds` had no input and was confirmed as work."""

    id = serializers.UUIDField(source="public_id")
    contract = serializers.UUIDField(source="timesheet.contract.public_id")
    week = serializers.SerializerMethodField()
    start = serializers.DateTimeField(source="during.lower")
    end = serializers.DateTimeField(source="during.upper")
    seconds = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, taken out by the metaclass
    memo = serializers.CharField()
    zone = serializers.CharField()
    idle_seconds = serializers.IntegerField()

    def get_week(self, row: TimeEntry) -> str:
        return clock.period_label(row.timesheet.period)


class PayLineOutput(serializers.Serializer[Any]):
    """What one contract and UTC day pays: whole minutes, rounded once; the fee comes on top and the lab pays it."""

    id = serializers.UUIDField(source="public_id")
    contract = serializers.UUIDField(source="timesheet.contract.public_id")
    day = serializers.DateField()
    minutes = serializers.IntegerField()
    rate_minor = serializers.IntegerField()
    fee_bps = serializers.IntegerField()
    pay_minor = serializers.IntegerField()
    fee_minor = serializers.IntegerField()
    charge_minor = serializers.IntegerField()
    currency = serializers.CharField()
    state = serializers.CharField()
    rule = serializers.CharField()
    approved_at = serializers.DateTimeField(allow_null=True)


class TimesheetOutput(serializers.Serializer[Any]):
    """One contract's week with its lines; it has none before it is submitted."""

    id = serializers.UUIDField(source="public_id")
    contract = serializers.UUIDField(source="contract.public_id")
    contract_alias = serializers.CharField(source="contract.alias")
    project = serializers.UUIDField(source="contract.project.public_id")
    week = serializers.SerializerMethodField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    review_ends_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    currency = serializers.CharField(source="contract.currency")
    minutes = serializers.IntegerField(source="minutes_total")
    pay_minor = serializers.IntegerField(source="pay_total_minor")
    fee_minor = serializers.IntegerField(source="fee_total_minor")
    charge_minor = serializers.IntegerField(source="charge_total_minor")
    lines = serializers.SerializerMethodField()

    def get_week(self, row: Timesheet) -> str:
        return clock.period_label(row.period)

    def get_lines(self, row: Timesheet) -> list[dict[str, Any]]:
        lines = list(row.lines.all())
        for line in lines:
            line.timesheet = row
        return list(PayLineOutput(lines, many=True).data)


class PayslipOutput(serializers.Serializer[Any]):
    """One week in one currency. `net_minor` and what follows are null until a pay run took the week up."""

    week = serializers.CharField(source="label")
    currency = serializers.CharField()
    seconds = serializers.IntegerField()
    pay_minor = serializers.IntegerField()
    net_minor = serializers.IntegerField(source="item.net_minor", allow_null=True, default=None)
    withheld_minor = serializers.IntegerField(source="item.withheld_minor", allow_null=True, default=None)
    state = serializers.CharField(source="item.state", allow_null=True, default=None)
    sent_at = serializers.DateTimeField(source="item.sent_at", allow_null=True, default=None)
    page = serializers.SerializerMethodField()

    def get_page(self, row: queries.WeekPay) -> str:
        return f"/me/earnings/{row.label}/"


class WeekQuery(serializers.Serializer[Any]):
    """Where the page before ended."""

    before = serializers.RegexField(r"^\d{4}-W\d{2}$", required=False)

    def validate_before(self, text: str) -> Any:
        try:
            return clock.parse_period(text)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem)) from problem


class MyTimeEntries(APIView):
    """The expert's own entries."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_time_entries",
        parameters=PAGING,
        responses=page_of("TimeEntryPage", TimeEntryOutput),
        tags=["hours"],
    )
    def get(self, request: Request) -> Response:
        """List your time entries, the newest first."""
        rows = TimeEntry.objects.of_expert(person_of(request)).select_related("timesheet__contract")
        return paged(request, self, rows, TimeEntryOutput)


class MyTimesheets(APIView):
    """The expert's own weeks."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_timesheets",
        parameters=PAGING,
        responses=page_of("MyTimesheetPage", TimesheetOutput),
        tags=["hours"],
    )
    def get(self, request: Request) -> Response:
        """List your weeks, one for each contract, the newest first."""
        rows = Timesheet.objects.of_expert(person_of(request)).select_related("contract__project")
        return paged(request, self, rows.prefetch_related(LINES), TimesheetOutput)


class MyPayLines(APIView):
    """The expert's own pay lines."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_pay_lines",
        parameters=PAGING,
        responses=page_of("PayLinePage", PayLineOutput),
        tags=["hours"],
    )
    def get(self, request: Request) -> Response:
        """List what each of your days pays, the newest first."""
        rows = PayLine.objects.filter(timesheet__contract__expert__user=person_of(request))
        return paged(request, self, rows.select_related("timesheet__contract"), PayLineOutput)


class MyPayslips(APIView):
    """The expert's own weeks as they were or will be paid."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="list_my_payslips",
        parameters=[OpenApiParameter("before", str, description="Weeks before this one, for example 2026-W47.")],
        responses=inline_serializer(
            "PayslipPage", {"next": serializers.CharField(allow_null=True), "results": PayslipOutput(many=True)}
        ),
        tags=["hours"],
    )
    def get(self, request: Request) -> Response:
        """List your weeks with their pay, the newest first, 26 at a time; `next` goes into `before`."""
        asked = WeekQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        weeks, older = queries.earnings_by_week(person_of(request), before=asked.validated_data.get("before"))
        rows = PayslipOutput(weeks, many=True).data
        return Response({"next": clock.period_label(older) if older else None, "results": rows})


class LabTimesheets(APIView):
    """The lab's weeks."""

    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROJECTS_READ}

    @extend_schema(
        operation_id="list_timesheets",
        parameters=PAGING,
        responses=page_of("TimesheetPage", TimesheetOutput),
        tags=["hours"],
    )
    def get(self, request: Request) -> Response:
        """List the weeks of the lab's contracts with their lines, the newest first."""
        rows = Timesheet.objects.visible_to(key_of(request)).select_related("contract__project")
        return paged(request, self, rows.prefetch_related(LINES), TimesheetOutput)
