"""Ratings after the end of a contract: given blind, shown together, answered once, and reported to staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from projects.hiring import policies
from projects.hiring.actions.ending import lock_contract
from projects.hiring.actions.telling import tell_expert, tell_lab
from projects.hiring.enums import FLAG_MOVES, RATING_DAYS, ContractState, FlagState, Side
from projects.hiring.models import Contract, Rating
from projects.hiring.queries import rating_ends_at

SWEEP_LIMIT = 200
SHORTEST = 20


@transaction.atomic(durable=True)
def give_rating(*, contract_id: UUID, by: User, stars: int, words: str, now: datetime) -> Rating:
    """
    Rate the other side of an ended contract, once. Neither side reads the other's before both are given or time is over.

    :param stars: 1 to 5.
    :raises NotAllowed: if `by` is on neither side.
    :raises WrongState: if the contract runs, the time to rate is over, or this side has rated before.
    :raises Refused: if the words are missing.
    """
    contract = lock_contract(contract_id)
    side = policies.side_of(by, contract)
    ends = rating_ends_at(contract)
    if contract.state != ContractState.ENDED or ends is None:
        raise WrongState("A contract is rated once it has ended.")
    if ends <= now:
        raise WrongState(f"The {RATING_DAYS} days in which this contract could be rated are over.")
    rows = {row.side: row for row in contract.ratings.select_for_update(of=("self",), no_key=True).order_by("pk")}
    if side in rows:
        raise WrongState("Your side has rated this contract already.")
    if not 1 <= stars <= 5:
        raise Refused("Choose one to five.", field="stars")
    rating: Rating = Rating.objects.create(
        contract=contract, side=side, stars=stars, words=_said(words), given_by=by, given_at=now
    )
    record(what="hiring.give_rating", by=by, about=contract, now=now, after={"side": side})
    if rows:
        _reveal(contract, [*rows.values(), rating], now=now)
    else:
        tell = tell_lab if side == Side.EXPERT else tell_expert
        who = contract.alias if side == Side.EXPERT else "The lab"
        tell(
            contract,
            title=f"{who} rated the work: {contract.project.title}",
            body=f"You read it once you have given yours, or on {ends:%-d %B}. Neither side sees the other's before.",
            now=now,
        )
    return rating


def reveal_ratings(*, now: datetime) -> int:
    """Show the ratings that the other side did not answer in time; each in its own transaction. Return how many."""
    ids = list(Rating.objects.to_reveal(now).values_list("contract__public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _reveal_alone(public_id, now=now), sweep="hiring.reveal_ratings")


@transaction.atomic(durable=True)
def _reveal_alone(contract_id: UUID, *, now: datetime) -> bool:
    contract = lock_contract(contract_id)
    ends = rating_ends_at(contract)
    rows = list(contract.ratings.select_for_update(of=("self",), no_key=True).filter(revealed_at__isnull=True))
    if not rows or ends is None or ends > now:
        return False
    _reveal(contract, rows, now=now)
    return True


def _reveal(contract: Contract, rows: list[Rating], *, now: datetime) -> None:
    for row in rows:
        row.revealed_at = now
        row.save(update_fields=["revealed_at"])
    record(what="hiring.reveal_ratings", by=System("clock"), about=contract, now=now, after={"count": len(rows)})
    sides = {row.side for row in rows}
    if Side.LAB in sides:
        tell_expert(
            contract,
            title=f"{contract.project.title}: what the lab says of your work",
            body="The rating stands with your contract. Labs read it when you apply. You can reply to it once.",
            now=now,
        )
    if Side.EXPERT in sides:
        tell_lab(
            contract,
            title=f"What {contract.alias} says of the work: {contract.project.title}",
            body="The rating stands with the contract. You can reply to it once.",
            now=now,
        )


@transaction.atomic(durable=True)
def reply_to_rating(*, rating_id: UUID, by: User, words: str, now: datetime) -> Rating:
    """
    Answer a rating that one's side got, once; whoever reads the rating reads the answer.

    :raises NotAllowed: if `by` is not of the side that was rated.
    :raises WrongState: if it is not shown yet, was taken away, or was answered before.
    :raises Refused: if the words are missing.
    """
    rating = _locked(rating_id)
    _require_rated(rating, by)
    if rating.reply:
        raise WrongState("This rating was answered already.")
    rating.reply, rating.replied_at = _said(words), now
    rating.save(update_fields=["reply", "replied_at"])
    record(what="hiring.reply_to_rating", by=by, about=rating.contract, now=now, after={"side": rating.side})
    contract = rating.contract
    title = f"An answer to your rating: {contract.project.title}"
    (tell_expert if rating.side == Side.EXPERT else tell_lab)(contract, title=title, body=rating.reply, now=now)
    return rating


@transaction.atomic(durable=True)
def report_rating(*, rating_id: UUID, by: User, reason: str, now: datetime) -> Rating:
    """
    Ask staff to look at a rating that one's side got. It counts until they have decided.

    :raises NotAllowed: if `by` is not of the side that was rated.
    :raises WrongState: if it is not shown yet, or was reported before.
    :raises Refused: if no reason is given.
    """
    rating = _locked(rating_id)
    _require_rated(rating, by)
    if rating.flag_state:
        raise WrongState("This rating was reported already.")
    rating.flag_reason, rating.flag_state, rating.flagged_at = _said(reason), FlagState.OPEN, now
    rating.save(update_fields=["flag_reason", "flag_state", "flagged_at"])
    record(what="hiring.report_rating", by=by, about=rating.contract, now=now, after={"side": rating.side})
    return rating


@transaction.atomic(durable=True)
def decide_report(*, rating_id: UUID, by: User, hide: bool, why: str, now: datetime) -> Rating:
    """
    Decide a report: the rating stays, or it is taken away and counts no more. Both sides are told why.

    :raises NotAllowed: if `by` is not vetting staff, or belongs to one of the sides.
    :raises WrongState: if there is no open report.
    :raises Refused: if no reason is given.
    """
    rating = _locked(rating_id)
    policies.require_referee(by, rating.contract)
    if not rating.flag_state:
        raise WrongState("Nobody reported this rating.")
    target = FlagState.HIDDEN if hide else FlagState.KEPT
    require_move(FLAG_MOVES, current=rating.flag_state, target=target, what="report")
    rating.flag_state, rating.decided_by, rating.decided_at, rating.decided_why = target, by, now, _said(why)
    rating.save(update_fields=["flag_state", "decided_by", "decided_at", "decided_why"])
    contract = rating.contract
    after = {"side": rating.side, "why": rating.decided_why}
    record(what=f"hiring.rating_{target.lower()}", by=by, about=contract, now=now, after=after)
    title = f"A rating was {'taken away' if hide else 'looked at and stays'}: {contract.project.title}"
    for tell in (tell_expert, tell_lab):
        tell(contract, title=title, body=rating.decided_why, now=now)
    return rating


def _require_rated(rating: Rating, by: User) -> None:
    if policies.side_of(by, rating.contract) == rating.side:
        raise NotAllowed("This is the rating that your own side gave.")
    if rating.revealed_at is None or rating.is_hidden:
        raise WrongState("This rating is not shown.")


def _said(words: str) -> str:
    said = words.strip()[:1000]
    if len(said) < SHORTEST:
        raise Refused(f"Write at least a sentence ({SHORTEST} characters): others read it.", field="words")
    return said


def _locked(rating_id: UUID) -> Rating:
    """The contract first, then its rating."""
    contract_ref = Rating.objects.values_list("contract__public_id", flat=True).get(public_id=rating_id)
    contract = lock_contract(contract_ref)
    rating: Rating = Rating.objects.select_for_update(of=("self",), no_key=True).get(public_id=rating_id)
    rating.contract = contract
    return rating
