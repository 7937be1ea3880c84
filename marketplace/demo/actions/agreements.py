"""What becomes of contracts in the demonstration world: a proposal that waits, agreed terms, notice, an end with ratings."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.accounts.models import User
from marketplace.demo.actions.board import FLAGSHIP, owners_of_labs
from marketplace.demo.actions.hires import CARDIOLOGY
from marketplace.demo.actions.people import personas
from projects.hiring.actions.amendments import accept_amendment, propose_amendment
from projects.hiring.actions.contracts import end_contract
from projects.hiring.actions.ratings import give_rating, reply_to_rating
from projects.hiring.enums import ContractState, EndCode, Side
from projects.hiring.models import Amendment, Contract, Rating
from projects.hiring.queries import NewTerms, first_monday, last_version

MORE = "The tasks have become harder than we thought, and you do them well."
FEWER = "The second batch comes in January, so there is less to read until then."
LEAVING = "I take up a post with shifts and have no evenings left for this."
BY_EXPERT = "Good tasks with clear questions. Answers to mine came within a day, and every hour was paid."
BY_LAB = "Careful and exact. Twice she found a mistake in our own guideline, and wrote down why it was one."
THANKS = "Thank you. I would gladly come back for another round in the spring."


def make_agreements(*, now: datetime) -> None:
    """Propose, accept, announce and end, on contracts that stand already."""
    owners, imani = owners_of_labs(), personas()["expert"]
    rows = Contract.objects.select_related("project", "lab", "expert__user").exclude(state=ContractState.ENDED)
    contracts = list(rows.order_by("pk"))
    mine = [row for row in contracts if row.expert.user_id == imani.pk]
    others = [row for row in contracts if row.expert.user_id != imani.pk and row.project.title == CARDIOLOGY]
    for row in mine:
        _propose(row, more=row.project.title == FLAGSHIP, by=owners[row.lab_id], now=now - timedelta(hours=5))
    if len(others) > 2:
        _agree(_propose(others[0], more=True, by=owners[others[0].lab_id], now=now - timedelta(days=1)), now=now)
        _give_notice(others[1], by=owners[others[1].lab_id], now=now - timedelta(days=1))
    # One who left, on a gig where it takes no place away from the flagship's story.
    left = Contract.objects.filter(ended_by=Side.EXPERT).select_related("expert__user").first()
    _end(left or others[-1], by=owners[(left or others[-1]).lab_id], now=now - timedelta(days=2))


def _propose(contract: Contract, *, more: bool, by: User, now: datetime) -> Amendment | None:
    """Propose a raise, or fewer hours, unless something was proposed before; a Sunday evening is not the time for it."""
    if contract.amendments.exists():
        return None
    version = last_version(contract)
    hours = version.weekly_cap_minutes if more else max(60, version.weekly_cap_minutes // 2 // 60 * 60)
    terms = NewTerms(version.rate_minor + (15_00 if more else 0), hours, version.ends_on)
    begins = first_monday(is_cut=not more, now=now + timedelta(days=2))
    return propose_amendment(
        contract_id=contract.public_id, by=by, terms=terms, effective_from=begins, reason=MORE if more else FEWER,
        now=now,
    )  # fmt: skip


def _agree(amendment: Amendment | None, *, now: datetime) -> None:
    if amendment is not None:
        accept_amendment(amendment_id=amendment.public_id, by=amendment.contract.expert.user, now=now)


def _give_notice(contract: Contract, *, by: User, now: datetime) -> None:
    if contract.notice_given_at is None:
        end_contract(
            contract_id=contract.public_id, by=by, code=EndCode.BUDGET, last_day=(now + timedelta(days=16)).date(),
            reason="This round ends with the year, and the next one is not funded yet.", now=now,
        )  # fmt: skip


def _end(contract: Contract, *, by: User, now: datetime) -> None:
    """Let an expert leave, both sides rate, and the expert answer."""
    user = contract.expert.user
    if contract.state != ContractState.ENDED:
        end_contract(contract_id=contract.public_id, by=user, code=EndCode.TIME, reason=LEAVING, now=now)
    given = {row.side: row for row in Rating.objects.filter(contract=contract)}
    for side, person, words in ((Side.EXPERT, user, BY_EXPERT), (Side.LAB, by, BY_LAB)):
        if side not in given:
            given[side] = give_rating(
                contract_id=contract.public_id, by=person, stars=5, words=words, now=now + timedelta(hours=3)
            )
    if not given[Side.LAB].reply:
        later = now + timedelta(hours=9)
        reply_to_rating(rating_id=given[Side.LAB].public_id, by=user, words=THANKS, now=later)
