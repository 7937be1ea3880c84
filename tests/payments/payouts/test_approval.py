"""The second person: who may approve, what they agree on, and where the money stands afterwards."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole, User
from marketplace.kernel.errors import Conflict, NotAllowed, Refused, WrongState
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor
from payments.payouts import actions
from payments.payouts.enums import ItemState, RunState
from payments.payouts.models import PayItem, PayRun
from tests.factories.payments_payouts import (
    NOW,
    PERIOD,
    approved_run,
    computed_run,
    earn,
    fund,
    make_approver,
    make_payee,
    make_person,
    owe,
)

pytestmark = pytest.mark.django_db


def approve(run, by, *, sha256=None, comment="Checked by hand."):
    sha = run.computed_sha256 if sha256 is None else sha256
    return actions.approve_run(run_id=run.public_id, sha256=sha, comment=comment, by=by, now=NOW)


def test_approval_moves_what_is_owed_into_transit_and_queues_the_items(finance, funded):
    payee = make_payee(funded, owed_minor=210_000)
    small = make_payee(funded, owed_minor=900)
    run = computed_run(finance)

    approve(run, finance.approver)

    run.refresh_from_db()
    item = run.items.get(payee=payee)
    assert (run.state, run.approved_by, run.approved_at) == (RunState.APPROVED, finance.approver, NOW)
    assert (run.approved_sha256, run.approval_comment) == (run.computed_sha256, "Checked by hand.")
    assert (item.state, item.not_before, item.source_type) == (ItemState.QUEUED, NOW, "card")
    assert run.items.get(payee=small).state == ItemState.EXCLUDED
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 0
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 210_000
    assert balance_minor(AccountCode.EXPERT_PAYABLE, small.public_id) == 900
    assert Entry.objects.filter(key=f"run:{PERIOD}:USD:{payee.public_id}").count() == 1


def test_who_prepared_a_run_can_never_approve_it(finance, funded):
    StaffRole.objects.create(user=finance.preparer, role=StaffRoleKind.FINANCE_APPROVER, granted_at=NOW)
    run = computed_run(finance)

    with pytest.raises(NotAllowed, match="never approve"):
        approve(run, User.objects.get(pk=finance.preparer.pk))
    with pytest.raises(IntegrityError, match="never_approves_it"), transaction.atomic():
        PayRun.objects.update(approved_by=finance.preparer)


@pytest.mark.parametrize("role", [None, StaffRoleKind.FINANCE_PREPARER, StaffRoleKind.SUPPORT])
def test_only_who_holds_the_role_approves(role, finance, funded):
    run = computed_run(finance)
    person = make_person("Somebody")
    if role:
        StaffRole.objects.create(user=person, role=role, granted_at=NOW)

    with pytest.raises(NotAllowed):
        approve(run, person)


def test_what_is_approved_is_what_was_looked_at(finance, funded):
    run = computed_run(finance)

    with pytest.raises(Conflict, match="Look again"):
        approve(run, finance.approver, sha256="0" * 64)


def test_a_row_changed_behind_the_trigger_is_noticed_by_the_hash(finance, funded):
    make_payee(funded)
    run = computed_run(finance)
    PayItem.objects.update(held_reason="MANUAL")

    with pytest.raises(Conflict, match="Look again"):
        approve(run, finance.approver)


def test_a_run_that_is_approved_is_not_approved_again(finance, funded):
    run = approved_run(finance)

    with pytest.raises(WrongState, match="approved now"):
        approve(run, make_approver("Third person"))


def test_a_balance_that_is_too_small_refuses_and_changes_nothing(finance, standin):
    fund(standin, 100_000)
    payee = make_payee()
    run = computed_run(finance)

    with pytest.raises(Refused, match=r"needs \$2,100\.00 and \$1,000\.00 is available"):
        approve(run, finance.approver)

    run.refresh_from_db()
    assert run.state == RunState.COMPUTED
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 210_000


def test_money_that_came_by_bank_pays_who_does_not_fit_into_card_money(finance, standin):
    fund(standin, 250_000)
    fund(standin, 150_000, source_type="bank_account")
    large, small = make_payee(standin, owed_minor=200_000), make_payee(standin, owed_minor=120_000)
    run = computed_run(finance)

    approve(run, finance.approver)

    sources = dict(run.items.values_list("payee", "source_type"))
    assert sources == {large.pk: "card", small.pk: "bank_account"}


def test_one_source_that_is_enough_pays_all(finance, standin):
    fund(standin, 50_000)
    fund(standin, 400_000, source_type="bank_account")
    make_payee(standin, owed_minor=200_000)
    make_payee(standin, owed_minor=120_000)
    run = computed_run(finance)

    approve(run, finance.approver)

    assert set(run.items.values_list("source_type", flat=True)) == {"bank_account"}


def test_enough_in_total_is_not_enough_when_no_single_source_holds_an_item(finance, standin):
    fund(standin, 150_000)
    fund(standin, 150_000, source_type="bank_account")
    make_payee(standin, owed_minor=200_000)
    run = computed_run(finance)

    with pytest.raises(Refused, match="needs"):
        approve(run, finance.approver)


def test_a_debt_that_came_after_computing_stops_the_approval(finance, funded):
    payee = make_payee(funded, owed_minor=50_000)
    run = computed_run(finance)
    owe(payee, -1)

    with pytest.raises(Conflict, match="less than when this run was computed"):
        approve(run, finance.approver)

    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 49_999
    assert not PayItem.objects.filter(state=ItemState.QUEUED).exists()


def test_what_is_earned_after_computing_stays_for_the_next_run(finance, funded):
    payee = make_payee(funded, owed_minor=50_000)
    run = computed_run(finance)
    earn(payee, 7_000)

    approve(run, finance.approver)

    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 7_000


def test_nobody_starts_sending_before_approval(finance, funded):
    run = computed_run(finance)

    with pytest.raises(WrongState):
        actions.execute_run(run_id=run.public_id, by=finance.preparer, now=NOW)


def test_only_finance_starts_pauses_and_resumes(finance, funded):
    run = approved_run(finance)
    person = make_person("Somebody")

    with pytest.raises(NotAllowed):
        actions.execute_run(run_id=run.public_id, by=person, now=NOW)
    with pytest.raises(NotAllowed):
        actions.pause_run(run_id=run.public_id, words="", by=person, now=NOW)
    with pytest.raises(NotAllowed):
        actions.resume_run(run_id=run.public_id, by=person, now=NOW)


def test_items_changed_after_approval_are_not_sent(finance, funded):
    make_payee(funded)
    run = approved_run(finance)
    PayItem.objects.update(excluded_reason="BELOW_MINIMUM")

    with pytest.raises(Conflict, match="not those that were approved"):
        actions.execute_run(run_id=run.public_id, by=finance.preparer, now=NOW)


def test_a_debt_in_another_currency_is_no_reason_to_stop_the_approval(finance, funded):
    payee = make_payee(funded, owed_minor=50_000)
    owe(payee, 1_000, currency="EUR")
    owe(payee, -1_001, currency="EUR")
    run = computed_run(finance)

    approve(run, finance.approver)

    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id) == 0
    assert balance_minor(AccountCode.EXPERT_PAYABLE, payee.public_id, "EUR") == -1
