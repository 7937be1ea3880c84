"""Contracts, batches, tasks and submitted work for tests."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from projects.hiring.enums import ApplicationState, OfferState
from projects.hiring.models import Application, Contract, ContractVersion, Offer
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.work.actions import batches, claims, reviews, staging, submissions
from projects.work.actions.batches import BatchTerms
from projects.work.actions.reviews import Verdict
from projects.work.enums import ReviewDecision
from projects.work.kinds import kind_of
from projects.work.models import Assignment, Batch, Task
from projects.work.reading import Read
from tests.factories.projects_labs import NOW, make_person, owner_of
from tests.factories.projects_listings import make_expert, make_gig

SMALL_FILE = Path(__file__).parents[1] / "data" / "answers_small.csv"
KIND = "ANSWER_REVIEW"
_numbers = itertools.count(1)


@contextmanager
def asks(*, of: str, times: int) -> Iterator[None]:
    """Expect so many queries on tables whose names begin like this. The frame of a page belongs to other rooms."""
    with CaptureQueriesContext(connection) as captured:
        yield
    found = [query["sql"] for query in captured if re.search(rf'(FROM|INTO|UPDATE|JOIN) "?{of}', query["sql"])]
    assert len(found) == times, "\n".join(found)


def make_contract(project: Project, expert: Expert | None = None, *, now: datetime = NOW, name: str = "") -> Contract:
    """An active contract, as an accepted offer makes it."""
    expert = expert or make_expert(make_person(name or "Imani Okafor"))
    number = project.contracts.count() + 1
    application = Application.objects.create(
        expert=expert, project=project, state=ApplicationState.HIRED, started_at=now, submitted_at=now
    )
    terms: dict[str, Any] = {"rate_minor": 210_00, "weekly_cap_minutes": 1800, "fee_bps": 1000}
    offer = Offer.objects.create(
        application=application,
        state=OfferState.ACCEPTED,
        currency=project.currency,
        starts_on=now.date(),
        terms=project.terms,
        sent_at=now,
        sent_by=owner_of(project.lab),
        expires_at=now + timedelta(days=7),
        answered_at=now,
        **terms,
    )
    contract: Contract = Contract.objects.create(
        offer=offer,
        lab=project.lab,
        project=project,
        expert=expert,
        alias=f"E-{number}",
        currency=project.currency,
        started_at=now,
    )
    version = ContractVersion.objects.create(
        contract=contract, number=1, effective_from=now, accepted_at=now, created_at=now, **terms
    )
    contract.current_version = version
    contract.save(update_fields=["current_version"])
    return contract


def prompt(number: int = 0, *, answer: str = "") -> dict[str, Any]:
    """A prompt that no other number has."""
    return {
        "question": f"Is invented remedy {number} safe with a potassium of 5.4?",
        "context": "An invented case.",
        "answer": answer or f"Yes. Remedy {number} is safe for everybody. Check the potassium in three months.",
        "facts": [{"label": "Potassium", "value": "5.4 mmol/L"}],
    }


def reads(count: int, *, first: int = 1) -> list[Read]:
    """Rows as they are read from a file."""
    return [
        Read(f"T-{number}", prompt(number), {"model": "hidden-model-7", "verdict": "no"})
        for number in range(first, first + count)
    ]


def make_batch(
    project: Project | None = None,
    *,
    tasks: int = 3,
    overlap: int = 1,
    priority: int = 0,
    live: bool = True,
    name: str = "Anticoagulation",
    now: datetime = NOW,
    rows: Sequence[Read] | None = None,
) -> Batch:
    """A batch filled through the API's action, live unless said otherwise."""
    project = project or make_gig()
    by = owner_of(project.lab)
    terms = BatchTerms("Mark every span you would not sign.", overlap, 15, priority)
    batch = batches.create_batch(project=project, kind=KIND, name=name, terms=terms, by=by, now=now)
    given = list(rows) if rows is not None else reads(tasks, first=1000 * next(_numbers))
    batches.add_tasks(batch_id=batch.pk, rows=given, by=by, now=now)
    batch.refresh_from_db()
    return batches.finalize_batch(batch_id=batch.pk, by=by, now=now) if live else batch


