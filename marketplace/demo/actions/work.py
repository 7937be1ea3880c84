"""Batches, answers and reviews of the demonstration world."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from marketplace.accounts.models import User
from marketplace.demo.actions.board import FLAGSHIP
from marketplace.demo.actions.hires import CARDIOLOGY
from marketplace.demo.actions.people import personas
from marketplace.demo.world.tasks import INSTRUCTIONS, PAIRS, WHY
from projects.hiring.models import Contract
from projects.listings.models import Project
from projects.work.actions.batches import BatchTerms, add_tasks, create_batch, finalize_batch
from projects.work.actions.claims import claim_next
from projects.work.actions.reviews import Verdict, review_submission, take_review
from projects.work.actions.submissions import save_draft, submit_answer
from projects.work.enums import AssignmentState, BatchState, ReviewDecision
from projects.work.models import Assignment, Batch
from projects.work.reading import Read

EACH = 4
"""How many tasks everybody hands in."""

SENT_BACK = "Mark 1 is right; please add the guideline it rests on, and say which threshold you would use instead."


def make_work(*, now: datetime) -> None:
    """Two batches, answers of everybody who is hired for them, most of them reviewed, and one task in hand."""
    chance = random.Random(8)
    people = personas()
    owner, imani = people["lab-owner"], people["expert"]
    projects = {
        row.title: row for row in Project.objects.filter(title__in=[CARDIOLOGY, FLAGSHIP]).select_related("lab")
    }
    _make_batch(projects[CARDIOLOGY], "Heart failure drugs", "LF", rounds=4, by=owner, now=now - timedelta(days=13))
    _make_batch(projects[FLAGSHIP], "First answers", "PTN", rounds=3, by=owner, now=now - timedelta(days=6))
    rows = Contract.objects.filter(project__in=projects.values()).select_related("expert__user", "project")
    contracts = list(rows.order_by("pk"))
    done = _handed_in(contracts)
    for number, contract in enumerate(contracts):
        begin = now - timedelta(days=4 if contract.project.title == FLAGSHIP else 6, hours=number)
        _answer_tasks(contract, range(len(done[contract.pk]), EACH), chance, now=begin)
    _review_most(contracts, returned_to=imani, by=people["lab-reviewer"], now=now)
    first = next(row for row in contracts if row.expert.user_id == imani.pk)
    _start_a_task(first, chance, now=now - timedelta(minutes=12))


def _make_batch(project: Project, name: str, prefix: str, *, rounds: int, by: User, now: datetime) -> None:
    """Stage and start a batch of answer reviews, `rounds` times the invented pairs."""
    batch: Batch | None = Batch.objects.filter(project=project, name=name).first()
    if batch is None:
        terms = BatchTerms(instructions=INSTRUCTIONS, overlap=1, minutes_expected=20, priority=0)
        batch = create_batch(project=project, kind="ANSWER_REVIEW", name=name, terms=terms, by=by, now=now)
    if batch.state != BatchState.DRAFT:
        return
    if not batch.rows_staged:
        add_tasks(batch_id=batch.pk, rows=_rows(prefix, rounds), by=by, now=now)
    finalize_batch(batch_id=batch.pk, by=by, now=now)


def _rows(prefix: str, rounds: int) -> list[Read]:
    return [
        Read(
            external_id=f"{prefix}-{turn * len(PAIRS) + number + 1:04d}",
            prompt={
                "question": question,
                "context": "Invented case. No patient data.",
                "answer": answer if turn == 0 else f"{answer} (Wording {turn + 1}.)",
                "facts": [],
            },
            metadata={"source": "invented", "wording": turn + 1},
        )
        for turn in range(rounds)
        for number, (question, answer) in enumerate(PAIRS)
    ]


# ----------------------------------------------------------------------------------------------------------- answers


def _handed_in(contracts: list[Contract]) -> dict[int, list[Assignment]]:
    """Return what was handed in under each contract, by the contract's key, in the order in which it was taken."""
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(contract__in=contracts, submitted_at__isnull=False)
    for assignment in rows.order_by("claimed_at", "pk"):
        found[assignment.contract_id].append(assignment)
    return found


