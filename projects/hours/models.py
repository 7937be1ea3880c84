"""Hours: timers, entries, the week's timesheet, what it pays, and the money reserved for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.lookups import LessThanOrEqual

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.models import Contract, ContractVersion
from projects.hours.enums import AWAY_AFTER, EntrySource, PayLineKind, PayLineState, ReserveState, TimesheetState
from projects.labs.enums import MANAGING_ROLES
from projects.labs.models import ApiKey, Lab


def labs_managed_by(user: User) -> models.QuerySet[Lab]:
    """The labs whose money a person may see: those that they own or manage (design 2.1)."""
    return Lab.objects.filter(memberships__user=user, memberships__role__in=sorted(MANAGING_ROLES))


class TimesheetQuerySet(models.QuerySet["Timesheet"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(contract__lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(Q(contract__expert__user=actor) | Q(contract__lab__in=labs_managed_by(actor)))
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(contract__expert__user=user)

    def to_submit(self, now: datetime) -> Self:
        """Weeks whose time for self-correction is over."""
        return self.filter(state=TimesheetState.OPEN, correction_ends_at__lte=now).order_by("pk")

    def to_approve_by_silence(self, now: datetime) -> Self:
        return self.filter(state=TimesheetState.SUBMITTED, review_ends_at__lte=now).order_by("pk")

    def with_people(self) -> Self:
        return self.select_related("contract__expert__user", "contract__project__lab", "contract__current_version")


class Timesheet(models.Model):
    """One contract's hours of one work week (Monday 00:00 UTC, half-open)."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="timesheets")
    period = models.DateField()
    state = models.CharField(max_length=10, choices=TimesheetState, default=TimesheetState.OPEN)
    revision = models.PositiveIntegerField(default=0)
    correction_ends_at = models.DateTimeField()
    review_ends_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = TimesheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "period"], name="contract_has_one_timesheet_a_week"),
            models.CheckConstraint(condition=Q(period__iso_week_day=1), name="timesheet_period_is_a_monday"),
            models.CheckConstraint(
                condition=Q(state=TimesheetState.APPROVED, approved_at__isnull=False)
                | ~Q(state=TimesheetState.APPROVED) & Q(approved_at__isnull=True),
                name="approved_timesheet_says_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "review_ends_at"], name="timesheet_review_queue")]

    def __str__(self) -> str:
        return f"{self.contract}, week of {self.period}"

    # Totals over `lines`, which lists prefetch.
    @property
    def minutes_total(self) -> int:
        return sum(line.minutes for line in self.lines.all())

    @property
    def pay_total_minor(self) -> int:
        return sum(line.pay_minor for line in self.lines.all())

    @property
    def fee_total_minor(self) -> int:
        return sum(line.fee_minor for line in self.lines.all())

    @property
    def charge_total_minor(self) -> int:
        return sum(line.charge_minor for line in self.lines.all())


class TimerQuerySet(models.QuerySet["Timer"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(user=actor) if isinstance(actor, User) else self.none()

    def abandoned(self, now: datetime) -> Self:
        """Timers whose person was not heard of for too long, the longest first."""
        return self.filter(heartbeat_at__lte=now - AWAY_AFTER).order_by("heartbeat_at", "pk")


class Timer(models.Model):
    """A running timer: server time only, one per expert. Stopping it makes entries of it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="timer")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="timers")
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    memo = models.CharField(max_length=300, blank=True, default="")
    zone = models.CharField(max_length=64)
    idle_seconds = models.PositiveIntegerField(default=0)  # without input, and the person said they were working

    objects: ClassVar[Any] = TimerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"timer since {self.started_at}"


class TimeEntryQuerySet(models.QuerySet["TimeEntry"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, User):
            return self.filter(Q(user=actor) | Q(timesheet__contract__lab__in=labs_managed_by(actor)))
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(user=user)

    def seconds_by_contract(self) -> dict[int, int]:
        """Return the seconds of these entries by the row id of their contract."""
        length = models.Func(
            "during", template="extract(epoch FROM upper(%(expressions)s) - lower(%(expressions)s))",
            output_field=models.FloatField(),
        )  # fmt: skip
        sums = self.order_by().values_list("timesheet__contract_id").annotate(seconds=models.Sum(length))
        return {contract_id: round(seconds) for contract_id, seconds in sums}


class TimeEntry(models.Model):
    """A half-open range of work in UTC. Entries of one expert never overlap and never cross a week's end."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="time_entries")
    timesheet = models.ForeignKey(Timesheet, on_delete=models.PROTECT, related_name="entries")
    during = DateTimeRangeField()
    source = models.CharField(max_length=6, choices=EntrySource)
    memo = models.CharField(max_length=300, blank=True, default="")
    zone = models.CharField(max_length=64)
    idle_seconds = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects: ClassVar[Any] = TimeEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="expert_works_on_one_thing_at_a_time",
                expressions=[("user", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="time_entry_has_a_start_and_an_end",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    models.Func(
                        "during",
                        template="timezone('UTC', upper(%(expressions)s))",
                        output_field=models.DateTimeField(),
                    ),
                    models.Func(
                        "during",
                        template="date_trunc('week', timezone('UTC', lower(%(expressions)s))) + interval '7 days'",
                        output_field=models.DateTimeField(),
                    ),
                ),
                name="time_entry_ends_in_the_week_it_began_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.during.lower} to {self.during.upper}"

    @property
    def seconds(self) -> int:
        return int((self.during.upper - self.during.lower).total_seconds())


class WeeklyReserve(models.Model):
    """Money held for one contract and week before the first minute is worked (design 5.1)."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="reserves")
    period = models.DateField()
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=ReserveState, default=ReserveState.HELD)
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "period"], name="contract_reserves_a_week_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="weekly_reserve_is_positive"),
        ]

    def __str__(self) -> str:
        return f"reserve for {self.period}"


class PayLineQuerySet(models.QuerySet["PayLine"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(timesheet__contract__lab_id=actor.lab_id)
        if isinstance(actor, User):
            own = Q(timesheet__contract__expert__user=actor)
            return self.filter(own | Q(timesheet__contract__lab__in=labs_managed_by(actor)))
        return self.none()

    def approved(self) -> Self:
        return self.filter(state=PayLineState.APPROVED)

    def of_period(self, period: date) -> Self:
        return self.filter(timesheet__period=period)


class PayLine(models.Model):
    """
    What is paid: one contract and UTC day, whole minutes. Rate, fee and rule are stored, so a later change
    never touches it. `public_id` is uuid5 of (contract, day, kind): the same after a restore.
    """

    public_id = models.UUIDField(unique=True, editable=False)
    timesheet = models.ForeignKey(Timesheet, on_delete=models.PROTECT, related_name="lines")
    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=PayLineKind, default=PayLineKind.TIME)
    state = models.CharField(max_length=8, choices=PayLineState, default=PayLineState.DRAFT)
    day = models.DateField()
    seconds = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    rate_minor = models.BigIntegerField()
    fee_bps = models.PositiveIntegerField()
    pay_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    charge_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    rule = models.CharField(max_length=12)
    approved_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = PayLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["timesheet", "day", "kind"], name="timesheet_line_is_charged_once"),
            models.CheckConstraint(
                condition=Q(charge_minor=models.F("pay_minor") + models.F("fee_minor")),
                name="charge_is_pay_plus_fee",
            ),
            models.CheckConstraint(condition=Q(minutes__lte=1440), name="a_day_has_at_most_1440_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.minutes} min"
