"""Copies of one's data, requests to be erased, and what a law wants kept of whoever was erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.crypto import EncryptedTextField
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet
from marketplace.privacy.enums import OPEN_ERASURE_STATES, CopyState, ErasureState


class DataCopyQuerySet(JobQuerySet):
    def visible_to(self, user: User) -> Self:
        """The person themselves, and nobody else, staff included."""
        return self.filter(user=user)

    def to_write(self) -> Self:
        return self.filter(state=CopyState.QUEUED)

    def outlived(self, now: datetime) -> Self:
        """Copies whose days are over."""
        return self.filter(state=CopyState.READY, expires_at__lte=now).order_by("pk")


class DataCopy(Job):
    """A ZIP of everything that we hold of a person, put together by a worker and deleted again after some days."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_copies")
    state = models.CharField(max_length=8, choices=CopyState, default=CopyState.QUEUED)
    file = models.FileField(max_length=200, blank=True)
    rooms_done = models.PositiveSmallIntegerField(default=0)
    rooms_total = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = DataCopyQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="QUEUED"), name="person_has_one_copy_in_the_making"
            ),
            models.CheckConstraint(
                condition=~Q(state="READY")
                | ~Q(file="") & ~Q(sha256="") & Q(ready_at__isnull=False, expires_at__isnull=False),
                name="ready_copy_has_a_file_and_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"copy {self.public_id}"

    @property
    def file_name(self) -> str:
        """The name that the browser saves it under."""
        return f"preceptor-my-data-{self.asked_at:%Y-%m-%d}.zip"


class ErasureRequestQuerySet(JobQuerySet):
    def visible_to(self, user: User) -> Self:
        """The person themselves, and support."""
        if user.is_support_staff:
            return self
        return self.filter(user=user)

    def open(self) -> Self:
        return self.filter(state__in=OPEN_ERASURE_STATES)

    def over(self) -> Self:
        """Those that were carried out or taken back."""
        return self.exclude(state__in=OPEN_ERASURE_STATES)

    def to_work(self) -> Self:
        """Requests whose job a worker should have: not those that were taken back or are done."""
        return self.filter(state__in=OPEN_ERASURE_STATES)


class ErasureRequest(Job):
    """
    A person's wish to be erased. The job is due when the days to take it back are over.

    `rooms_done` is how far it is: each room is erased in one transaction that adds its name, so a kill loses nothing and
    nothing is done twice.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasure_requests")
    state = models.CharField(max_length=10, choices=ErasureState, default=ErasureState.COOLING)
    pseudonym = models.CharField(max_length=40)
    obstacles = models.JSONField(default=list)  # sentences, as they stood when somebody last looked
    rooms_done = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    after_restore = models.BooleanField(default=False)  # done again, because a restored backup had forgotten it

    objects: ClassVar[Any] = ErasureRequestQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=sorted(OPEN_ERASURE_STATES)),
                name="person_asks_once_to_be_erased",
            ),
            models.CheckConstraint(
                condition=~Q(state="DONE") | Q(began_at__isnull=False, done_at__isnull=False),
                name="done_erasure_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state="CANCELLED", cancelled_at__isnull=False)
                | ~Q(state="CANCELLED") & Q(cancelled_at__isnull=True),
                name="erasure_that_was_taken_back_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.pseudonym}"


class RestrictedIdentityQuerySet(models.QuerySet["RestrictedIdentity"]):
    def outlived(self, today: Any) -> Self:
        """Identities that no law asks for any more."""
        return self.filter(keep_until__lt=today).order_by("pk")


class RestrictedIdentity(models.Model):
    """
    Who an erased person was, for as long as tax and booking law ask who was paid. Sealed; no page and no list shows it.

    Opened by two words of the law only: support reveals it with a reason, which the audit trail keeps.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="restricted_identity")
    identity = EncryptedTextField(blank=True, default="")
    keep_until = models.DateField()
    created_at = models.DateTimeField()

    objects: ClassVar[Any] = RestrictedIdentityQuerySet.as_manager()

    def __str__(self) -> str:
        return f"identity behind {self.user_id}"
