"""Nobody with an open or confirmed sanctions hit is paid: payees are screened when a run is drafted, holds follow the hits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experts.registries.enums import Register
from experts.vetting import actions as vetting
from experts.vetting.enums import Verdict
from experts.vetting.models import Hit, Screening
from marketplace.kernel import registry
from marketplace.kernel.errors import Refused
from payments.payouts.actions import place_hold
from payments.payouts.enums import HoldReason, ItemState, RunState
from payments.payouts.models import Hold, PayoutEvent
from payments.payouts.signals import run_drafted
from projects.hours.actions import screening
from tests.factories.experts_profiles import make_expert, make_vetter
from tests.factories.experts_registries import entry, import_list
from tests.factories.payments_payouts import (
    NOW,
    computed_run,
    drafted_run,
    fund,
    make_finance,
    make_payee,
    make_person,
    work_off,
)

pytestmark = pytest.mark.django_db
REASON = "The entry was born in 1961, our expert finished school in 2004."


@pytest.fixture
def payees(standin):
    """Two experts to be paid: one with a name like an entry's."""
    fund(standin, 1_000_000)
    people = make_payee(standin, name="Imani Okafor"), make_payee(standin, name="Oleksandr Korvaren")
    for person in people:
        make_expert(person)
    return people


def states(run):
    return {item.payee.full_name: (item.state, item.held_reason) for item in run.items.select_related("payee")}


def clear(person, now=NOW):
    hit = Hit.objects.get(expert__user=person)
    vetting.decide_hit(hit_id=hit.public_id, verdict=Verdict.NOT_SAME, reason=REASON, by=make_vetter(), now=now)


def test_a_payee_like_an_entry_is_held_and_the_others_are_paid(payees):
    import_list(Register.OFAC, entry())

    run = computed_run(make_finance())

    assert states(run) == {
        "Imani Okafor": (ItemState.READY, ""), "Oleksandr Korvaren": (ItemState.HELD, HoldReason.SCREENING),
    }  # fmt: skip
    hold = Hold.objects.get()
    assert (hold.placed_by_ref, hold.expires_at) == ("hours.screening", None)
    assert Screening.objects.count() == 2


def test_more_payees_than_a_sweep_takes_are_all_held_before_the_run_is_computed(payees, monkeypatch):
    monkeypatch.setattr(screening, "SWEEP_LIMIT", 1)
    import_list(Register.OFAC, entry(), entry(900102, "OKAFOR, Imani"))
    run = computed_run(make_finance())
    assert [state for state, _reason in states(run).values()] == [ItemState.HELD, ItemState.HELD]


def test_sweeps_hold_one_portion_after_the_other(payees, monkeypatch):
    import_list(Register.OFAC, entry(), entry(900102, "OKAFOR, Imani"))
    vetting.screen_due(now=NOW)
    monkeypatch.setattr(screening, "SWEEP_LIMIT", 1)
    assert [screening.follow_screening(now=NOW) for _sweep in range(3)] == [1, 1, 0]
    assert set(Hold.objects.values_list("payee", flat=True)) == {person.pk for person in payees}


def test_the_receiver_is_connected_and_screening_twice_holds_once(payees):
    assert run_drafted.has_listeners(PayoutEvent)
    import_list(Register.OFAC, entry())
    run = drafted_run(make_finance())
    for _twice in range(2):
        assert screening.screen_payees(run_id=str(run.public_id), now=NOW) == 1
    work_off(NOW)
    run.refresh_from_db()
    assert (Hold.objects.count(), Screening.objects.count(), run.screened_at) == (1, 2, NOW)


def test_without_a_list_the_run_goes_on_and_with_the_setting_it_waits(payees, settings):
    run = computed_run(make_finance())
    assert run.state == RunState.COMPUTED
    settings.SANCTIONS_LIST_REQUIRED = True
    with pytest.raises(Refused, match="import_ofac"):
        screening.screen_payees(run_id=str(run.public_id), now=NOW)


def test_a_cleared_hit_takes_its_hold_back_and_leaves_others_standing(payees):
    import_list(Register.OFAC, entry())
    held = payees[1]
    drafted_run(make_finance())
    work_off(NOW)
    place_hold(
        payee=held, reason=HoldReason.SCREENING, words="Finance asks about this one too", expires_at=None,
        by=make_finance().preparer, now=NOW,
    )  # fmt: skip
    assert screening.follow_screening(now=NOW) == 0
    clear(held)
    assert [screening.follow_screening(now=NOW), screening.follow_screening(now=NOW)] == [1, 0]
    ours, theirs = Hold.objects.order_by("pk")
    assert (ours.released_at, ours.released_by, ours.release_words) == (NOW, None, screening.RELEASED)
    assert theirs.released_at is None


def test_a_hit_that_opens_between_two_runs_is_held_by_the_sweep():
    person = make_person("Oleksandr Korvaren")
    expert = make_expert(person)
    import_list(Register.OFAC, entry())
    vetting.screen_expert(expert_id=expert.public_id, now=NOW)
    assert registry.sweeps["hours.screening"](NOW) == 1
    assert Hold.objects.get().payee == person
    clear(person)
    registry.sweeps["hours.screening"](NOW)
    changed = NOW + timedelta(days=7)
    import_list(Register.OFAC, entry(remarks="DOB 1986"), now=changed)
    vetting.screen_due(now=changed)
    registry.sweeps["hours.screening"](changed)
    assert Hold.objects.live(changed).count() == 1


def test_payees_who_are_no_experts_are_left_alone(standin):
    fund(standin, 500_000)
    make_payee(standin, name="Oleksandr Korvaren")
    import_list(Register.OFAC, entry())
    assert states(computed_run(make_finance())) == {"Oleksandr Korvaren": (ItemState.READY, "")}
