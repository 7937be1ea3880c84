"""Founding labs, their people, their keys: each decision with who may take it and what it refuses."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction

from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, Refused, WrongState
from projects.labs import actions
from projects.labs.enums import LabRole, Scope
from projects.labs.models import ApiKey, Lab, Membership
from projects.labs.queries import needs_second_factor, role_in
from tests.factories.projects_labs import NOW, join, make_key, make_lab, make_person, owner_of

pytestmark = pytest.mark.django_db
ROLES = list(LabRole)


# ----------------------------------------------------------------------------------------------------------- founding


def test_who_founds_a_lab_owns_it_and_it_is_written_down() -> None:
    person = make_person()

    lab = actions.create_lab(name="  Larkfield Labs ", country="US", by=person, now=NOW)

    assert (lab.name, lab.slug, lab.country, role_in(lab, person)) == (
        "Larkfield Labs",
        "larkfield-labs",
        "US",
        "OWNER",
    )
    event = AuditEvent.objects.about("lab", lab.public_id).get()
    assert (event.what, event.actor_ref) == ("labs.create_lab", str(person.public_id))


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Larkfield", "larkfield-2"), ("New", "new-2"), ("研究所", "lab"), ("Ünïcode & Söhne", "unicode-sohne")],
)
def test_each_lab_has_an_address_of_its_own(name: str, slug: str) -> None:
    make_lab("Larkfield")

    assert make_lab(name).slug == slug


def test_settings_keep_what_was_before() -> None:
    lab = make_lab()

    actions.change_settings(
        lab_id=lab.pk, by=owner_of(lab), now=NOW, name=lab.name, legal_name="Larkfield Labs, Inc.", country="",
        billing_email="ap@larkfield.example", website="", about="", is_anonymous=True,
    )  # fmt: skip

    lab.refresh_from_db()
    assert (lab.legal_name, lab.billing_email, lab.public_name) == (
        "Larkfield Labs, Inc.",
        "ap@larkfield.example",
        "AI research organisation",
    )
    event = AuditEvent.objects.about("lab", lab.public_id).first()
    assert event.before == {"legal_name": "", "billing_email": "", "is_anonymous": False}
    assert event.after["is_anonymous"] is True


# ------------------------------------------------------------------------------------------------------------- people


def test_a_manager_cannot_make_or_unmake_owners() -> None:
    lab = make_lab()
    manager, owner = join(lab, LabRole.MANAGER), owner_of(lab)

    with pytest.raises(NotAllowed):
        actions.change_role(lab_id=lab.pk, user_ref=manager.public_id, role=LabRole.OWNER, by=manager, now=NOW)
    with pytest.raises(NotAllowed):
        actions.change_role(lab_id=lab.pk, user_ref=owner.public_id, role=LabRole.MEMBER, by=manager, now=NOW)
    with pytest.raises(NotAllowed):
        actions.remove_member(lab_id=lab.pk, user_ref=owner.public_id, by=manager, now=NOW)

    assert (role_in(lab, manager), role_in(lab, owner)) == ("MANAGER", "OWNER")


@pytest.mark.parametrize("role", [role for role in ROLES if role != LabRole.OWNER])
def test_everybody_may_leave_but_only_managing_people_remove_others(role: LabRole) -> None:
    lab = make_lab()
    actor, other = join(lab, role), join(lab, LabRole.REVIEWER)

    if role == LabRole.MANAGER:
        actions.remove_member(lab_id=lab.pk, user_ref=other.public_id, by=actor, now=NOW)
        assert role_in(lab, other) is None
    else:
        with pytest.raises(NotAllowed):
            actions.remove_member(lab_id=lab.pk, user_ref=other.public_id, by=actor, now=NOW)
        assert role_in(lab, other) == "REVIEWER"
    actions.remove_member(lab_id=lab.pk, user_ref=actor.public_id, by=actor, now=NOW)
    assert role_in(lab, actor) is None


def test_the_last_owner_stays() -> None:
    lab = make_lab()
    owner = owner_of(lab)

    with pytest.raises(WrongState):
        actions.remove_member(lab_id=lab.pk, user_ref=owner.public_id, by=owner, now=NOW)
    with pytest.raises(WrongState):
        actions.change_role(lab_id=lab.pk, user_ref=owner.public_id, role=LabRole.MANAGER, by=owner, now=NOW)
    assert role_in(lab, owner) == "OWNER"

    second = join(lab, LabRole.OWNER)
    actions.remove_member(lab_id=lab.pk, user_ref=owner.public_id, by=owner, now=NOW)
    assert [role_in(lab, owner), role_in(lab, second)] == [None, "OWNER"]


def _at_once(*deeds: object) -> list[Exception]:
    """Do these at the same moment, each in a thread; return what was refused."""
    barrier, refused = Barrier(len(deeds)), []

    def run(deed) -> None:  # type: ignore[no-untyped-def]
        barrier.wait()
        try:
            deed()
        except Refused as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return refused


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_the_same_moment_leave_one_behind() -> None:
    lab = make_lab()
    first, second = owner_of(lab), join(lab, LabRole.OWNER)

    def leaving(person: User):  # type: ignore[no-untyped-def]
        return lambda: actions.remove_member(lab_id=lab.pk, user_ref=person.public_id, by=person, now=NOW)

    refused = _at_once(leaving(first), leaving(second))

    assert [type(refusal) for refusal in refused] == [WrongState]
    assert Membership.objects.filter(lab=lab, role=LabRole.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_owners_would_leave() -> None:
    """The control of the test above: the same steps without the lab's lock end with no owner."""
    lab = make_lab()
    first, second = owner_of(lab), join(lab, LabRole.OWNER)
    looked = Barrier(2)

    def leaving(person: User):  # type: ignore[no-untyped-def]
        def leave() -> None:
            with transaction.atomic():
                others = Membership.objects.filter(lab=lab, role=LabRole.OWNER).exclude(user=person).exists()
                looked.wait(10)
                if others:
                    Membership.objects.filter(lab=lab, user=person).delete()

        return leave

    assert _at_once(leaving(first), leaving(second)) == []
    assert Membership.objects.filter(lab=lab, role=LabRole.OWNER).count() == 0