def _answer_tasks(contract: Contract, numbers: range, chance: random.Random, *, now: datetime) -> None:
    """Let one expert claim and submit tasks, one after the other."""
    user = contract.expert.user
    for number in numbers:
        moment = now + timedelta(minutes=25 * number)
        assignment = claim_next(contract=contract, by=user, now=moment)
        if assignment is None:
            return
        answer = an_answer(assignment.task.prompt["answer"], chance)
        submit_answer(
            assignment_id=assignment.pk, answer=answer, version=assignment.draft_version, key=uuid.uuid4(), by=user,
            now=moment + timedelta(minutes=18),
        )  # fmt: skip


def _start_a_task(contract: Contract, chance: random.Random, *, now: datetime) -> None:
    """Leave one task in hand with a saved draft."""
    assignment = claim_next(contract=contract, by=contract.expert.user, now=now)
    if assignment is None or assignment.draft_version:
        return
    answer = an_answer(assignment.task.prompt["answer"], chance) | {"why": "", "verdict": ""}
    save_draft(
        assignment_id=assignment.pk, answer=answer, version=assignment.draft_version, by=contract.expert.user,
        now=now + timedelta(minutes=6),
    )  # fmt: skip


def an_answer(text: str, chance: random.Random) -> dict[str, Any]:
    """Return a review of an answer: one sentence marked, ratings, verdict and why."""
    sentences = [part for part in text.replace("\n", " ").split(". ") if len(part) > 20]
    quote = chance.choice(sentences).strip(". ")
    start = text.index(quote)
    mark = {
        "start": start, "end": start + len(quote), "quote": quote, "severity": chance.choice(["minor", "major", "critical"]),
        "category": chance.choice(["wrong_fact", "wrong_number", "unsafe", "misleading"]),
        "correction": "State the threshold and when to look again.", "source": "Society guideline, section on follow-up",
    }  # fmt: skip
    ratings = {
        name: chance.randint(2, 5) for name in ("accuracy", "safety", "completeness", "reasoning", "communication")
    }
    return {
        "marks": [mark], "ratings": ratings, "verdict": chance.choice(["acceptable_with_fixes", "not_acceptable"]),
        "why": chance.choice(WHY), "confidence": chance.randint(3, 5),
    }  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- reviews


def _review_most(contracts: list[Contract], *, returned_to: User, by: User, now: datetime) -> None:
    """Accept most of what was handed in, send one answer back, and leave each fourth to a reviewer."""
    whose = {contract.pk: contract.expert.user_id for contract in contracts}
    done = _handed_in(contracts)
    handed_in = [assignment for contract in contracts for assignment in done[contract.pk]]
    theirs = (
        place for place, one in enumerate(handed_in) if whose[one.contract_id] == returned_to.pk and place % 4 == 2
    )
    sent_back = next(theirs)
    for place, assignment in enumerate(handed_in):
        if place % 4 == 3 or assignment.state != AssignmentState.SUBMITTED:
            continue
        moment = now - timedelta(hours=3 + (len(handed_in) - place) * 70 // len(handed_in), minutes=7)
        _review(assignment, accept=place != sent_back, by=by, now=moment)


def _review(assignment: Assignment, *, accept: bool, by: User, now: datetime) -> None:
    """Take a submission and accept it or send it back."""
    take_review(assignment_id=assignment.pk, by=by, now=now)
    verdict = (
        Verdict(ReviewDecision.ACCEPT, "Clear and well sourced.")
        if accept
        else Verdict(ReviewDecision.SEND_BACK, SENT_BACK, [("marks", "Which guideline?")])
    )
    review_submission(assignment_id=assignment.pk, revision=1, verdict=verdict, by=by, now=now + timedelta(minutes=4))
