from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from marketplace.accounts.actions import grant_role, revoke_role, set_active
from marketplace.accounts.models import StaffRole
from marketplace.audit.actions import broken_links, record, seal_events
from marketplace.audit.models import AuditEvent, AuditSeal
from marketplace.kernel.actors import System
from marketplace.kernel.errors import NotAllowed, Refused
from tests.factories.marketplace_accounts import make_user

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
BY = System("test")


def write(what="hiring.accept_offer"):
    with transaction.atomic():
        return record(what=what, by=BY, about=("offer", "x"), now=NOW, after={"rate_minor": 210_00})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET what = 'other'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent CASCADE",
        "UPDATE audit_auditseal SET number = 9",
        "DELETE FROM audit_auditseal",
        "TRUNCATE audit_auditseal",
    ],
)
def test_the_trail_refuses_every_change(sql):
    write()
    seal_events(now=NOW)
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_a_record_needs_the_transaction_of_its_deed():
    with pytest.raises(RuntimeError, match="belongs to the transaction"):
        record(what="a.b", by=BY, about=("x", 1), now=NOW)


OTHER = {
    "public_id": "'00000000-0000-7000-8000-000000000001'", "at": "at + interval '1 microsecond'", "what": "'hiring.other'",
    "actor_kind": "'user'", "actor_ref": "'somebody'", "actor_name": "'Somebody Else'", "about_kind": "'contract'",
    "about_ref": "'y'", "before": """'{"rate_minor": 1}'""", "after": """'{"rate_minor": 1}'""",
    "request_id": "'another'", "address": "'192.0.2.1'",
}  # fmt: skip
"""For each column of an event, what somebody who gets past the triggers could make of it."""


@pytest.mark.django_db(transaction=True)
def test_an_event_changed_behind_the_triggers_is_named_whatever_was_changed():
    events = [write(f"hiring.step_{number}") for number in range(3)]
    assert (seal_events(now=NOW), seal_events(now=NOW), broken_links()) == (3, 0, [])
    columns = {field.column for field in AuditEvent._meta.concrete_fields}
    assert set(OTHER) == columns - {"id"}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL")
    for column, value in OTHER.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE audit_auditevent SET {column} = {value} WHERE id = %s", [events[1].pk])  # noqa: S608
            changed = AuditEvent.objects.get(pk=events[1].pk)
            sentence = f"Audit event {changed.public_id} ({changed.what}) was changed after it was sealed."
            assert broken_links() == [sentence], column
            transaction.set_rollback(True)
    assert broken_links() == []


@pytest.mark.django_db(transaction=True)
def test_events_that_change_places_break_the_chain():
    first, second = write("hiring.step_1"), write("hiring.step_2")
    seal_events(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditseal DISABLE TRIGGER ALL")
        cursor.execute("UPDATE audit_auditseal SET event_id = -event_id")
        cursor.execute("UPDATE audit_auditseal SET event_id = CASE event_id WHEN %s THEN %s ELSE %s END",
                       [-first.pk, second.pk, first.pk])  # fmt: skip
    assert len(broken_links()) == 2


@pytest.mark.django_db(transaction=True)
def test_seals_go_on_from_where_they_stood():
    write()
    seal_events(now=NOW)
    write()
    seal_events(now=NOW)
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert broken_links() == []


@pytest.mark.django_db(transaction=True)
def test_rights_change_by_another_administrator_only_and_stand_in_the_trail():
    admin, person, stranger = make_user("Admin", is_superuser=True), make_user("Person"), make_user("Stranger")
    grant_role(user_id=person.pk, role="VETTING", by=admin, now=NOW)
    grant_role(user_id=person.pk, role="VETTING", by=admin, now=NOW)
    assert StaffRole.objects.filter(user=person).count() == 1
    for by, target in [(stranger, person), (admin, admin)]:
        with pytest.raises(NotAllowed):
            grant_role(user_id=target.pk, role="SUPPORT", by=by, now=NOW)
    with pytest.raises(Refused, match="cannot block yourself"):
        set_active(user_id=admin.pk, active=False, by=admin, now=NOW)
    set_active(user_id=person.pk, active=False, by=admin, now=NOW)
    revoke_role(user_id=person.pk, role="VETTING", by=admin, now=NOW)
    told = list(AuditEvent.objects.order_by("pk").values_list("what", "actor_ref", "about_ref"))
    ref = (str(admin.public_id), str(person.public_id))
    assert told == [(f"accounts.{what}", *ref) for what in ("grant_role", "set_active", "revoke_role")]
