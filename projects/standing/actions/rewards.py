"""Booking what referrals earn: a share of our fee, as an expense of ours, into the referrer's payable account."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from payments.ledger import actions as ledger
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from projects.hours.models import PayLine
from projects.standing import queries
from projects.standing.actions.referrals import locked_referral, question
from projects.standing.enums import EARNING_STATES, REWARD_CAP_MINOR, REWARD_MOVES, RewardState
from projects.standing.models import Referral, Reward, RewardPurse

SWEEP_LIMIT: Final = 200
LINES_AT_ONCE: Final = 500
RULE: Final = System("standing.rewards")


def book_rewards(*, now: datetime) -> int:
    """
    Book the share of our fee on every approved line of referred people; return how many referrals earned.

    A line's charge is final once the lab has approved it, by hand or by silence, and only such lines count. Run by a sweep,
    which finds the lines that have no reward yet: late, twice, or after a crash, each line is rewarded once.
    """
    ids = list(queries.referrals_with_lines().values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _book(public_id, now=now), sweep="standing.rewards")


@transaction.atomic(durable=True)
def _book(referral_id: UUID, *, now: datetime) -> bool:
    """Book what is due for one referral under its lock: two workers at once book it once, and never above the cap."""
    referral = locked_referral(referral_id)
    if referral.state not in EARNING_STATES or question(referral, now=now):
        return False
    lines = list(queries.lines_to_reward(referral)[:LINES_AT_ONCE])
    purses = {currency: _purse(referral, currency) for currency in sorted({line.currency for line in lines})}
    rewards = [reward_of(referral, line, purses[line.currency], now=now) for line in lines]
    Reward.objects.bulk_create(rewards)
    RewardPurse.objects.bulk_update(list(purses.values()), ["earned_minor"])
    earned = {currency: purse.earned_minor for currency, purse in purses.items()}
    if rewards:
        record(what="standing.book_rewards", by=RULE, about=referral, now=now, after={"earned_minor": earned})
    ledger.post_many([_posting(referral, reward, now=now) for reward in rewards], by=RULE, now=now)
    return bool(rewards)


def _purse(referral: Referral, currency: str) -> RewardPurse:
    """Return the locked purse of a currency, a new one with its cap where there is none."""
    RewardPurse.objects.get_or_create(
        referral=referral, currency=currency, defaults={"cap_minor": REWARD_CAP_MINOR[currency]}
    )
    return RewardPurse.objects.select_for_update(of=("self",), no_key=True).get(referral=referral, currency=currency)


def reward_of(referral: Referral, line: PayLine, purse: RewardPurse, *, now: datetime) -> Reward:
    """Return the reward of one line and take it from what the cap leaves: the share, rounded down, so never more than it."""
    share = line.fee_minor * referral.share_bps // 10_000
    amount = min(share, purse.cap_minor - purse.earned_minor)
    purse.earned_minor += amount
    return Reward(
        referral=referral, line=line, fee_minor=line.fee_minor, share_bps=referral.share_bps, amount_minor=amount,
        currency=line.currency, booked_at=now,
    )  # fmt: skip


def _posting(referral: Referral, reward: Reward, *, now: datetime) -> ledger.Posting:
    """Our expense, the referrer's pay. The referred person's money and the lab's are not touched."""
    cost = ledger.AccountRef(AccountCode.REFERRAL_REWARDS, None, reward.currency)
    payable = ledger.AccountRef(AccountCode.EXPERT_PAYABLE, referral.referrer.public_id, reward.currency)
    return ledger.Posting(
        key=reward.entry_key,
        kind=EntryKind.REFERRAL,
        moves=[ledger.Move(cost, payable, reward.amount_minor)],
        effective_on=now.date(),
        memo="Referral reward",
    )


def take_back_rewards(*, now: datetime) -> int:
    """
    Reverse the rewards of lines whose charge was reversed; return how many. Run by a sweep.

    What was paid out already makes the referrer's account negative, and later pay is set against it, as with any correction.
    """
    ids = list(queries.rewards_to_take_back().values_list("public_id", "referral__public_id")[:SWEEP_LIMIT])
    return each(ids, lambda pair: _take_back(*pair, now=now), sweep="standing.corrections")


@transaction.atomic(durable=True)
def _take_back(reward_id: UUID, referral_id: UUID, *, now: datetime) -> bool:
    locked_referral(referral_id)
    rows = Reward.objects.select_for_update(of=("self",), no_key=True)
    reward: Reward = rows.get(public_id=reward_id)
    if reward.state != RewardState.BOOKED:
        return False
    require_move(REWARD_MOVES, current=reward.state, target=RewardState.TAKEN_BACK, what="referral reward")
    reward.state, reward.taken_back_at = RewardState.TAKEN_BACK, now
    reward.save(update_fields=["state", "taken_back_at"])
    purse = RewardPurse.objects.select_for_update(of=("self",), no_key=True).get(
        referral=reward.referral_id, currency=reward.currency
    )
    purse.earned_minor -= reward.amount_minor
    purse.save(update_fields=["earned_minor"])
    record(
        what="standing.take_back_reward", by=RULE, about=reward, now=now, after={"amount_minor": reward.amount_minor}
    )
    if reward.amount_minor:
        entry = Entry.objects.get(key=reward.entry_key)
        key = f"{reward.entry_key}:taken-back"
        ledger.reverse(key=key, entry_id=entry.pk, by=RULE, now=now, memo="The charge behind it was reversed")
    return True
