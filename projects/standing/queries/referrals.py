"""Who brought whom, what it has earned, and what is still to be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, TruncDate
from django.http import HttpRequest

from experts.credentials.models import Credential
from marketplace.accounts.models import User
from payments.ledger.models import Entry
from payments.payouts.models import PayoutAccount
from projects.hours.models import PayLine
from projects.standing.enums import EARNING_STATES, REWARD_CAP_MINOR, ReferralState, RewardState
from projects.standing.models import Referral, Reward, RewardPurse
from projects.standing.queries.facts import reversed_charge
from projects.standing.shapes import initials_of

DOUBT_PAYOUT = "Both are paid to an account of the same bank with the same last digits."
DOUBT_NUMBER = "Both show a credential with the same number."


@dataclass(frozen=True, slots=True)
class Earned:
    """One referral as its referrer sees it: initials and dates, never what the other person works on."""

    referral: Referral
    initials: str
    purses: tuple[RewardPurse, ...]
    is_over: bool

    @property
    def has_earned(self) -> bool:
        return any(purse.earned_minor for purse in self.purses)


def referrals_of(user: User, *, now: datetime) -> list[Earned]:
    """Return whom a person brought, the newest first, each with what it has earned. Two queries."""
    rows = Referral.objects.visible_to(user).filter(referrer=user).with_people().prefetch_related("purses")
    return [
        Earned(
            referral=row,
            initials=initials_of(row.referred.get_full_name()),
            purses=tuple(sorted(row.purses.all(), key=lambda purse: purse.currency)),
            is_over=row.ends_at <= now,
        )
        for row in rows.order_by("-joined_at", "-pk")
    ]


def earned_by(user: User) -> dict[str, int]:
    """Return what a person has earned by referrals, in minor units by currency; nothing that was taken back."""
    rows = Reward.objects.filter(referral__referrer=user, state=RewardState.BOOKED, amount_minor__gt=0)
    return dict(rows.order_by("currency").values_list("currency").annotate(minor=Sum("amount_minor")))


# ------------------------------------------------------------------------------------------------------ what is due


def lines_to_reward(referral: Referral) -> QuerySet[PayLine]:
    """
    Return the approved lines of the referred person that were not looked at yet, in the order of their days.

    Worked after the sign-up and before the end, and with a charge that stands.
    """
    rows = PayLine.objects.approved().filter(
        timesheet__contract__expert__user=referral.referred_id,
        referral_reward__isnull=True,
        day__gte=referral.joined_at.astimezone(UTC).date(),
        day__lt=referral.ends_at.astimezone(UTC).date(),
        currency__in=sorted(REWARD_CAP_MINOR),
    )
    due: QuerySet[PayLine] = rows.filter(~Exists(reversed_charge())).order_by("day", "pk")
    return due


def referrals_with_lines() -> QuerySet[Referral]:
    """Return the referrals for which something is to be booked."""
    path = "timesheet__contract__expert__user__referral"
    lines = PayLine.objects.approved().filter(
        **{f"{path}__state__in": EARNING_STATES},
        referral_reward__isnull=True,
        day__gte=TruncDate(f"{path}__joined_at", tzinfo=UTC),
        day__lt=TruncDate(f"{path}__ends_at", tzinfo=UTC),
        currency__in=sorted(REWARD_CAP_MINOR),
    )
    due = lines.filter(~Exists(reversed_charge())).values(path)
    rows: QuerySet[Referral] = Referral.objects.filter(pk__in=due).order_by("pk")
    return rows


def rewards_to_take_back() -> QuerySet[Reward]:
    """Return the booked rewards whose line's charge was reversed since."""
    key = Concat(
        Value("approval:"),
        Cast(OuterRef("line__public_id"), CharField()),
        Value(":"),
        Cast(OuterRef("line__timesheet__revision"), CharField()),
    )
    undone = Entry.objects.filter(key=key, reversed_by__isnull=False)
    rows: QuerySet[Reward] = Reward.objects.filter(Exists(undone), state=RewardState.BOOKED).order_by("pk")
    return rows


# ------------------------------------------------------------------------------------------------- questions for staff


def doubts_about(referral: Referral) -> list[str]:
    """Return in words what looks as if both accounts belong to one person. A question for staff, never a verdict."""
    return [sentence for sentence, rows in _doubts() if rows.filter(pk=referral.pk).exists()]


def to_question() -> QuerySet[Referral]:
    """Return the referrals nobody has looked at and that raise a doubt."""
    doubtful = Q(pk__in=[])
    for _sentence, rows in _doubts():
        doubtful |= Q(pk__in=rows.values("pk"))
    return Referral.objects.filter(doubtful, state=ReferralState.ACTIVE).order_by("pk")


def _doubts() -> list[tuple[str, QuerySet[Referral]]]:
    same_bank = PayoutAccount.objects.exclude(destination_label="").filter(
        user=OuterRef("referrer"), destination_label=OuterRef("referred__payout_account__destination_label"),
        country=OuterRef("referred__payout_account__country"),
    )  # fmt: skip
    numbers = Credential.objects.standing().exclude(number_hash="").filter(expert__user=OuterRef(OuterRef("referrer")))
    same_number = Credential.objects.standing().filter(
        expert__user=OuterRef("referred"), number_hash__in=numbers.values("number_hash")
    )
    return [
        (DOUBT_PAYOUT, Referral.objects.filter(Exists(same_bank))),
        (DOUBT_NUMBER, Referral.objects.filter(Exists(same_number))),
    ]


def referrals_waiting(request: HttpRequest) -> int | None:
    """Return how many referrals wait for staff, for the badge."""
    return Referral.objects.filter(state=ReferralState.QUESTIONED).count()
