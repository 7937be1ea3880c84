"""Certificates, and people who invited each other, for tests; made through the product's own actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from experts.credentials import actions as credential_actions
from experts.credentials.enums import LadderStep
from experts.credentials.models import Credential
from experts.profiles.models import Expert, Field
from marketplace.accounts.models import User
from projects.hiring.models import Contract
from projects.standing import actions, queries
from projects.standing.enums import NameShown
from projects.standing.models import Certificate, Referral, ReferralCode
from tests.factories.experts_credentials import make_licence
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_hours import BEFORE, MONDAY, approve, at, log, make_expert, make_running, submit

PERIOD = MONDAY.date()
LATER = at(14, 12)


def confirmed_licence(expert: Expert, *, by: User | None = None, now: datetime = at(7, 9)) -> Credential:
    """A licence that staff confirmed at its source on the test's Tuesday."""
    credential = make_licence(expert, now=BEFORE)
    return credential_actions.climb_ladder(
        credential_id=credential.public_id, to_step=LadderStep.CONFIRMED, by=by or make_vetter(), now=now,
        source="https://licences.example/220148", seen_on=date(2026, 11, 17), explanation="",
    )  # fmt: skip


def work_week(contract: Contract, *, minutes: int = 60, week: int = 0) -> None:
    """An approved week with one piece of time on its Monday."""
    start = at(7 * week, 9)
    log(contract, start, start + timedelta(minutes=minutes))
    submit(contract, PERIOD + timedelta(days=7 * week))
    approve(contract, PERIOD + timedelta(days=7 * week))


def make_certificate(expert: Expert, *, now: datetime = LATER, **choices: Any) -> Certificate:
    """A certificate about all work, with the full name and every credential that may be named."""
    named = [row.public_id for row in queries.credentials_to_name(expert)]
    chosen: dict[str, Any] = {"field": None, "name_shown": NameShown.FULL, "credential_ids": named} | choices
    return actions.issue_certificate(expert_id=expert.public_id, by=expert.user, now=now, **chosen)


def make_link(expert: Expert, *, now: datetime = BEFORE) -> ReferralCode:
    return actions.open_link(by=expert.user, now=now)


def make_referral(referrer: Expert, referred: User, *, now: datetime = BEFORE) -> Referral:
    """The second person made an account through the link of the first."""
    found = actions.register_referral(user_id=referred.pk, code=make_link(referrer, now=now).code, now=now)
    assert found is not None
    return found


def make_referred(*, now: datetime = BEFORE, **facts: Any) -> tuple[Referral, Contract]:
    """A referral, and a running contract of the person who was invited."""
    contract = make_running(**facts)
    referral = make_referral(make_expert("Rosa Ilves"), contract.expert.user, now=now)
    return referral, contract


def field_named(code: str) -> Field:
    return Field.objects.get(code=code)
