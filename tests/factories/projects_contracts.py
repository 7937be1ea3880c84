"""What becomes of contracts in tests: amendments, notice, ends, ratings; made through the product's own actions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from projects.hiring.actions import amendments, contracts, ratings
from projects.hiring.enums import EndCode, Side
from projects.hiring.models import Amendment, Contract, Rating
from projects.hiring.queries import NewTerms, last_version
from tests.factories.projects_hiring import NOW, owner_of

NEXT_MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
"""The first Monday after NOW, a Wednesday."""
CUT_MONDAY = datetime(2026, 12, 7, tzinfo=UTC)
"""The first Monday at least fourteen days after NOW."""
LEAVING = "I take up a post in another town."
SAID = "Clear tasks, quick answers, and every hour was paid."


def propose(
    contract: Contract,
    *,
    rate_minor: int | None = None,
    cap_hours: int | None = None,
    begins: datetime = NEXT_MONDAY,
    now: datetime = NOW,
    **terms: Any,
) -> Amendment:
    """Propose new terms as the lab's owner; what is not named stays as it is."""
    version = last_version(contract)
    wanted = NewTerms(
        rate_minor or version.rate_minor,
        (cap_hours * 60) if cap_hours else version.weekly_cap_minutes,
        terms.get("ends_on", version.ends_on),
    )
    return amendments.propose_amendment(
        contract_id=contract.public_id,
        by=owner_of(contract.lab),
        terms=wanted,
        effective_from=begins,
        reason="The scope has grown since we began.",
        now=now,
    )


def agree(amendment: Amendment, *, now: datetime = NOW) -> Amendment:
    """Accept an amendment as its expert."""
    user = amendment.contract.expert.user
    return amendments.accept_amendment(amendment_id=amendment.public_id, by=user, now=now)


def leave(contract: Contract, *, last_day: date | None = None, now: datetime = NOW) -> Contract:
    """Let the expert end the contract, now or on a later day."""
    done = contracts.end_contract(
        contract_id=contract.public_id, by=contract.expert.user, reason=LEAVING, code=EndCode.TIME, last_day=last_day,
        now=now,
    )  # fmt: skip
    contract.refresh_from_db()
    return done


def give_notice(contract: Contract, *, last_day: date, now: datetime = NOW, code: EndCode = EndCode.BUDGET) -> Contract:
    """Let the lab's owner give notice."""
    return contracts.end_contract(
        contract_id=contract.public_id, by=owner_of(contract.lab), reason="The grant is spent.", code=code,
        last_day=last_day, now=now,
    )  # fmt: skip


def rate(contract: Contract, side: Side, *, stars: int = 5, words: str = SAID, now: datetime = NOW) -> Rating:
    """Rate the other side of an ended contract."""
    by = contract.expert.user if side == Side.EXPERT else owner_of(contract.lab)
    return ratings.give_rating(contract_id=contract.public_id, by=by, stars=stars, words=words, now=now)


def rate_both(contract: Contract, *, stars: int = 5, now: datetime = NOW) -> list[Rating]:
    """Both sides rate, so that both ratings are shown."""
    given = [rate(contract, side, stars=stars, now=now + timedelta(minutes=1)) for side in (Side.EXPERT, Side.LAB)]
    for one in given:
        one.refresh_from_db()
    return given
