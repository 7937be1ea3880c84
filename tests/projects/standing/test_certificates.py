"""Certificates: what they count, who issues and revokes them, and that they never change."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from experts.credentials import actions as credential_actions
from experts.credentials.enums import LadderStep
from experts.vetting.models import Case
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, TooMany, WrongState
from marketplace.notices.models import Notification
from projects.standing import actions, offline, queries, signing
from projects.standing.enums import NameShown, RevocationReason
from projects.standing.models import Certificate, CertificateCredential, Revocation
from projects.standing.shapes import read_document
from tests.factories.experts_credentials import make_npi
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_hours import BEFORE, at, make_expert, make_running
from tests.factories.projects_standing import (
    LATER,
    confirmed_licence,
    field_named,
    make_certificate,
    work_week,
)

pytestmark = pytest.mark.django_db


def said(certificate: Certificate) -> dict[str, str]:
    """What a certificate says, value by code."""
    return {line.code: line.value for line in read_document(certificate.content).lines}


def verdict(certificate: Certificate, *, listed: bool = True) -> str:
    """What the offline verifier says of it, with the list of now."""
    found = queries.revocation_list(certificate.list_number, now=LATER) if listed else None
    return offline.check(certificate.content, signing.did_document(), found).state


# ------------------------------------------------------------------------------------------------------------ issuing


def test_a_certificate_says_what_the_rows_say_and_verifies_offline():
    contract = make_running()
    expert = contract.expert
    licence = confirmed_licence(expert)
    work_week(contract, minutes=95)
    certificate = make_certificate(expert)
    assert said(certificate) == {
        "credential.1.CONFIRMED": "Confirmed by our staff at its source, 17 November 2026; expires 1 November 2028",
        "hours": "1 h 35 min",
        "period": "16 November 2026",
    }
    read = read_document(certificate.content)
    assert (read.title, read.holder, read.issued) == ("Record of work", "Imani Okafor", "2026-11-30T12:00:00Z")
    assert verdict(certificate) == "valid"
    assert list(certificate.named.values_list("credential_ref", "step")) == [(licence.public_id, "CONFIRMED")]
    event = AuditEvent.objects.get(what="standing.issue_certificate")
    assert event.after == {"field": "", "name": "FULL", "sha256": certificate.sha256}


def test_neither_clients_nor_numbers_stand_in_the_document():
    contract = make_running()
    licence = confirmed_licence(contract.expert)
    work_week(contract)
    text = make_certificate(contract.expert, name_shown=NameShown.NONE).document
    project, person = contract.project, contract.expert.user
    private = [project.title, project.lab.name, project.lab.slug, contract.alias, person.email, person.full_name, "Okafor",
               str(person.public_id), str(contract.expert.public_id), str(licence.public_id), licence.number, "21000"]  # fmt: skip
    assert [word for word in private if word in text] == []


@pytest.mark.parametrize(("shown", "holder"), [("FULL", "Imani Okafor"), ("INITIALS", "I. O."), ("NONE", "")])
def test_the_holder_decides_how_they_are_named(shown, holder):
    contract = make_running()
    work_week(contract)
    certificate = make_certificate(contract.expert, name_shown=shown)
    assert read_document(certificate.content).holder == holder
    assert verdict(certificate) == "valid"


def test_credentials_that_nobody_looked_at_and_those_not_chosen_are_left_out():
    expert = make_expert()
    npi, licence = make_npi(expert, now=BEFORE), confirmed_licence(expert)
    both = make_certificate(expert, credential_ids=[npi.public_id, licence.public_id])
    assert list(said(both)) == ["credential.1.CONFIRMED"]
    other = confirmed_licence(make_expert("Ana Silva"))
    with pytest.raises(Refused, match="nothing to certify"):
        make_certificate(expert, credential_ids=[other.public_id])


def test_nobody_issues_for_somebody_else_and_nothing_comes_of_nothing():
    expert, other = make_expert(), make_expert("Ana Silva")
    with pytest.raises(NotAllowed):
        actions.issue_certificate(
            expert_id=expert.public_id, field=None, name_shown="FULL", credential_ids=[], by=other.user, now=LATER
        )
    with pytest.raises(Refused, match="nothing to certify"):
        make_certificate(expert)
    assert not Certificate.objects.exists()


def test_ten_a_day_are_the_most():
    expert = make_expert()
    confirmed_licence(expert)
    for _ in range(10):
        make_certificate(expert)
    with pytest.raises(TooMany):
        make_certificate(expert, now=LATER + timedelta(hours=23))
    make_certificate(expert, now=LATER + timedelta(days=1))


def test_a_newer_one_about_the_same_supersedes_and_one_about_something_else_does_not():
    contract = make_running()
    work_week(contract)
    expert = contract.expert
    field = contract.project.fields.get()
    first, about_field = make_certificate(expert), make_certificate(expert, field=field)
    second = make_certificate(expert, now=LATER + timedelta(hours=1))
    states = {one.pk: queries.shown_certificate(one.content, queries.certificate_for(one.public_id)).state for one in
              (first, about_field, second)}  # fmt: skip
    assert states == {first.pk: "superseded", about_field.pk: "valid", second.pk: "valid"}
    assert verdict(first) == "valid"  # what it says was right on its day


def test_a_case_that_was_approved_stands_there_by_its_field():
    expert = make_expert()
    Case.objects.create(
        number=7, expert=expert, field=field_named("cardiology"), state="APPROVED", opened_at=BEFORE, due_at=at(1, 9),
        decided_at=at(0, 9),
    )  # fmt: skip
    certificate = make_certificate(expert, field=field_named("medicine"))
    assert said(certificate) == {"vetted.1": "16 November 2026"}
    assert read_document(certificate.content).lines[0].name == "Vetted for Cardiology"


# ----------------------------------------------------------------------------------------------------------- revoking


def test_a_holder_takes_back_their_own_once_and_for_good():
    expert = make_expert()
    confirmed_licence(expert)
    certificate = make_certificate(expert)
    facts = {"certificate_id": certificate.public_id, "reason": RevocationReason.ASKED, "words": "", "now": LATER}
    with pytest.raises(NotAllowed):
        actions.revoke_certificate(**facts, by=make_expert("Ana Silva").user)
    actions.revoke_certificate(**facts, by=expert.user)
    assert verdict(certificate) == "revoked"
    assert verdict(certificate, listed=False) == "valid"
    with pytest.raises(WrongState):
        actions.revoke_certificate(**facts, by=expert.user)
    assert not Notification.objects.filter(user=expert.user, kind="certificates").exists()


def test_staff_revoke_for_their_reasons_with_words_and_never_their_own():
    expert, vetter = make_expert(), make_vetter()
    confirmed_licence(expert, by=vetter)
    certificate = make_certificate(expert)
    facts = {"certificate_id": certificate.public_id, "by": vetter, "now": LATER}
    with pytest.raises(NotAllowed):
        actions.revoke_certificate(**facts, reason=RevocationReason.ASKED, words="Somebody wrote to us about it.")
    with pytest.raises(Invalid):
        actions.revoke_certificate(**facts, reason=RevocationReason.WRONG_FACTS, words="Wrong.")
    actions.revoke_certificate(**facts, reason=RevocationReason.WRONG_FACTS, words="The board wrote that it is not so.")
    told = Notification.objects.get(user=expert.user, kind="certificates")
    assert told.title == "Your certificate “All work” was revoked"
    assert "The board wrote that it is not so." in told.body
    expert_of_staff = make_expert("Vera Castillo")
    vetting = vetter.role_grants.get()
    vetting.pk, vetting.user = None, expert_of_staff.user
    vetting.save()
    confirmed_licence(expert_of_staff, by=vetter)
    own = make_certificate(expert_of_staff)
    with pytest.raises(NotAllowed):
        actions.revoke_certificate(
            certificate_id=own.public_id, by=expert_of_staff.user, now=LATER, reason=RevocationReason.MISUSED,
            words="My own, which I may only take back.",
        )  # fmt: skip


def test_a_credential_that_falls_takes_the_certificates_with_it_that_name_it():
    expert, vetter = make_expert(), make_vetter()
    licence = confirmed_licence(expert, by=vetter)
    contract = make_running()
    work_week(contract)
    named, without = make_certificate(expert), make_certificate(contract.expert)
    assert actions.follow_credentials(now=LATER) == 0
    credential_actions.step_down(
        credential_id=licence.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=vetter, now=LATER,
        reason="The board has suspended the licence.",
    )  # fmt: skip
    assert actions.follow_credentials(now=LATER) == 1
    assert actions.follow_credentials(now=LATER) == 0
    assert (verdict(named), verdict(without)) == ("revoked", "valid")
    revocation = Revocation.objects.get()
    assert (revocation.reason, revocation.by) == ("CREDENTIAL_FELL", None)
    assert Notification.objects.filter(user=expert.user, kind="certificates").count() == 1


def test_withdrawing_a_credential_revokes_too_and_climbing_does_not():
    expert = make_expert()
    licence = confirmed_licence(expert)
    certificate = make_certificate(expert)
    credential_actions.withdraw_credential(credential_id=licence.public_id, by=expert.user, now=LATER)
    actions.follow_credentials(now=LATER)
    assert verdict(certificate) == "revoked"


# -------------------------------------------------------------------------------------------------------- permanence


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE standing_certificate SET sha256 = repeat('0', 64)",
        "UPDATE standing_certificate SET document = '', as_of = now()",
        "UPDATE standing_certificate SET document = '{}'",
        "DELETE FROM standing_certificate",
        "TRUNCATE standing_certificate CASCADE",
        "UPDATE standing_certificatecredential SET step = 'DOCUMENT_SEEN'",
        "UPDATE standing_revocation SET at = now()",
        "DELETE FROM standing_revocation",
    ],
)
def test_what_was_signed_and_revoked_never_changes(sql):
    expert = make_expert()
    confirmed_licence(expert)
    certificate = make_certificate(expert)
    actions.revoke_certificate(
        certificate_id=certificate.public_id, reason=RevocationReason.ASKED, words="", by=expert.user, now=LATER
    )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
    assert Certificate.objects.get().document == certificate.document


def test_erasing_a_person_empties_the_documents_and_leaves_the_revocation():
    expert = make_expert()
    confirmed_licence(expert)
    certificate = make_certificate(expert)
    copy_of_somebody = json.loads(certificate.document)
    assert actions.erase_certificates(expert_id=expert.public_id, by=expert.user, now=LATER) == 1
    assert actions.erase_certificates(expert_id=expert.public_id, by=expert.user, now=LATER) == 0
    row = queries.certificate_for(certificate.public_id)
    assert (row.document, row.ended.reason) == ("", "ERASED")
    assert queries.shown_certificate(row.content, row).state == "erased"
    found = queries.revocation_list(certificate.list_number, now=LATER)
    assert offline.check(copy_of_somebody, signing.did_document(), found).state == "revoked"


def test_places_in_the_list_are_by_chance_and_belong_to_one_certificate():
    expert = make_expert()
    confirmed_licence(expert)
    places = [make_certificate(expert).list_index for _ in range(6)]
    assert len(set(places)) == 6
    assert places != sorted(places) or max(places) - min(places) > 6
    assert CertificateCredential.objects.count() == 6
