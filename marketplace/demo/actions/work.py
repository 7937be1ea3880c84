"""Batches, answers and reviews of the demonstration world."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from marketplace.accounts.models import User
from marketplace.demo.world.tasks import INSTRUCTIONS, PAIRS, WHY
from projects.hiring.models import Contract
from projects.listings.models import Project
from projects.work.actions.batches import BatchTerms, add_tasks, create_batch, finalize_batch
from projects.work.actions.claims import claim_next
from projects.work.actions.reviews import Verdict, review_submission, take_review
from projects.work.actions.submissions import save_draft, submit_answer
from projects.work.enums import ReviewDecision
from projects.work.models import Assignment, Batch
from projects.work.reading import Read

SENT_BACK = "Mark 1 is right; please add the guideline it rests on, and say which threshold you would use instead."


def make_batch(project: Project, name: str, *, prefix: str, rounds: int, by: User, now: datetime) -> Batch:
    """Stage and start a batch of answer reviews, `rounds` times the invented pairs."""
    terms = BatchTerms(instructions=INSTRUCTIONS, overlap=1, minutes_expected=20, priority=0)
    batch = create_batch(project=project, kind="ANSWER_REVIEW", name=name, terms=terms, by=by, now=now)
    rows = [
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
    add_tasks(batch_id=batch.pk, rows=rows, by=by, now=now)
    return finalize_batch(batch_id=batch.pk, by=by, now=now)


def answer_tasks(contract: Contract, count: int, chance: random.Random, *, now: datetime) -> list[Assignment]:
    """Let one expert claim and submit some tasks, one after the other."""
    done, user = [], contract.expert.user
    for number in range(count):
        moment = now + timedelta(minutes=25 * number)
        assignment = claim_next(contract=contract, by=user, now=moment)
        if assignment is None:
            break
        answer = an_answer(assignment.task.prompt["answer"], chance)
        submit_answer(
            assignment_id=assignment.pk, answer=answer, version=assignment.draft_version, key=uuid.uuid4(), by=user,
            now=moment + timedelta(minutes=18),
        )  # fmt: skip
        done.append(assignment)
    return done


def start_a_task(contract: Contract, chance: random.Random, *, now: datetime) -> Assignment | None:
    """Leave one task in hand with a saved draft."""
    assignment = claim_next(contract=contract, by=contract.expert.user, now=now)
    if assignment is None:
        return None
    answer = an_answer(assignment.task.prompt["answer"], chance) | {"why": "", "verdict": ""}
    save_draft(
        assignment_id=assignment.pk, answer=answer, version=assignment.draft_version, by=contract.expert.user,
        now=now + timedelta(minutes=6),
    )  # fmt: skip
    return assignment


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


def review(assignment: Assignment, *, accept: bool, by: User, now: datetime) -> None:
    """Take a submission and accept it or send it back."""
    take_review(assignment_id=assignment.pk, by=by, now=now)
    verdict = (
        Verdict(ReviewDecision.ACCEPT, "Clear and well sourced.")
        if accept
        else Verdict(ReviewDecision.SEND_BACK, SENT_BACK, [("marks", "Which guideline?")])
    )
    revision = assignment.submissions.count()
    review_submission(
        assignment_id=assignment.pk, revision=revision, verdict=verdict, by=by, now=now + timedelta(minutes=4)
    )
