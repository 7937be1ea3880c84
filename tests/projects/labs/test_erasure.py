"""What of an invited address is left when somebody is erased."""

from __future__ import annotations

import pytest

from marketplace.kernel.personal import Person
from projects.labs import actions
from projects.labs.enums import LabRole
from projects.labs.models import Invitation
from projects.labs.personal import ROOM
from tests.factories.projects_labs import NOW, make_lab, make_person, owner_of

pytestmark = pytest.mark.django_db


def test_erasing_somebody_deletes_what_was_sent_to_their_addresses_and_nothing_else() -> None:
    lab, rosa = make_lab(), make_person("Rosa Rey", email="rosa@example.org")
    for email in ("Rosa@example.org", "someone.else@example.org"):
        actions.invite_member(lab_id=lab.pk, email=email, role=LabRole.MEMBER, by=owner_of(lab), now=NOW)
    assert ROOM.also is not None

    ROOM.also(Person(user=rosa, names=("Rosa Rey", "rosa@example.org"), pseudonym="Deleted person 7f3a", now=NOW))

    assert [row.email for row in Invitation.objects.all()] == ["someone.else@example.org"]
