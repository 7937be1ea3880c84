"""A credential follows the newest list: up when name and number agree, down with a reason when they do not any more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from experts.credentials import actions
from experts.credentials.enums import ComparisonOutcome, LadderStep
from experts.credentials.models import Comparison
from experts.credentials.queries import compared_with_register, ladder_of
from experts.registries.enums import Register
from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import make_licence, make_npi
from tests.factories.experts_profiles import NOW, make_expert, make_vetter
from tests.factories.experts_registries import import_list, provider

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def step_of(credential):
    credential.refresh_from_db()
    return credential.step


def confirm(credential):
    actions.climb_ladder(
        credential_id=credential.public_id, to_step=LadderStep.CONFIRMED, by=make_vetter(), now=NOW,
        source="NPPES, seen on its page", seen_on=NOW.date(),
    )  # fmt: skip


def test_before_the_first_import_nothing_is_compared():
    npi = make_npi(make_expert())
    assert actions.compare_due(now=NOW) == 0
    assert actions.compare_with_registry(credential_pk=npi.pk, now=NOW) is None
    assert step_of(npi) == LadderStep.FORMAT_VALID


def test_a_match_climbs_with_list_and_day_and_tells_the_expert():
    expert = make_expert()
    npi = make_npi(expert)
    import_list(Register.NPPES, provider(), list_on=date(2026, 11, 9))
    assert actions.compare_due(now=NOW) == 1
    assert step_of(npi) == LadderStep.REGISTRY_MATCHED
    rung = ladder_of(npi)[3]
    assert (rung.source, rung.seen_on) == ("NPPES of 09 Nov 2026", date(2026, 11, 9))
    assert "NPPES has the name with this NPI" in rung.explanation
    assert Notification.objects.get(user=expert.user).title == "NPI number: matched to a registry"


def test_comparing_twice_is_comparing_once():
    npi = make_npi(make_expert())
    import_list(Register.NPPES, provider())
    assert [actions.compare_due(now=NOW), actions.compare_due(now=NOW)] == [1, 0]
    first = actions.compare_with_registry(credential_pk=npi.pk, now=LATER)
    assert (first.compared_at, npi.steps.count()) == (NOW, 3)
    assert AuditEvent.objects.filter(what="credentials.compare_with_registry").count() == 1


def test_what_differs_stays_where_it_is_for_a_person():
    npi = make_npi(make_expert())
    import_list(Register.NPPES, provider(last="LIND"))
    actions.compare_due(now=NOW)
    assert step_of(npi) == LadderStep.FORMAT_VALID
    assert compared_with_register(npi).outcome == ComparisonOutcome.DIFFERS


def test_each_import_is_compared_with_and_a_deactivation_takes_the_step_back():
    expert = make_expert()
    npi = make_npi(expert)
    import_list(Register.NPPES, provider())
    actions.compare_due(now=NOW)
    import_list(Register.NPPES, provider(last="", first="", deactivated_on=date(2026, 12, 1)), now=LATER)
    assert actions.compare_due(now=LATER) == 1
    assert step_of(npi) == LadderStep.FORMAT_VALID
    told = Notification.objects.filter(user=expert.user).order_by("-pk")[0]
    assert told.title == "NPI number was stepped down"
    assert "NPPES deactivated this NPI on 01 Dec 2026" in told.body


def test_what_a_person_confirmed_falls_only_when_the_register_has_ended_it():
    npi = make_npi(make_expert())
    confirm(npi)
    import_list(Register.NPPES, provider(last="LIND"))
    actions.compare_due(now=NOW)
    assert step_of(npi) == LadderStep.CONFIRMED
    import_list(Register.NPPES, provider("2000000010"), now=LATER)
    actions.compare_due(now=LATER)
    assert step_of(npi) == LadderStep.FORMAT_VALID
    assert npi.confirmed_until is None


def test_another_name_of_the_account_is_compared_anew():
    npi = make_npi(make_expert())
    import_list(Register.NPPES, provider())
    actions.compare_due(now=NOW)
    User.objects.filter(pk=npi.expert.user_id).update(full_name="Somebody Else")
    assert actions.compare_due(now=LATER) == 1
    assert step_of(npi) == LadderStep.FORMAT_VALID


def test_a_credential_that_stepped_down_climbs_again_with_a_better_list():
    npi = make_npi(make_expert())
    for number, last in enumerate(("OKAFOR", "LIND", "OKAFOR")):
        import_list(Register.NPPES, provider(last=last), now=NOW + timedelta(days=number))
        actions.compare_due(now=NOW + timedelta(days=number))
    assert step_of(npi) == LadderStep.REGISTRY_MATCHED
    assert [move.to_step for move in npi.steps.order_by("pk")][1:] == [
        "FORMAT_VALID", "REGISTRY_MATCHED", "FORMAT_VALID", "REGISTRY_MATCHED",
    ]  # fmt: skip


def test_kinds_without_a_register_and_withdrawn_credentials_are_left_alone():
    expert = make_expert()
    licence, npi = make_licence(expert), make_npi(expert)
    actions.withdraw_credential(credential_id=npi.public_id, by=expert.user, now=NOW)
    import_list(Register.NPPES, provider())
    assert actions.compare_due(now=NOW) == 0
    assert actions.compare_with_registry(credential_pk=licence.pk, now=NOW) is None
    assert actions.compare_with_registry(credential_pk=npi.pk, now=NOW) is None
    assert not Comparison.objects.exists()


def test_declaring_a_number_rings_for_its_comparison(monkeypatch, django_capture_on_commit_callbacks):
    import_list(Register.NPPES, provider())
    rung = []
    monkeypatch.setattr(
        "experts.credentials.tasks.compare_credential.delay", lambda **facts: rung.append(facts), raising=False
    )
    monkeypatch.setattr(
        "experts.credentials.tasks.compare_credential.apply_async", lambda *_args, **facts: rung.append(facts)
    )
    with django_capture_on_commit_callbacks(execute=True):
        make_npi(make_expert())
    assert rung
