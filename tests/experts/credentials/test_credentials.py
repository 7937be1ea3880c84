"""Declaring credentials and moving them on their ladder."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from experts.credentials import actions
from experts.credentials.enums import CredentialKind, DocumentKind, LadderStep
from experts.credentials.models import Credential, CredentialStep
from experts.credentials.queries import credentials_meeting, ladder_of, last_fall, standing_credentials, twins_of
from marketplace.audit.models import AuditEvent
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.models import EmailMessage, Notification
from tests.factories.experts_credentials import NPI, make_licence, make_npi, passed, pdf_bytes, upload
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
REASON = "The board lists this number under another name."


def seen(credential, expert, by=None):
    document = upload(expert, pdf_bytes("Board of Registration"), "licence.pdf", DocumentKind.EVIDENCE,
                      credential_id=credential.public_id)  # fmt: skip
    passed(document)
    return actions.climb_ladder(
        credential_id=credential.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=by or make_vetter(), now=NOW
    )


def confirm(credential, by=None, **facts):
    values = {"source": "Massachusetts board, licence page", "seen_on": NOW.date()} | facts
    return actions.climb_ladder(
        credential_id=credential.public_id, to_step=LadderStep.CONFIRMED, by=by or make_vetter(), now=NOW, **values
    )


def test_a_well_formed_number_climbs_by_its_checker_at_once():
    credential = make_npi(make_expert())
    assert (credential.step, credential.number_hint) == (LadderStep.FORMAT_VALID, "··7893")
    steps = list(credential.steps.order_by("pk").values_list("from_step", "to_step", "actor_kind", "actor_ref"))
    assert steps[0][:3] == ("", "DECLARED", "user")
    assert steps[1] == ("DECLARED", "FORMAT_VALID", "system", "credentials.checkers")


def test_what_no_code_can_check_stays_declared():
    expert = make_expert()
    credential = actions.declare_credential(
        expert_id=expert.public_id, kind=CredentialKind.DEGREE, title="MD", issuer="Lagos", by=expert.user, now=NOW
    )
    assert credential.step == LadderStep.DECLARED
    assert credential.number_hash == ""


def test_the_number_is_sealed_in_the_database_and_in_no_trail():
    credential = make_npi(make_expert())
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM credentials_credential WHERE id = %s", [credential.pk])
        stored = cursor.fetchone()[0]
    assert NPI not in stored
    assert stored.startswith("v1.")
    assert Credential.objects.get(pk=credential.pk).number == NPI
    assert not any(NPI in str(event.__dict__) for event in AuditEvent.objects.all())


def test_a_slip_of_the_hand_is_sent_back_and_nothing_is_kept():
    with pytest.raises(Invalid, match="does not fit") as refused:
        make_npi(make_expert(), number="1234567890")
    assert refused.value.facts["field"] == "number"
    assert not Credential.objects.exists()


def test_a_number_is_declared_once_until_it_is_withdrawn():
    expert = make_expert()
    first = make_npi(expert)
    with pytest.raises(Refused, match="already"):
        make_npi(expert, number="123-456-7893")
    actions.withdraw_credential(credential_id=first.public_id, by=expert.user, now=NOW)
    assert make_npi(expert).pk != first.pk


def test_equal_numbers_of_two_people_are_found_by_their_hash():
    mine, theirs = make_npi(make_expert()), make_npi(make_expert())
    assert list(twins_of(mine)) == [theirs]
    actions.withdraw_credential(credential_id=theirs.public_id, by=theirs.expert.user, now=NOW)
    assert list(twins_of(mine)) == []


def test_an_equal_number_of_another_state_is_another_number():
    ma = make_licence(make_expert(), number="104882", region="MA")
    make_licence(make_expert(), number="104882", region="NY")
    assert list(twins_of(ma)) == []


def test_nobody_declares_for_somebody_else():
    expert = make_expert()
    with pytest.raises(NotAllowed):
        actions.declare_credential(
            expert_id=expert.public_id, kind=CredentialKind.NPI, number=NPI, by=make_vetter(), now=NOW
        )


def test_staff_say_that_they_saw_the_document_and_confirmed_the_licence():
    expert, joan = make_expert(), make_vetter("Joan Abara")
    licence = seen(make_licence(expert), expert, by=joan)
    licence = confirm(licence, by=joan)
    rungs = ladder_of(licence, {joan.actor_ref: "Joan Abara"})
    assert [(rung.step, rung.state) for rung in rungs] == [
        ("DECLARED", "done"), ("FORMAT_VALID", "done"), ("DOCUMENT_SEEN", "done"), ("REGISTRY_MATCHED", "todo"),
        ("CONFIRMED", "done"),
    ]  # fmt: skip
    assert (rungs[4].source, rungs[4].seen_on, rungs[4].by) == (
        "Massachusetts board, licence page", NOW.date(), "Joan Abara",
    )  # fmt: skip
    told = list(Notification.objects.filter(user=expert.user).order_by("pk").values_list("title", flat=True))
    assert told == ["Cardiology (US-MA): document seen", "Cardiology (US-MA): confirmed by staff"]
    assert EmailMessage.objects.filter(user=expert.user).count() == 2


def test_confirming_needs_a_source_and_a_day_that_has_been():
    licence = make_licence(make_expert())
    with pytest.raises(Invalid, match="source"):
        confirm(licence, source=" ")
    with pytest.raises(Invalid, match="day"):
        confirm(licence, seen_on=None)
    with pytest.raises(Invalid, match="ahead"):
        confirm(licence, seen_on=NOW.date() + timedelta(days=1))


def test_a_document_is_seen_only_where_a_checked_one_stands():
    licence = make_licence(make_expert())
    with pytest.raises(WrongState, match="no checked document"):
        actions.climb_ladder(
            credential_id=licence.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=make_vetter(), now=NOW
        )


def test_people_confirm_and_programs_match_registries_and_never_the_other_way_round():
    licence = make_licence(make_expert())
    with pytest.raises(NotAllowed):
        actions.climb_ladder(
            credential_id=licence.public_id, to_step=LadderStep.REGISTRY_MATCHED, by=make_vetter(), now=NOW
        )
    with pytest.raises(NotAllowed):
        confirm(licence, by=System("registry"))
    matched = actions.climb_ladder(
        credential_id=licence.public_id,
        to_step=LadderStep.REGISTRY_MATCHED,
        by=System("registry"),
        now=NOW,
        source="NPPES",
    )
    assert matched.step == LadderStep.REGISTRY_MATCHED


def test_nobody_moves_their_own_credential():
    vetter = make_vetter()
    licence = make_licence(make_expert(vetter))
    with pytest.raises(NotAllowed, match="never their own"):
        confirm(licence, by=vetter)
    with pytest.raises(NotAllowed):
        actions.reveal_number(credential_id=licence.public_id, by=vetter, now=NOW)


def test_only_vetting_staff_move_a_credential():
    with pytest.raises(NotAllowed):
        confirm(make_licence(make_expert()), by=make_person())


def test_a_credential_never_climbs_to_where_it_stands():
    expert = make_expert()
    licence = seen(make_licence(expert), expert)
    with pytest.raises(WrongState):
        actions.climb_ladder(
            credential_id=licence.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=make_vetter(), now=NOW
        )
    confirm(licence)
    with pytest.raises(WrongState, match="higher already"):
        actions.climb_ladder(
            credential_id=licence.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=make_vetter(), now=NOW
        )


def test_stepping_down_says_why_and_the_ladder_forgets_what_fell():
    licence = confirm(make_licence(make_expert()))
    actions.step_down(
        credential_id=licence.public_id, to_step=LadderStep.DECLARED, reason=REASON, by=make_vetter(), now=NOW
    )
    licence.refresh_from_db()
    assert [rung.state for rung in ladder_of(licence)] == ["current", "todo", "todo", "todo", "todo"]
    assert last_fall(licence).explanation == REASON
    assert Notification.objects.filter(title__endswith="was stepped down", body__contains=REASON).exists()


def test_stepping_down_needs_a_reason_and_a_lower_step():
    licence = make_licence(make_expert())
    with pytest.raises(Invalid, match="twenty"):
        actions.step_down(credential_id=licence.public_id, to_step="DECLARED", reason="no", by=make_vetter(), now=NOW)
    with pytest.raises(WrongState, match="no higher"):
        actions.step_down(
            credential_id=licence.public_id, to_step="CONFIRMED", reason=REASON, by=make_vetter(), now=NOW
        )


def test_another_document_takes_back_what_was_seen_in_the_first():
    expert = make_expert()
    licence = seen(make_licence(expert), expert)
    other = upload(expert, pdf_bytes("Something else"), "other.pdf", DocumentKind.EVIDENCE)
    passed(other)
    moved = actions.attach_document(
        credential_id=licence.public_id, document_id=other.public_id, by=expert.user, now=NOW
    )
    assert (moved.step, moved.document) == (LadderStep.FORMAT_VALID, other)


def test_deleting_the_document_takes_back_what_was_seen_in_it():
    expert = make_expert()
    licence = seen(make_licence(expert), expert)
    actions.remove_document(document_id=licence.document.public_id, by=expert.user, now=NOW)
    licence.refresh_from_db()
    assert (licence.step, licence.document) == (LadderStep.FORMAT_VALID, None)


def test_a_credential_whose_day_has_passed_is_brought_down_by_the_sweep():
    expert = make_expert()
    licence = confirm(make_licence(expert, expires_on=NOW.date()))
    kept = confirm(make_licence(expert, number="220149"))
    assert actions.lapse_expired(now=NOW) == 0
    later = NOW + timedelta(days=1)
    assert actions.lapse_expired(now=later) == 1
    assert actions.lapse_expired(now=later) == 0
    licence.refresh_from_db()
    kept.refresh_from_db()
    assert (licence.step, kept.step) == (LadderStep.DECLARED, LadderStep.CONFIRMED)
    assert "expired on 23 Nov 2026" in last_fall(licence).explanation
    with pytest.raises(WrongState, match="expired"):
        actions.climb_ladder(credential_id=licence.public_id, to_step="CONFIRMED", by=make_vetter(), now=later,
                             source="x", seen_on=NOW.date())  # fmt: skip


def test_credentials_meet_a_requirement_from_its_step_upwards_while_in_force():
    expert = make_expert()
    licence = confirm(make_licence(expert, expires_on=date(2027, 1, 31)))
    make_npi(expert)
    kind = CredentialKind.MEDICAL_LICENCE
    assert list(credentials_meeting(expert, kind, LadderStep.DOCUMENT_SEEN)) == [licence]
    assert list(credentials_meeting(expert, kind, LadderStep.CONFIRMED, on=date(2027, 1, 31))) == [licence]
    assert list(credentials_meeting(expert, kind, LadderStep.DECLARED, on=date(2027, 2, 1))) == []
    assert list(credentials_meeting(expert, CredentialKind.NPI, LadderStep.DOCUMENT_SEEN)) == []
    actions.withdraw_credential(credential_id=licence.public_id, by=expert.user, now=NOW)
    assert list(credentials_meeting(expert, kind, LadderStep.DECLARED)) == []


def test_credentials_of_many_experts_come_in_one_query(django_assert_num_queries):
    experts = [make_expert() for _ in range(3)]
    for expert in experts:
        make_npi(expert)
    with django_assert_num_queries(1):
        found = standing_credentials(experts)
    assert [len(rows) for rows in found.values()] == [1, 1, 1]


def test_every_reveal_of_a_number_stands_in_the_trail():
    licence, joan = make_licence(make_expert()), make_vetter()
    assert actions.reveal_number(credential_id=licence.public_id, by=joan, now=NOW) == "220148"
    event = AuditEvent.objects.get(what="credentials.reveal_number")
    assert (event.actor_ref, event.about_ref) == (joan.actor_ref, str(licence.public_id))


def test_the_database_itself_wants_source_and_day_of_a_confirmation():
    credential = make_npi(make_expert())
    with pytest.raises(IntegrityError, match="confirmation_names_its_source_and_day"), transaction.atomic():
        CredentialStep.objects.create(
            credential=credential, to_step=LadderStep.CONFIRMED, at=NOW, actor_kind="user", actor_ref="x"
        )
