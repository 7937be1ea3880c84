"""Labs, who belongs to them, and their API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.labs.enums import MANAGING_ROLES, REVIEW_DAYS_MAX, ROUNDS_MAX, LabRole, Scope


class LabQuerySet(models.QuerySet["Lab"]):
    def visible_to(self, actor: Actor) -> Self:
        """Members see their labs, an API key sees the lab it belongs to."""
        if isinstance(actor, ApiKey):
            return self.filter(pk=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(memberships__user=actor)
        return self.none()


class Lab(models.Model):
    """An organisation that posts projects. Everything it owns carries its id."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    legal_name = models.CharField(max_length=160, blank=True, default="")
    billing_email = models.EmailField(max_length=254, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    # What stands on invoices beside the legal name.
    address = models.TextField(max_length=400, blank=True, default="")
    registration = models.CharField(max_length=60, blank=True, default="")  # of a company register or for VAT
    invoice_reference = models.CharField(max_length=60, blank=True, default="")  # such as a purchase order
    # How work is reviewed on the lab's projects, unless silence decides first.
    review_days = models.PositiveSmallIntegerField(default=REVIEW_DAYS_MAX)
    rounds_max = models.PositiveSmallIntegerField(default=ROUNDS_MAX)
    about = models.TextField(max_length=4000, blank=True, default="")
    website = models.URLField(max_length=200, blank=True, default="")
    is_anonymous = models.BooleanField(default=False)
    fee_bps = models.PositiveIntegerField(default=1000)
    tone = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_demonstration = models.BooleanField(default=False)

    objects: ClassVar[Any] = LabQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fee_bps__lte=5000), name="lab_fee_is_at_most_half_of_the_pay"),
            models.CheckConstraint(condition=Q(tone__gte=1, tone__lte=5), name="lab_tone_is_one_of_five"),
            models.CheckConstraint(
                condition=Q(review_days__gte=1, review_days__lte=REVIEW_DAYS_MAX),
                name="lab_reviews_work_within_1_to_7_days",
            ),
            models.CheckConstraint(
                condition=Q(rounds_max__gte=1, rounds_max__lte=ROUNDS_MAX),
                name="lab_sends_work_back_1_to_3_times",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_name(self) -> str:
        return "AI research organisation" if self.is_anonymous else self.name


class Membership(models.Model):
    """A person's role in a lab."""

    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lab_memberships")
    role = models.CharField(max_length=10, choices=LabRole)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lab", "user"], name="person_joins_a_lab_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.lab}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> Self:
        """Owners and managers of the lab. Whoever was invited comes in by the token of the e-mail."""
        if isinstance(actor, User):
            return self.filter(lab__memberships__user=actor, lab__memberships__role__in=sorted(MANAGING_ROLES))
        return self.none()

    def unanswered(self) -> Self:
        """Neither accepted nor taken back; its time may be over."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(models.Model):
    """
    A place in a lab for whoever has an e-mail address, with an account or without one yet.

    The token is in the e-mail only; its SHA-256 is kept. Sending again makes another token, so the older e-mail is dead.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=LabRole)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "lab",
                Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="address_has_one_open_invitation_to_a_lab",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_is_accepted_or_taken_back_not_both",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="accepted_invitation_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="invitation_can_be_accepted_for_a_while"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation to {self.lab}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, actor: Actor) -> Self:
        """Owners and managers of the lab."""
        if isinstance(actor, User):
            return self.filter(
                lab__memberships__user=actor, lab__memberships__role__in=[LabRole.OWNER, LabRole.MANAGER]
            )
        return self.none()

    def live(self, now: datetime) -> Self:
        return self.filter(revoked_at__isnull=True).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


class ApiKey(models.Model):
    """A lab's key to the API: shown once, stored as a hash, scoped, expiring. It is an Actor."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def actor_kind(self) -> str:
        return "api_key"

    @property
    def actor_ref(self) -> str:
        return str(self.public_id)

    @property
    def is_authenticated(self) -> bool:
        """DRF asks this of whatever stands in `request.user`."""
        return True

    def may(self, scope: str) -> bool:
        return scope in self.scopes
