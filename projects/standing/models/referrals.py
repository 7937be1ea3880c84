"""Who brought whom, and what that earned: a share of our fee, capped, never taken from the expert."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from projects.hours.models import PayLine
from projects.standing.enums import CODE_LENGTH, EARNING_STATES, ReferralState, RewardState


class ReferralCode(models.Model):
    """What stands in a person's link. Random, so that nobody finds people by counting."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="referral_code")
    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User) -> Self:
        """Whoever brought them, and vetting staff. Who was brought does not see by whom, nor what it earns."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(referrer=user)

    def earning(self) -> Self:
        return self.filter(state__in=EARNING_STATES)

    def with_people(self) -> Self:
        return self.select_related("referrer", "referred")


class Referral(models.Model):
    """That one person came through the link of another. Written once, when the account is made."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    referrer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="referrals")
    referred = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="referral")
    state = models.CharField(max_length=12, choices=ReferralState, default=ReferralState.ACTIVE)
    share_bps = models.PositiveIntegerField()
    joined_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # hours worked before this moment count
    question = models.CharField(max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=1000, blank=True, default="")

    objects: ClassVar[Any] = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(referrer=F("referred")), name="nobody_refers_themselves"),
            models.CheckConstraint(condition=Q(share_bps__lte=5000), name="referral_share_is_at_most_half_of_our_fee"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("joined_at")), name="referral_ends_after_it_began"),
            models.CheckConstraint(
                condition=~Q(state=ReferralState.QUESTIONED) | ~Q(question=""), name="questioned_referral_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ReferralState.CLEARED, ReferralState.STOPPED], decided_by__isnull=False)
                & ~Q(words="")
                | Q(state__in=[ReferralState.ACTIVE, ReferralState.QUESTIONED], decided_by__isnull=True),
                name="decided_referral_names_a_person_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("referrer")) & ~Q(decided_by=F("referred")),
                name="nobody_decides_about_their_own_referral",
            ),
        ]
        indexes = [models.Index(fields=["referrer", "-joined_at"], name="referral_of_referrer")]

    def __str__(self) -> str:
        return f"referral {self.public_id}"


class RewardPurse(models.Model):
    """What one referral has earned in one currency. Its row is the lock under which rewards are booked."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="purses")
    currency = models.CharField(max_length=3)
    cap_minor = models.BigIntegerField()
    earned_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "currency"], name="referral_has_one_purse_a_currency"),
            models.CheckConstraint(
                condition=Q(earned_minor__gte=0, earned_minor__lte=F("cap_minor")),
                name="referral_never_earns_more_than_its_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earned_minor} of {self.cap_minor} {self.currency}"


class RewardQuerySet(models.QuerySet["Reward"]):
    def visible_to(self, user: User) -> Self:
        """Whoever earned them."""
        return self if user.is_superuser else self.filter(referral__referrer=user)


class Reward(models.Model):
    """
    The share of our fee on one pay line. A line is rewarded once, also with nothing when the cap is reached. Taken back
    when the charge behind it is reversed.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="rewards")
    line = models.OneToOneField(PayLine, on_delete=models.PROTECT, related_name="referral_reward")
    state = models.CharField(max_length=12, choices=RewardState, default=RewardState.BOOKED)
    fee_minor = models.BigIntegerField()
    share_bps = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    booked_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = RewardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0) & Q(amount_minor__lte=F("fee_minor") * F("share_bps") / 10000),
                name="reward_is_never_more_than_its_share_of_the_fee",
            ),
            models.CheckConstraint(
                condition=Q(state=RewardState.TAKEN_BACK, taken_back_at__isnull=False)
                | Q(state=RewardState.BOOKED, taken_back_at__isnull=True),
                name="reward_that_was_taken_back_says_when",
            ),
        ]
        indexes = [models.Index(fields=["referral", "state"], name="reward_of_referral")]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"

    @property
    def entry_key(self) -> str:
        """The key of its entry in the books."""
        return f"referral:{self.public_id}"
