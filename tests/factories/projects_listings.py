"""Projects for tests: drafts, funded ones, open ones."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Expert, Field
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.kernel.actors import System
from marketplace.kernel.ids import new_public_id
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from projects.labs.models import Lab
from projects.listings.actions import projects as actions
from projects.listings.actions.reviews import confirm_listing
from projects.listings.actions.shape import Listing, Wanted
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from tests.factories.marketplace_accounts import make_staff
from tests.factories.projects_labs import NOW, make_lab, make_person, owner_of

_numbers = itertools.count(1)
BY = System("tests")

PHYSICIANS = Listing(
    title="Physician Talent Network",
    summary="Doctors of any specialty write clinical scenarios, review model answers and give expert feedback.",
    sections={
        "role": "You decide what a **careful doctor** would say.",
        "what_you_will_do": "- Write scenarios\n- Review answers",
        "who_you_are": "A licence in force.",
        "pay_and_terms": "Paid every Friday.",
    },
    kinds=("SCENARIO", "ANSWER_REVIEW", "FEEDBACK"),
    rate_min_minor=180_00,
    rate_max_minor=250_00,
    weekly_hours_min=10,
    weekly_hours_cap=20,
    expected_weeks=12,
    places_wanted=40,
    countries=("US", "CA", "GB", "IE"),
    languages=("en",),
    questions=("Which guideline do you disagree with, and why?",),
    terms_text="What you see here stays here.\n\nThe lab owns what you write.",
)


def field_of(code: str) -> Field:
    """A field of the taxonomy, which the migrations load."""
    found: Field = Field.objects.get(code=code)
    return found


def listing(*field_codes: str, **parts: Any) -> Listing:
    """The Physician Talent Network, with other fields or other parts where the test says so."""
    ids = tuple(field_of(code).pk for code in field_codes or ("medicine",))
    return replace(PHYSICIANS, **({"field_ids": ids} | parts))


def licence(step: LadderStep = LadderStep.DOCUMENT_SEEN, *, is_required: bool = True) -> Wanted:
    return Wanted(CredentialKind.MEDICAL_LICENCE, step, None, is_required)


def vetted_in(code: str) -> Wanted:
    return Wanted(field_id=field_of(code).pk)


def make_draft(lab: Lab | None = None, *field_codes: str, now: datetime = NOW, **parts: Any) -> Project:
    """A draft of a lab."""
    lab = lab or make_lab()
    return actions.create_project(lab_id=lab.pk, listing=listing(*field_codes, **parts), by=owner_of(lab), now=now)


def fund(project: Project, amount_minor: int = 20_000_00, *, now: datetime = NOW) -> None:
    """Put project funds on deposit, as a settled deposit that was allocated does."""
    number = next(_numbers)
    clearing = AccountRef(AccountCode.STRIPE_CLEARING, None, project.currency)
    lab = AccountRef(AccountCode.LAB_FUNDS, project.lab.public_id, project.currency)
    funds = AccountRef(AccountCode.PROJECT_FUNDS, project.public_id, project.currency)
    for key, kind, move in (
        (f"bt:test_{number}_{new_public_id()}", EntryKind.FUNDING, Move(clearing, lab, amount_minor)),
        (f"alloc:{new_public_id()}", EntryKind.ALLOCATION, Move(lab, funds, amount_minor)),
    ):
        with transaction.atomic():
            post(key=key, kind=kind, moves=[move], effective_on=now.date(), by=BY, now=now)


def make_gig(
    lab: Lab | None = None, *field_codes: str, now: datetime = NOW, funds_minor: int = 20_000_00, **parts: Any
) -> Project:
    """A funded project that is open on the board; where it pays less than another of its lab, staff have confirmed it."""
    project = make_draft(lab, *field_codes, now=now, **parts)
    fund(project, funds_minor, now=now)
    project = actions.publish_project(project_id=project.pk, by=owner_of(project.lab), now=now)
    if project.state == ProjectState.IN_REVIEW:
        review = project.reviews.get()
        project = confirm_listing(review_id=review.public_id, by=make_staff(StaffRoleKind.VETTING), now=now)
    return project


def make_expert(user: User | None = None, *, now: datetime = NOW, **facts: Any) -> Expert:
    """An expert in the United States with eight hours a week, unless the test says otherwise."""
    values: dict[str, Any] = {"country": "US", "weekly_hours": 8, "headline": "Cardiologist"} | facts
    expert: Expert = Expert.objects.create(user=user or make_person(), created_at=now, updated_at=now, **values)
    return expert
