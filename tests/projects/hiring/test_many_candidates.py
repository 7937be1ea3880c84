"""Ten thousand applications and as many experts: the pages ask the database as often as for ten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from experts.profiles.models import Expert, ExpertField, ExpertLanguage
from marketplace.accounts.models import User
from projects.hiring.models import Application
from tests.factories.experts_profiles import field_of
from tests.factories.projects_hiring import NOW, make_gig, owner_of
from tests.factories.projects_labs import browse, questions_of

pytestmark = [pytest.mark.full, pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MANY = 10_000


def make_many(first: int, number: int) -> list[Expert]:
    """So many experts in cardiology, written in a few statements."""
    users = User.objects.bulk_create(
        [User(email=f"many{one}@example.org", full_name=f"Person {one}") for one in range(first, first + number)]
    )
    experts = Expert.objects.bulk_create(
        [
            Expert(user=user, headline=f"Expert {user.pk}", country="US", weekly_hours=user.pk % 40, created_at=NOW, updated_at=NOW)
            for user in users
        ]
    )  # fmt: skip
    field = field_of("cardiology")
    ExpertField.objects.bulk_create([ExpertField(expert=one, field=field) for one in experts])
    ExpertLanguage.objects.bulk_create([ExpertLanguage(expert=one, code="en", level="C2") for one in experts])
    return experts


def apply_all(project, experts: list[Expert]) -> None:
    due = NOW + timedelta(days=10)
    states = ("SUBMITTED", "SHORTLISTED", "SUBMITTED", "WITHDRAWN")
    Application.objects.bulk_create(
        [
            Application(
                expert=one, project=project, state=states[number % 4], started_at=NOW, due_at=due,
                submitted_at=NOW - timedelta(seconds=number), decided_at=NOW if number % 4 == 3 else None,
            )
            for number, one in enumerate(experts)
        ]
    )  # fmt: skip


def test_pages_ask_as_often_for_ten_thousand_as_for_ten():
    gig = make_gig(places_wanted=50)
    client = browse(owner_of(gig.lab))
    base = f"/lab/{gig.lab.slug}"
    paths = [
        f"{base}/candidates/", f"{base}/candidates/?sort=newest", f"{base}/candidates/board/",
        f"{base}/projects/{gig.public_id}/matches/",
    ]  # fmt: skip
    apply_all(gig, make_many(0, 60))
    make_many(100, 60)
    few = [questions_of(client, path) for path in paths]
    apply_all(gig, make_many(1_000, MANY))
    make_many(50_000, MANY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does after so many rows
    many = [questions_of(client, path) for path in paths]
    assert many[:3] == few[:3]
    assert many[3] == few[3] + 1  # one more counts the people, because not all were compared
