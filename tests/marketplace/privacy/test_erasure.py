"""Erasing a person: everything personal is gone, the books stand, and whatever dies in between is gone on with."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import override_settings

from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import broken_links, seal_events
from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.kernel.jobs import JobState
from marketplace.notices.models import EmailMessage, Notification
from marketplace.privacy import actions
from marketplace.privacy.actions import erasing
from marketplace.privacy.checks import erasure_list_is_configured
from marketplace.privacy.enums import ErasureState
from marketplace.privacy.models import ErasureRequest, RestrictedIdentity
from marketplace.privacy.queries import rooms_to_erase
from payments.ledger.models import Entry
from projects.hiring.models import Application, Contract, TermsSignature
from projects.hours.models import Timesheet
from projects.labs.enums import LabRole
from tests.factories.experts_profiles import NOW, make_expert, make_person
from tests.factories.marketplace_accounts import make_staff
from tests.factories.marketplace_privacy import DUE, destination_of, erase, make_copy, make_whole_person, tables_with
from tests.factories.payments_payouts import owe
from tests.factories.projects_hiring import make_gig
from tests.factories.projects_labs import join, make_lab, owner_of
from tests.factories.projects_work import make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def erasure_list(tmp_path):
    path = tmp_path / "apart" / "erasures.jsonl"
    with override_settings(ERASURE_LIST=str(path)):
        yield path


def test_nothing_of_the_person_is_left_in_any_table_or_file():
    person = make_whole_person("Quillonby")
    other = make_whole_person("Zabriskie", licence="230999")
    document = Document.objects.get(expert__user=person)
    copy = make_copy(person)
    files = [document.file.name, copy.file.name]
    assert len(tables_with("quillonby")) > 10
    before = tables_with("zabriskie")

    request = erase(person)

    assert (request.state, request.job_state) == (ErasureState.DONE, JobState.DONE)
    assert tables_with("quillonby") == []
    assert [default_storage.exists(name) for name in files] == [False, False]
    assert tables_with("zabriskie") == before
    assert default_storage.exists(Document.objects.get(expert__user=other).file.name)


def test_what_must_stay_stays_under_the_pseudonym():
    person = make_whole_person("Quillonby")
    owe(person, 1000)
    owe(person, -1000)
    books = list(Entry.objects.order_by("pk").values_list("key", flat=True))
    erase(person)
    person.refresh_from_db()
    assert person.full_name == f"Deleted person {str(person.public_id)[-4:]}"
    assert (person.is_active, person.has_usable_password()) == (False, False)
    assert list(Entry.objects.order_by("pk").values_list("key", flat=True)) == books
    assert TermsSignature.objects.get(user=person).typed_name == person.full_name
    assert Contract.objects.get(expert__user=person).alias == "E-1"
    assert set(Application.objects.filter(expert__user=person).values_list("state", flat=True)) == {
        "HIRED",
        "WITHDRAWN",
    }
    assert Expert.objects.get(user=person).open_to_work is False
    assert Credential.objects.filter(expert__user=person).count() == 0
    assert destination_of(person) == ""
    assert registry.check_invariants() == {}


def test_the_trail_stands_unbroken_and_calls_the_person_by_the_pseudonym():
    person = make_whole_person("Quillonby")
    seal_events(now=NOW)
    mine = AuditEvent.objects.filter(actor_ref=str(person.public_id))
    assert {event.name for event in mine.with_names()} == {"Wren Quillonby"}
    erase(person)
    seal_events(now=DUE)
    assert broken_links() == []
    assert {event.name for event in mine.with_names()} == {f"Deleted person {str(person.public_id)[-4:]}"}
    done = AuditEvent.objects.filter(what="privacy.erase_room").values_list("after__room", flat=True)
    assert list(done) == [room.name for room in rooms_to_erase()]


@pytest.mark.parametrize(
    "facts",
    [
        {"typed_name": "Somebody Else", "address": ""},
        {"typed_name": "Deleted person 7f3a"},
        {"typed_name": "Deleted person 7f3a", "address": "", "text_sha256": "0" * 64},
        {"typed_name": "Deleted person 7f3a", "address": "", "signed_at": DUE},
    ],
)
def test_of_a_signature_nothing_but_the_name_may_ever_change(facts):
    person = make_whole_person("Quillonby")
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        TermsSignature.objects.filter(user=person).update(**facts)


def test_others_who_were_told_of_the_person_now_read_the_pseudonym():
    person = make_whole_person("Quillonby")
    notice = Notification.objects.get(title="Look at Wren Quillonby")
    erase(person)
    notice.refresh_from_db()
    pseudonym = f"Deleted person {str(person.public_id)[-4:]}"
    assert (notice.title, notice.body) == (f"Look at {pseudonym}", f"{pseudonym} waits.")
    assert EmailMessage.objects.filter(text__contains=pseudonym).exists()


def test_the_last_mail_goes_out_and_leaves_no_address_behind():
    person = make_whole_person("Quillonby")
    erase(person)
    letter = mail.outbox[-1]
    assert (letter.to, letter.subject) == (["quillonby@people.example"], "Your account was erased")


def test_a_mail_server_that_is_away_stops_nobody(monkeypatch):
    def away(_message):
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", away)
    assert erase(make_person()).state == ErasureState.DONE


# ----------------------------------------------------------------------------------------------------- asking, waiting


def test_before_the_days_are_over_nothing_happens_and_it_can_be_taken_back():
    person = make_person()
    request = actions.request_erasure(by=person, now=NOW)
    assert request.due_at == NOW + timedelta(days=14)
    assert actions.erase_person(request_pk=request.pk, now=request.due_at - timedelta(minutes=1)) is False
    with pytest.raises(NotAllowed):
        actions.cancel_erasure(request_id=request.public_id, by=make_person("Somebody Else"), now=NOW)
    actions.cancel_erasure(request_id=request.public_id, by=person, now=NOW)
    assert actions.erase_person(request_pk=request.pk, now=DUE) is False
    person.refresh_from_db()
    assert person.is_active
    assert actions.request_erasure(by=person, now=DUE).state == ErasureState.COOLING


def test_nobody_asks_twice_and_nobody_takes_back_what_is_done():
    person = make_person()
    request = actions.request_erasure(by=person, now=NOW)
    with pytest.raises(WrongState):
        actions.request_erasure(by=person, now=NOW)
    actions.erase_person(request_pk=request.pk, now=DUE)
    with pytest.raises(WrongState):
        actions.cancel_erasure(request_id=request.public_id, by=person, now=DUE)


def _owed(person: User) -> str:
    owe(person, 12_345)
    return "We owe you $123.45."


def _owing(person: User) -> str:
    owe(person, -500)
    return "$5.00 were paid to you too much."


def _contract(person: User) -> str:
    contract = make_contract(make_gig(), make_expert(person))
    return f"“{contract.project.title}” is still running. End it first."


def _lab(person: User) -> str:
    return f"You are the only owner of {make_lab(owner=person).name}. Make somebody else an owner first."


def _staff(person: User) -> str:
    person.role_grants.create(role="SUPPORT", granted_at=NOW)
    return "You hold a staff role."


@pytest.mark.parametrize("make", [_owed, _owing, _contract, _lab, _staff])
def test_what_must_happen_first_is_said_in_words(make):
    person = make_person()
    words = make(person)
    with pytest.raises(Refused) as refused:
        actions.request_erasure(by=User.objects.get(pk=person.pk), now=NOW)
    assert words in refused.value.sentence


def test_a_lab_that_was_handed_over_stands_in_nobodys_way():
    lab = make_lab()
    person = owner_of(lab)
    join(lab, LabRole.OWNER)
    assert erase(person).state == ErasureState.DONE
    assert not lab.memberships.filter(user=person).exists()


def test_hours_that_nobody_approved_stand_in_the_way():
    from tests.factories.projects_hours import at, log, make_running

    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    Contract.objects.filter(pk=contract.pk).update(state="ENDED", ended_at=NOW)
    assert Timesheet.objects.filter(contract=contract).exists()
    with pytest.raises(Refused, match="are not approved yet"):
        actions.request_erasure(by=contract.expert.user, now=NOW)


def test_what_came_up_meanwhile_blocks_is_told_and_is_looked_at_daily():
    person = make_person()
    request = actions.request_erasure(by=person, now=NOW)
    owe(person, 500)
    actions.erase_person(request_pk=request.pk, now=DUE)
    request.refresh_from_db()
    assert (request.state, request.job_state, request.not_before) == ("BLOCKED", "QUEUED", DUE + timedelta(days=1))
    assert "We owe you $5.00." in request.obstacles[0]
    assert Notification.objects.filter(user=person, title="We cannot erase you yet").count() == 1
    owe(person, -500)
    tomorrow = DUE + timedelta(days=1)
    assert actions.erase_person(request_pk=request.pk, now=tomorrow) is True
    request.refresh_from_db()
    assert (request.state, Notification.objects.filter(user=person).count()) == (ErasureState.DONE, 0)


# ------------------------------------------------------------------------------------------------------ dying in between


class PowerCut(BaseException):
    """Nothing can record this: it is what a kill -9 looks like from the inside."""


@pytest.mark.parametrize("rooms", [0, 1, 5, len(rooms_to_erase()) - 1])
def test_a_worker_that_dies_after_some_rooms_is_gone_on_with(monkeypatch, rooms):
    person = make_whole_person("Quillonby")
    request = actions.request_erasure(by=person, now=NOW)
    real, calls = erasing._erase_room, []

    def dies(*facts):
        if len(calls) == rooms:
            raise PowerCut
        calls.append(real(*facts))

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_erase_room", dies)
        with pytest.raises(PowerCut):
            actions.erase_person(request_pk=request.pk, now=DUE)
    request.refresh_from_db()
    assert (request.state, len(request.rooms_done)) == (ErasureState.ERASING, rooms)
    with pytest.raises(WrongState):
        actions.cancel_erasure(request_id=request.public_id, by=person, now=DUE)
    assert actions.erase_person(request_pk=request.pk, now=DUE + timedelta(hours=1)) is True
    request.refresh_from_db()
    assert request.state == ErasureState.DONE
    assert tables_with("quillonby") == []
    assert actions.erase_person(request_pk=request.pk, now=DUE + timedelta(hours=2)) is False


def test_nobody_is_erased_whom_the_list_could_not_take(monkeypatch):
    person = make_person()
    request = actions.request_erasure(by=person, now=NOW)
    monkeypatch.setattr("os.fsync", lambda _file: (_ for _ in ()).throw(OSError("disk full")))
    assert actions.erase_person(request_pk=request.pk, now=DUE) is False
    person.refresh_from_db()
    assert person.is_active
    assert person.full_name == "Imani Okafor"


# --------------------------------------------------------------------------------------------------------- the list


def test_the_list_holds_an_opaque_id_and_no_word_of_the_person(erasure_list: Path):
    person = make_whole_person("Quillonby")
    erase(person)
    lines = erasure_list.read_text().splitlines()
    assert set(json.loads(lines[0])) == {"account", "at", "key", "seal"}
    assert json.loads(lines[0])["account"] == str(person.public_id)
    assert len(lines) == 1
    assert "uillonby" not in lines[0]
    assert stat.S_ISREG(erasure_list.stat().st_mode)


def test_a_line_that_somebody_else_wrote_erases_nobody(erasure_list: Path):
    person, victim = make_person(), make_person("The Victim")
    erase(person)
    forged = json.loads(erasure_list.read_text()) | {"account": str(victim.public_id)}
    with erasure_list.open("a") as file:
        file.write(json.dumps(forged) + "\n")
    with pytest.raises(CommandError, match="Line 2 of the erasure list was not written by this product"):
        call_command("reapply_erasures")
    victim.refresh_from_db()
    assert victim.is_active


def test_reapplying_touches_nobody_who_is_erased_already(capsys):
    erase(make_person())
    call_command("reapply_erasures")
    assert "1 people on the list, 0 erased again." in capsys.readouterr().out


def test_production_is_warned_when_there_is_no_list():
    assert erasure_list_is_configured(None) == []
    with override_settings(ERASURE_LIST=""):
        assert [warning.id for warning in erasure_list_is_configured(None)] == ["privacy.W001"]


# ------------------------------------------------------------------------------------------- what a law wants to know


def test_who_was_never_paid_is_kept_nowhere():
    erase(make_person())
    assert RestrictedIdentity.objects.count() == 0


@pytest.fixture
def paid(monkeypatch):
    """A person whose last payout was in 2026, erased."""
    person = make_whole_person("Quillonby")
    until = (DUE + timedelta(days=3650)).date()
    monkeypatch.setattr("marketplace.privacy.actions.restricted.keep_identity_until", lambda _user: until)
    erase(person)
    return RestrictedIdentity.objects.get(user=person)


def test_who_was_paid_is_sealed_and_opened_only_with_a_reason(paid):
    assert tables_with("quillonby") == []
    support, reason = make_staff("SUPPORT"), "The tax office asks for the payee of 2026."
    with pytest.raises(NotAllowed):
        actions.reveal_identity(identity_id=paid.public_id, reason=reason, by=make_staff("VETTING"), now=DUE)
    with pytest.raises(Refused):
        actions.reveal_identity(identity_id=paid.public_id, reason="why not", by=support, now=DUE)
    facts = actions.reveal_identity(identity_id=paid.public_id, reason=reason, by=support, now=DUE)
    assert facts["names"][:2] == ["Wren Quillonby", "quillonby@people.example"]
    seen = AuditEvent.objects.get(what="privacy.reveal_identity")
    assert (seen.actor_ref, seen.after) == (str(support.public_id), {"reason": reason})


def test_when_the_years_are_over_it_is_destroyed(paid):
    end = DUE.replace(year=paid.keep_until.year, month=12, day=31)
    assert actions.drop_outlived_identities(now=DUE) == 0
    assert [actions.drop_outlived_identities(now=end + timedelta(days=366)) for _ in range(2)] == [1, 0]
    assert RestrictedIdentity.objects.count() == 0


def test_every_request_that_is_open_has_its_job():
    request = actions.request_erasure(by=make_person(), now=NOW)
    assert list(ErasureRequest.objects.to_work().due(DUE)) == [request]
