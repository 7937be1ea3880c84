"""A person of whom every room holds something, and how to find what is left of them."""

from __future__ import annotations

import itertools
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from experts.profiles.models import Expert
from experts.vetting.models import Case
from marketplace.accounts.models import User
from marketplace.notices.actions import notify
from marketplace.privacy import actions
from marketplace.privacy.models import DataCopy, ErasureRequest
from payments.payouts.models import PayoutAccount
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract
from tests.factories.experts_credentials import make_licence, make_resume
from tests.factories.experts_profiles import NOW, make_conflict, make_education, make_free, make_vetter, make_work
from tests.factories.experts_vetting import decide, make_checked_case
from tests.factories.marketplace_accounts import give_second_factor
from tests.factories.payments_payouts import make_account
from tests.factories.projects_hiring import make_contract, make_expert, make_gig, start

DUE = NOW + timedelta(days=14, minutes=1)
_numbers = itertools.count(1)


def make_whole_person(canary: str, *, licence: str = "220148") -> User:
    """A person whom every room knows. `canary` is a word in their name, address and everything they wrote."""
    name = f"Wren {canary}"
    expert: Expert = make_expert(name, headline=f"Cardiologist {canary}", about=f"About {canary}.")
    user = expert.user
    user.email = f"{canary.lower()}@people.example"
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    for number, address in enumerate([user.email, f"second-{user.email}"]):
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=number == 0)
    _signed_in(user)
    make_work(expert, organisation=f"Clinic {canary}")
    make_education(expert, school=f"School {canary}")
    make_conflict(expert, f"Rival {canary}")
    make_free(expert, (1, 9, 12))
    make_licence(expert, number=licence, title=f"Licence {canary}")
    make_resume(expert, (name, f"Resume {canary}"))
    decided: Case = decide(make_checked_case(expert))
    assert decided.decided_at
    _worked(expert, canary)
    make_account(user, label=f"Bank {canary} ··4417")
    with transaction.atomic():
        notify(user=user, kind="credentials", title=f"For {canary}", body="Read it.", now=NOW)
        staff = make_vetter(f"Vetter {next(_numbers)}")
        notify(user=staff, kind="vetting_queue", title=f"Look at {name}", body=f"{name} waits.", now=NOW)
    return user


def _signed_in(user: User) -> None:
    number = next(_numbers)
    session = Session.objects.create(
        session_key=f"session{number:025}", session_data="x", expire_date=NOW + timedelta(days=3650)
    )
    UserSession.objects.create(
        user=user, ip="192.0.2.9", user_agent=f"Browser of {user.full_name}", session_key=session.session_key, data={}
    )
    give_second_factor(user)
    AccessAttempt.objects.create(username=user.email, ip_address="192.0.2.9", failures_since_start=1)


def _worked(expert: Expert, canary: str) -> None:
    """A contract that has ended, and an application that waits."""
    contract: Contract = make_contract(make_gig(), expert)
    Contract.objects.filter(pk=contract.pk).update(
        state=ContractState.ENDED, ended_at=NOW, end_reason=f"{canary} has other plans."
    )
    application = start(make_gig(), expert)
    application.note = f"I am {canary}."
    application.save(update_fields=["note"])


def make_copy(user: User) -> DataCopy:
    """A copy of the person's data that is ready."""
    copy = actions.request_copy(by=user, now=NOW)
    actions.write_copy(copy_id=copy.pk, now=NOW)
    copy.refresh_from_db()
    return copy


def erase(user: User) -> ErasureRequest:
    """Ask for erasure, wait out the days, and have it done."""
    request = actions.request_erasure(by=user, now=NOW)
    actions.erase_person(request_pk=request.pk, now=DUE)
    request.refresh_from_db()
    return request


def tables_with(text: str) -> list[str]:
    """The tables in which a text stands anywhere, in any case."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if not name.startswith("django_migr")]
        found = []
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}" t WHERE t::text ILIKE %s', [f"%{text}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(name)
    return sorted(found)


def destination_of(user: User) -> str:
    return PayoutAccount.objects.get(user=user).destination_label
