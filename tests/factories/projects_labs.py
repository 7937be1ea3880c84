"""People, labs and memberships for tests."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import User
from projects.labs import actions
from projects.labs.enums import LabRole, Scope
from projects.labs.models import ApiKey, Lab, Membership

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
_numbers = itertools.count(1)


def make_person(name: str = "Imani Okafor", *, email: str = "", second_factor: bool = False) -> User:
    """A person with a verified address and no usable password."""
    number = next(_numbers)
    user = User(email=email or f"person{number}@example.org", full_name=name)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if second_factor:
        give_second_factor(user)
    return user


def give_second_factor(user: User) -> None:
    """An authenticator app, as owners and managers of labs need one to open any page."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "unused in tests"})


def make_lab(name: str = "Larkfield Labs", *, owner: User | None = None, now: datetime = NOW, **settings: Any) -> Lab:
    """A lab with one owner, who has a second factor."""
    owner = owner or make_person("Lena Lark", second_factor=True)
    lab = actions.create_lab(name=name, by=owner, now=now)
    if settings:
        Lab.objects.filter(pk=lab.pk).update(**settings)
        lab.refresh_from_db()
    return lab


def owner_of(lab: Lab) -> User:
    """The person who owns the lab longest."""
    membership = Membership.objects.filter(lab=lab, role=LabRole.OWNER).select_related("user").order_by("pk").first()
    assert membership is not None
    return membership.user


def join(lab: Lab, role: LabRole, name: str = "") -> User:
    """Another member of the lab, with a second factor where the role needs one."""
    managing = role in {LabRole.OWNER, LabRole.MANAGER}
    user = make_person(name or f"{role.label.partition(',')[0]} Person", second_factor=managing)
    Membership.objects.create(lab=lab, user=user, role=role, joined_at=NOW + timedelta(minutes=next(_numbers)))
    return user


def make_key(lab: Lab, *scopes: Scope, now: datetime = NOW, days: int = 90, name: str = "Upload") -> tuple[ApiKey, str]:
    """A key of the lab and its text."""
    return actions.create_api_key(
        lab_id=lab.pk,
        name=f"{name} {next(_numbers)}",
        scopes=scopes or list(Scope),
        days=days,
        by=owner_of(lab),
        now=now,
    )


def browse(user: User | None = None) -> Client:
    """A browser, signed in as this person."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def comparable(answer: HttpResponse, *names: str) -> str:
    """The page without what differs from one request to the next: the clock, tokens, and these names."""
    page = re.sub(r'name="clock" content="[^"]*"|[A-Za-z0-9]{64}', "", answer.content.decode())
    for name in names:
        page = page.replace(name, "")
    return page


def questions_of(client: Client, path: str) -> int:
    """How many times a page asks the database, the movable clock of a development stack not counted."""
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return sum("demo_" not in query["sql"] for query in asked)
