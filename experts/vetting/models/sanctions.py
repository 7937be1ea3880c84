"""Sanctions: a person's name compared with a list, the entries it is like, and what staff said about each."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from experts.profiles.models import Expert
from experts.registries.models import RegistryImport, SanctionEntry
from experts.vetting.enums import BLOCKING_HITS, HIT_REASON_MIN_CHARS, WAITING_HITS, HitState, Verdict
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class Screening(models.Model):
    """
    One comparison of a person's name with one list: which list, under which name and threshold, and the best score.

    Written for every person and list, also where nothing was found; together with the hits it is the proof of screening.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="screenings")
    seen_in = models.ForeignKey(RegistryImport, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    threshold = models.PositiveSmallIntegerField()
    best_score = models.PositiveSmallIntegerField()
    hit_count = models.PositiveSmallIntegerField()
    is_readable = models.BooleanField()  # one word only, or letters that are not Latin: a program cannot tell
    screened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "seen_in", "name", "threshold"], name="person_is_screened_once_for_each_list"
            ),
            models.CheckConstraint(
                condition=Q(best_score__lte=100, threshold__lte=100), name="scores_end_at_one_hundred"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.best_score}"


class HitQuerySet(models.QuerySet["Hit"]):
    def visible_to(self, user: User) -> Self:
        """Vetting staff alone, and nobody sees a hit about themselves."""
        rows = self.exclude(expert__user=user)
        return rows if user.is_vetting_staff or user.is_superuser else rows.none()

    def waiting(self) -> Self:
        return self.filter(state__in=WAITING_HITS)

    def blocking(self) -> Self:
        return self.filter(state__in=BLOCKING_HITS)

    def with_both(self) -> Self:
        return self.select_related("expert__user", "entry", "last_screening__seen_in", "said_by")


class Hit(models.Model):
    """
    A person whose name is like that of an entry. A person decides; that it is the same one needs a second person.

    `decided_facts` is the hash of what the entry said when it was decided: an entry that changes opens the hit again.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="sanction_hits")
    entry = models.ForeignKey(SanctionEntry, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=HitState, default=HitState.OPEN)
    score = models.PositiveSmallIntegerField()
    matched_name = models.CharField(max_length=350)
    own_name = models.CharField(max_length=120)
    technique = models.CharField(max_length=40)
    last_screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="hits")
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_facts = models.CharField(max_length=64, blank=True, default="")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = HitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["expert", "entry"], name="person_meets_an_entry_once"),
            models.CheckConstraint(
                condition=~Q(state=HitState.CONFIRMED)
                | Q(said_by__isnull=False, confirmed_by__isnull=False) & ~Q(said_by=models.F("confirmed_by")),
                name="two_people_confirm_a_sanctions_match",
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], name="hits_that_wait", condition=Q(state__in=sorted(WAITING_HITS))),
        ]

    def __str__(self) -> str:
        return f"{self.own_name} and {self.matched_name}"


class HitDecision(models.Model):
    """What a member of staff said about a hit, on which list and score, and why. Never about themselves."""

    hit = models.ForeignKey(Hit, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=12, choices=Verdict)
    reason = models.TextField(max_length=2000)
    score = models.PositiveSmallIntegerField()
    list_on = models.DateField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("about")), name="nobody_decides_on_their_own_sanctions_hit"
            ),
            models.CheckConstraint(
                condition=Q(reason__length__gte=HIT_REASON_MIN_CHARS), name="sanctions_verdict_gives_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hit}: {self.get_verdict_display()}"
