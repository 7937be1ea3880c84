"""What Django's admin may do with our rows: look, and try a parked job again. Every write goes through an action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketplace.kernel import clock
from marketplace.kernel.jobs import JobState, try_again

if TYPE_CHECKING:
    _DjangoAdmin = object  # unfold has no types, and half of them would contradict our rooms' options
else:
    _DjangoAdmin = admin.ModelAdmin  # so that unfold's own steps come before ours


class TryAgain(Protocol):
    """What sets parked jobs due again: `jobs.try_again`, or a room's own action where more than the job had been given up."""

    def __call__(self, parked: Any, *, now: datetime) -> int: ...


class WithoutTransaction(_DjangoAdmin):
    """Django opens a transaction around every form of its admin. Our actions open their own and refuse to be nested."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        return self._delete_view(request, object_id, extra_context)  # type: ignore[attr-defined]


class ReadOnly:
    """What people may look at here and change nowhere but in the product; for admins and their inlines."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin, WithoutTransaction):
    """Rows to look at."""


class JobAdmin(ReadOnlyAdmin):
    """Durable jobs: their state, their last error, and one thing to do about a parked one."""

    list_display: ClassVar[Sequence[str]] = ("__str__", "job_state", "attempts", "queued_at", "last_error")
    list_filter: ClassVar[Sequence[str]] = ("job_state",)
    ordering: ClassVar[Sequence[str]] = ("-pk",)
    try_again: ClassVar[TryAgain] = staticmethod(try_again)
    actions = ("set_due_again",)

    @admin.action(description="Try again", permissions=["view"])
    def set_due_again(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Set the chosen parked jobs due again; the next sweep rings them."""
        parked = chosen.filter(job_state=JobState.PARKED)
        count = self.try_again(parked, now=clock.now())
        messages.success(request, f"{count} of {chosen.count()} were parked and are due again.")
