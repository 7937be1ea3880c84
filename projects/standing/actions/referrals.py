"""Links, who came through them, and the questions that staff answer."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, NotAllowed
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from projects.standing import policies, queries
from projects.standing.enums import CODE_LENGTH, REFERRAL_MOVES, REWARD_FOR, REWARD_SHARE_BPS, ReferralState
from projects.standing.models import Referral, ReferralCode

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are mistaken for others: ten of these are about 49 bits."""
SWEEP_LIMIT: Final = 200
WORDS_MIN_CHARS: Final = 20
RULE: Final = System("standing.referrals")


@transaction.atomic(durable=True)
def open_link(*, by: User, now: datetime) -> ReferralCode:
    """
    Give an expert a link of their own, or the one they have.

    :raises NotAllowed: for people who are no experts: rewards are paid like an expert's pay.
    """
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if not person.is_active or not hasattr(person, "expert"):
        raise NotAllowed("Links are for experts, who are paid through the same account. Begin your profile first.")
    found = ReferralCode.objects.filter(user=person).first()
    if found is None:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        found = ReferralCode.objects.create(user=person, code=code, created_at=now)
        record(what="standing.open_link", by=by, about=("referral_code", person.public_id), now=now)
    return found


@transaction.atomic(durable=True)
def register_referral(*, user_id: int, code: str, now: datetime) -> Referral | None:
    """
    Remember whose link a new account came through, once. Called when the account is made and never later, so nobody can be
    referred by somebody who came after them: there are no circles.

    Returns None for a link that leads to nobody, to a blocked person, or for an account that has a referrer already.
    """
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    owner = ReferralCode.objects.filter(code=code, user__is_active=True).select_related("user").first()
    if owner is None or owner.user_id == user.pk or Referral.objects.filter(referred=user).exists():
        return None
    if owner.created_at > now or ReferralCode.objects.filter(user=user).exists():
        return None  # An account that has invited others itself is not new.
    referral = Referral.objects.create(
        referrer=owner.user, referred=user, share_bps=REWARD_SHARE_BPS, joined_at=now, ends_at=now + REWARD_FOR
    )
    record(what="standing.register_referral", by=RULE, about=referral, now=now)
    return referral


def question_referrals(*, now: datetime) -> int:
    """Set aside for staff the referrals that look like one person twice; return how many. Run by a sweep before booking."""
    ids = list(queries.to_question().values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _question(public_id, now=now), sweep="standing.questions")


@transaction.atomic(durable=True)
def _question(referral_id: UUID, *, now: datetime) -> bool:
    referral = locked_referral(referral_id)
    return question(referral, now=now)


def question(referral: Referral, *, now: datetime) -> bool:
    """Set a locked referral aside if there is a doubt that nobody has looked at yet; return whether it was."""
    doubts = queries.doubts_about(referral) if referral.state == ReferralState.ACTIVE else []
    if not doubts:
        return False
    require_move(REFERRAL_MOVES, current=referral.state, target=ReferralState.QUESTIONED, what="referral")
    referral.state = ReferralState.QUESTIONED
    referral.question = " ".join(doubts)[:300]
    referral.save(update_fields=["state", "question"])
    record(what="standing.question_referral", by=RULE, about=referral, now=now, after={"question": referral.question})
    return True


@transaction.atomic(durable=True)
def decide_referral(*, referral_id: UUID, is_good: bool, words: str, by: User, now: datetime) -> Referral:
    """
    Let a referral earn, or stop it; what was booked before stays.

    :param words: why, at least 20 characters; kept with the referral.
    :raises NotAllowed: if `by` is no vetting staff or one of the two people.
    :raises Invalid: without a reason.
    :raises WrongState: if it was stopped before, or cleared and is to be cleared again.
    """
    referral = locked_referral(referral_id)
    policies.require_referral_judge(by, referral)
    if len(words.strip()) < WORDS_MIN_CHARS:
        raise Invalid(f"Say why in at least {WORDS_MIN_CHARS} characters.", field="words")
    target = ReferralState.CLEARED if is_good else ReferralState.STOPPED
    require_move(REFERRAL_MOVES, current=referral.state, target=target, what="referral")
    before = referral.state
    referral.state, referral.decided_by, referral.decided_at = target, by, now
    referral.words = words.strip()[:1000]
    referral.save(update_fields=["state", "decided_by", "decided_at", "words"])
    record(
        what="standing.decide_referral", by=by, about=referral, now=now, before={"state": before},
        after={"state": target, "words": referral.words},
    )  # fmt: skip
    return referral


def locked_referral(referral_id: UUID) -> Referral:
    """Return the locked referral: rewards and decisions about it wait for each other here."""
    referral: Referral = (
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("referrer", "referred")
        .get(public_id=referral_id)
    )
    return referral