def send_small_file(
    project: Project, *, by: User | None = None, now: datetime = NOW, text: bytes | None = None
) -> Batch:
    """A batch whose file was sent and whose columns are still to be confirmed."""
    upload = SimpleUploadedFile("answers_small.csv", text if text is not None else SMALL_FILE.read_bytes())
    return batches.send_file(
        project=project, upload=upload, kind=KIND, name="", by=by or owner_of(project.lab), now=now
    )


def mapping_of(batch: Batch) -> dict[str, str]:
    """What the page would suggest for the columns of the batch's file."""
    from projects.work.reading import peek, suggest

    with batch.file.open("rb") as file:
        return suggest(peek(file, batch.file_format).columns, kind_of(batch.kind))


def read_file(batch: Batch, *, now: datetime = NOW, overlap: int = 1, chunk_rows: int = 1000) -> Batch:
    """Confirm the suggested columns and read the file, as the page and the worker do."""
    batches.start_reading(
        batch_id=batch.pk,
        name=batch.name,
        mapping=mapping_of(batch),
        terms=BatchTerms(overlap=overlap),
        by=owner_of(batch.lab),
        now=now,
    )
    staging.read_batch(batch_id=batch.pk, now=now, chunk_rows=chunk_rows)
    batch.refresh_from_db()
    return batch


def answer_to(task: Task, *, why: str = "", verdict: str = "not_acceptable") -> dict[str, Any]:
    """A whole answer with one critical mark on the words "is safe for everybody" or the first word."""
    text = task.prompt["answer"]
    quote = "is safe for everybody" if "is safe for everybody" in text else text.split()[0]
    start = text.index(quote)
    mark = {
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "severity": "critical",
        "category": "unsafe",
        "correction": "Do not start above 5.0 mmol/L.",
        "source": "Guideline 7.3.1",
    }
    ratings = {"accuracy": 2, "safety": 1, "completeness": 3, "reasoning": 3, "communication": 4}
    return {
        "marks": [mark],
        "ratings": ratings,
        "verdict": verdict,
        "why": why or "It starts the remedy above the safe potassium limit and checks much too late afterwards.",
        "confidence": 4,
    }


def claim(contract: Contract, *, now: datetime = NOW) -> Assignment:
    """A task in the expert's hands."""
    assignment = claims.claim_next(contract=contract, by=contract.expert.user, now=now)
    assert assignment is not None
    return assignment


def submit(assignment: Assignment, *, now: datetime = NOW, why: str = "", key: Any = None) -> Assignment:
    """Hand in a whole answer."""
    assignment.refresh_from_db()
    done = submissions.submit_answer(
        assignment_id=assignment.pk,
        answer=answer_to(assignment.task, why=why),
        version=assignment.draft_version,
        key=key or uuid4(),
        by=assignment.contract.expert.user,
        now=now,
    )
    return done.assignment


def make_submitted(contract: Contract, *, now: datetime = NOW) -> Assignment:
    """Work that waits for a review."""
    return submit(claim(contract, now=now), now=now)


def review(
    assignment: Assignment, decision: ReviewDecision, *, by: User | None = None, comment: str = "", now: datetime = NOW
) -> Assignment:
    """Decide the newest revision."""
    reviews.review_submission(
        assignment_id=assignment.pk,
        revision=assignment.submissions.count(),
        verdict=Verdict(
            decision,
            comment=comment,
            reject_code="WRONG" if decision == ReviewDecision.REJECT else "",
        ),
        by=by or owner_of(assignment.task.project.lab),
        now=now,
    )
    assignment.refresh_from_db()
    return assignment


def make_accepted(contract: Contract, *, now: datetime = NOW) -> Assignment:
    """Work that was accepted."""
    return review(make_submitted(contract, now=now), ReviewDecision.ACCEPT, now=now)


def lab_of(contract: Contract) -> Lab:
    return contract.project.lab