# --------------------------------------------------------------------------------------------------------------- keys


def test_a_key_is_returned_once_and_kept_as_a_hash() -> None:
    lab = make_lab()

    key, text = make_key(lab, Scope.TASKS_WRITE, Scope.EXPORTS)

    prefix, _, secret = text.partition(".")
    key.refresh_from_db()
    assert (len(prefix), prefix, key.prefix) == (11, prefix, prefix)
    assert key.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str([getattr(key, field.attname) for field in ApiKey._meta.concrete_fields])
    assert (key.scopes, key.expires_at) == (["exports", "tasks:write"], NOW + timedelta(days=90))
    assert secret not in str(list(AuditEvent.objects.values_list("after", flat=True)))


@pytest.mark.parametrize("role", ROLES)
def test_only_owners_and_managers_make_and_revoke_keys(role: LabRole) -> None:
    lab = make_lab()
    actor, (key, _text) = join(lab, role), make_key(lab)

    def make() -> None:
        actions.create_api_key(lab_id=lab.pk, name="Mine", scopes=[Scope.EXPORTS], days=1, by=actor, now=NOW)

    if role in {LabRole.OWNER, LabRole.MANAGER}:
        make()
        actions.revoke_api_key(key_id=key.pk, by=actor, now=NOW)
        assert list(ApiKey.objects.live(NOW).values_list("name", flat=True)) == ["Mine"]
    else:
        with pytest.raises(NotAllowed):
            make()
        with pytest.raises(NotAllowed):
            actions.revoke_api_key(key_id=key.pk, by=actor, now=NOW)
        assert list(ApiKey.objects.live(NOW)) == [key]


def test_a_key_cannot_make_another_key() -> None:
    lab = make_lab()
    key, _text = make_key(lab)

    with pytest.raises(NotAllowed):
        actions.create_api_key(lab_id=lab.pk, name="B", scopes=[Scope.EXPORTS], days=1, by=key, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(("scopes", "days"), [([], 30), ([Scope.EXPORTS], 0), ([Scope.EXPORTS], 367)])
def test_a_key_has_a_scope_and_an_end(scopes: list[Scope], days: int) -> None:
    lab = make_lab()

    with pytest.raises(Invalid):
        actions.create_api_key(lab_id=lab.pk, name="A", scopes=scopes, days=days, by=owner_of(lab), now=NOW)


def test_a_name_is_free_again_once_its_key_is_revoked_or_over() -> None:
    lab = make_lab()

    def make(name: str, now=NOW) -> ApiKey:  # type: ignore[no-untyped-def]
        key, _text = actions.create_api_key(
            lab_id=lab.pk, name=name, scopes=[Scope.EXPORTS], days=1, by=owner_of(lab), now=now
        )
        return key

    first = make("Nightly")
    with pytest.raises(Conflict):
        make("nightly ")
    make("Nightly", NOW + timedelta(days=1))
    other = make("Weekly")
    actions.revoke_api_key(key_id=other.pk, by=owner_of(lab), now=NOW)
    make("Weekly")

    assert first.expires_at == NOW + timedelta(days=1)
    with pytest.raises(WrongState):
        actions.revoke_api_key(key_id=other.pk, by=owner_of(lab), now=NOW)


def test_the_use_of_a_key_is_noted_at_most_once_an_hour() -> None:
    key, _text = make_key(make_lab())

    for minutes, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
        actions.note_key_use(key_id=key.pk, now=NOW + timedelta(minutes=minutes))
        key.refresh_from_db()
        assert key.last_used_at == NOW + timedelta(minutes=noted)


@pytest.mark.parametrize("role", ROLES)
def test_who_can_spend_needs_a_second_factor(role: LabRole) -> None:
    lab = make_lab()

    assert bool(needs_second_factor(join(lab, role))) is (role in {LabRole.OWNER, LabRole.MANAGER})
    assert needs_second_factor(make_person()) is None


def test_members_see_their_labs_and_a_key_sees_its_own() -> None:
    mine, other = make_lab("Mine"), make_lab("Other")
    key, _text = make_key(mine)

    assert list(Lab.objects.visible_to(join(mine, LabRole.MEMBER))) == [mine]
    assert list(Lab.objects.visible_to(key)) == [mine]
    assert other not in Lab.objects.visible_to(owner_of(mine))
