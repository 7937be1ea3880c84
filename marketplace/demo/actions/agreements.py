"""What becomes of contracts in the demonstration world: a proposal that waits, agreed terms, notice, an end with ratings."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.accounts.models import User
from marketplace.demo.actions.board import FLAGSHIP, owners_of_labs
from marketplace.demo.actions.hires import CARDIOLOGY
from marketplace.demo.actions.people import personas
from projects.hiring.actions.amendments import accept_amendment, propose_amendment
from projects.hiring.actions.contracts import end_contract
from projects.hiring.actions.ratings import give_rating, reply_to_rating, report_rating
from projects.hiring.enums import ContractState, EndCode, Side
from projects.hiring.models import Amendment, Contract, Rating
from projects.hiring.queries import NewTerms, first_monday, last_version

MORE = "The tasks have become harder than we thought, and you do them well."
FEWER = "The second batch comes in January, so there is less to read until then."
LEAVING = "I take up a post with shifts and have no evenings left for this."
BY_EXPERT = "Good tasks with clear questions. Answers to mine came within a day, and every hour was paid."
BY_LAB = "Careful and exact. Twice she found a mistake in our own guideline, and wrote down why it was one."
HARSH = "The tasks were fine. But a call about another project of theirs was so rude that I do not want to come back."
REPORT = "We had no call with this expert, and no other project together. They must mean another lab."
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
    # Two left before; an earlier try may have got as far as that.
    left = list(Contract.objects.filter(ended_by=Side.EXPERT).select_related("expert__user").order_by("ended_at", "pk"))
    leaving = [*left, *others[::-1]][:2]
    for number, contract in enumerate(leaving):
        by, moment = owners[contract.lab_id], now - timedelta(days=3 - number)
        _end(contract, by=by, stars=2 if number else 5, words=HARSH if number else BY_EXPERT, now=moment)
    _report(leaving[-1], by=owners[leaving[-1].lab_id], now=now - timedelta(hours=7))


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


def _end(contract: Contract, *, by: User, stars: int, words: str, now: datetime) -> None:
    """Let an expert leave, both sides rate, and the expert answer."""
    user = contract.expert.user
    if contract.state != ContractState.ENDED:
        end_contract(contract_id=contract.public_id, by=user, code=EndCode.TIME, reason=LEAVING, now=now)
    given = {row.side: row for row in Rating.objects.filter(contract=contract)}
    for side, person, rated, said in ((Side.EXPERT, user, stars, words), (Side.LAB, by, 5, BY_LAB)):
        if side not in given:
            given[side] = give_rating(
                contract_id=contract.public_id, by=person, stars=rated, words=said, now=now + timedelta(hours=3)
            )
    if not given[Side.LAB].reply:
        later = now + timedelta(hours=9)
        reply_to_rating(rating_id=given[Side.LAB].public_id, by=user, words=THANKS, now=later)


def _report(contract: Contract, *, by: User, now: datetime) -> None:
    """Let the lab report what the expert said, so that staff have something to decide."""
    rating = Rating.objects.get(contract=contract, side=Side.EXPERT)
    if not rating.flag_state:
        report_rating(rating_id=rating.public_id, by=by, reason=REPORT, now=now)
