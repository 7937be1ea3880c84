"""Rewards: a share of our fee, capped, for a year; balanced, once, taken back with its charge, and paid on Friday."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel import registry
from marketplace.kernel.actors import System
from payments.ledger.actions import AccountRef, Move, post, reverse
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor, total_minor
from projects.hours.models import PayLine
from projects.hours.queries import payslips_of
from projects.standing import actions
from projects.standing.actions.rewards import reward_of
from projects.standing.models import Referral, Reward, RewardPurse
from tests.factories.experts_profiles import make_vetter
from tests.factories.payments_payouts import approved_run, fund, make_account, make_finance
from tests.factories.projects_hours import at, make_expert, make_running, off_balance
from tests.factories.projects_standing import LATER, PERIOD, make_referral, make_referred, work_week
from tests.support.races import Beside, waits_for_a_lock

pytestmark = pytest.mark.django_db
FEE, SHARE = 2100, 420  # of one hour at $210.00: ten per cent, and a fifth of that


def payable(referral: Referral) -> int:
    return balance_minor(AccountCode.EXPERT_PAYABLE, referral.referrer.public_id)


def cost() -> int:
    return total_minor(AccountCode.REFERRAL_REWARDS)


def undo(line: PayLine) -> None:
    """Reverse the charge of a line and give the money back to the project, as a correction does."""
    contract, by = line.timesheet.contract, System("tests")
    entry = Entry.objects.get(key=f"approval:{line.public_id}:{line.timesheet.revision}")
    reserve = AccountRef(AccountCode.CONTRACT_RESERVE, contract.public_id)
    funds = AccountRef(AccountCode.PROJECT_FUNDS, contract.project.public_id)
    with transaction.atomic():
        reverse(key=f"reversal:{line.public_id}", entry_id=entry.pk, by=by, now=LATER, memo="A test")
        post(
            key=f"back:{line.public_id}", kind=EntryKind.HOLD_RELEASE, effective_on=LATER.date(), by=by, now=LATER,
            moves=[Move(reserve, funds, line.charge_minor)],
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ booking


def test_a_fifth_of_our_fee_is_booked_once_and_nobody_else_pays_for_it():
    referral, contract = make_referred()
    work_week(contract)
    before = balance_minor(AccountCode.EXPERT_PAYABLE, contract.expert.user.public_id)
    assert (actions.book_rewards(now=LATER), actions.book_rewards(now=LATER)) == (1, 0)
    reward = Reward.objects.get()
    assert (reward.fee_minor, reward.share_bps, reward.amount_minor) == (FEE, 2000, SHARE)
    assert (payable(referral), cost(), off_balance()) == (SHARE, SHARE, 0)
    assert balance_minor(AccountCode.EXPERT_PAYABLE, contract.expert.user.public_id) == before == 21_000
    assert total_minor(AccountCode.PLATFORM_FEE) == FEE
    entry = Entry.objects.get(kind=EntryKind.REFERRAL)
    assert (entry.key, entry.effective_on) == (f"referral:{reward.public_id}", LATER.date())
    assert registry.check_invariants() == {}


def test_hours_that_no_lab_has_approved_earn_nothing():
    from tests.factories.projects_hours import log, submit

    referral, contract = make_referred()
    log(contract, at(0, 9), at(0, 10))
    assert actions.book_rewards(now=at(0, 11)) == 0
    submit(contract)
    assert actions.book_rewards(now=at(7, 13)) == 0
    assert payable(referral) == 0


def test_hours_before_joining_and_after_the_year_do_not_count():
    contract = make_running()
    late = make_referral(make_expert("Rosa Ilves"), contract.expert.user, now=at(1, 0))
    work_week(contract)
    work_week(contract, week=1)
    assert actions.book_rewards(now=LATER) == 1
    assert [reward.line.day for reward in Reward.objects.all()] == [at(7, 0).date()]
    Referral.objects.filter(pk=late.pk).update(ends_at=at(14, 0))
    work_week(contract, week=2)
    assert actions.book_rewards(now=at(28, 0)) == 0


def test_the_cap_is_never_passed_and_the_last_reward_is_what_is_left():
    referral, contract = make_referred()
    work_week(contract)
    RewardPurse.objects.create(referral=referral, currency="USD", cap_minor=500, earned_minor=0)
    work_week(contract, week=1)
    work_week(contract, week=2)
    actions.book_rewards(now=at(30, 0))
    assert list(Reward.objects.order_by("pk").values_list("amount_minor", flat=True)) == [420, 80, 0]
    assert (payable(referral), RewardPurse.objects.get().earned_minor) == (500, 500)
    assert registry.check_invariants() == {}


def test_a_stopped_or_questioned_referral_earns_nothing_and_a_cleared_one_what_was_waiting():
    referral, contract = make_referred()
    work_week(contract)
    Referral.objects.filter(pk=referral.pk).update(state="QUESTIONED", question="Both look alike.")
    assert actions.book_rewards(now=LATER) == 0
    words = "They are sisters; both were seen in the interview."
    actions.decide_referral(referral_id=referral.public_id, is_good=True, words=words, by=make_vetter(), now=LATER)
    assert actions.book_rewards(now=LATER) == 1
    assert payable(referral) == SHARE


# -------------------------------------------------------------------------------------------------------- corrections


def test_a_reversed_charge_takes_its_reward_back_once_and_frees_the_cap():
    referral, contract = make_referred()
    work_week(contract)
    work_week(contract, week=1)
    actions.book_rewards(now=LATER)
    undo(PayLine.objects.order_by("pk").first())
    assert (actions.take_back_rewards(now=LATER), actions.take_back_rewards(now=LATER)) == (1, 0)
    assert list(Reward.objects.order_by("pk").values_list("state", flat=True)) == ["TAKEN_BACK", "BOOKED"]
    assert (payable(referral), cost(), RewardPurse.objects.get().earned_minor, off_balance()) == (
        SHARE,
        SHARE,
        SHARE,
        0,
    )
    assert actions.book_rewards(now=LATER) == 0


def test_a_charge_reversed_before_it_was_looked_at_earns_nothing():
    referral, contract = make_referred()
    work_week(contract)
    undo(PayLine.objects.get())
    assert actions.book_rewards(now=LATER) == 0
    assert payable(referral) == 0


def test_the_invariants_name_a_reward_and_a_purse_that_say_something_else():
    _referral, contract = make_referred()
    work_week(contract)
    actions.book_rewards(now=LATER)
    Reward.objects.update(amount_minor=400)
    found = registry.check_invariants()
    assert set(found) == {
        "standing: every referral reward is in the books",
        "standing: what a referral has earned is the sum of its rewards",
    }


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE standing_reward SET amount_minor = 421",
        "UPDATE standing_reward SET amount_minor = -1",
        "UPDATE standing_rewardpurse SET earned_minor = cap_minor + 1",
        "UPDATE standing_referral SET share_bps = 5001",
    ],
)
def test_the_database_refuses_more_than_the_share_and_the_cap(sql):
    _referral, contract = make_referred()
    work_week(contract)
    actions.book_rewards(now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@given(fees=st.lists(st.integers(0, 10**9), max_size=30), cap=st.integers(0, 10**8), share=st.integers(0, 5000))
def test_whatever_the_fees_the_sum_is_the_smaller_of_share_and_cap(fees, cap, share):
    referral, purse = Referral(share_bps=share), RewardPurse(currency="USD", cap_minor=cap)
    lines = [PayLine(fee_minor=fee, currency="USD") for fee in fees]
    rewards = [reward_of(referral, line, purse, now=LATER) for line in lines]
    shares = [fee * share // 10_000 for fee in fees]
    assert sum(reward.amount_minor for reward in rewards) == purse.earned_minor == min(cap, sum(shares))
    assert all(0 <= reward.amount_minor <= one for reward, one in zip(rewards, shares, strict=True))


# -------------------------------------------------------------------------------------------------------------- races


def book_at_once() -> tuple[Beside, Beside]:
    return Beside(lambda: actions.book_rewards(now=LATER)), Beside(lambda: actions.book_rewards(now=LATER))


@pytest.mark.django_db(transaction=True)
def test_two_workers_booking_at_once_book_once_and_stay_below_the_cap():
    referral, contract = make_referred()
    for week in range(3):
        work_week(contract, week=week)
    RewardPurse.objects.create(referral=referral, currency="USD", cap_minor=900)
    with transaction.atomic():
        Referral.objects.select_for_update(no_key=True).get(pk=referral.pk)
        both = book_at_once()
        assert waits_for_a_lock(both[0])
        assert waits_for_a_lock(both[1])
    assert sorted(one.done() for one in both) == [0, 1]
    assert list(Reward.objects.order_by("pk").values_list("amount_minor", flat=True)) == [420, 420, 60]
    assert (payable(referral), off_balance()) == (900, 0)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_worker_runs_into_the_constraint(monkeypatch):
    """The negative control: without the lock both read the same lines, and only the database stops the second."""
    referral, contract = make_referred()
    work_week(contract)
    RewardPurse.objects.create(referral=referral, currency="USD", cap_minor=900)
    monkeypatch.setattr(
        "projects.standing.actions.rewards.locked_referral", lambda ref: Referral.objects.get(public_id=ref)
    )
    with transaction.atomic():
        RewardPurse.objects.select_for_update(no_key=True).get()
        both = book_at_once()
        assert waits_for_a_lock(both[0])
        assert waits_for_a_lock(both[1])
    with pytest.raises(IntegrityError):
        [one.done() for one in both]
    assert Reward.objects.count() == 1


# ------------------------------------------------------------------------------------------------------------- payday


def paid_to_different_banks(standin, referral: Referral) -> None:
    """Let both people be paid, each to an account of their own; the same one would be a question for staff."""
    for number, user in enumerate((referral.referrer, referral.referred)):
        make_account(user, stripe_id=standin.recipient(active=True), label=f"First Harbor ··441{number}")


def test_a_reward_goes_out_on_friday_on_its_own_line_of_the_payslip(standin):
    referral, contract = make_referred()
    fund(standin, 10_000_000)
    paid_to_different_banks(standin, referral)
    work_week(contract, minutes=600)
    actions.book_rewards(now=at(8, 9))
    approved_run(make_finance(), period=PERIOD, now=at(10, 8))
    (slip,) = payslips_of(referral.referrer, PERIOD)
    assert (slip.lines, slip.rewards_minor, slip.carried_minor, slip.item.net_minor) == ([], 4200, 0, 4200)
    (theirs,) = payslips_of(contract.expert.user, PERIOD)
    assert (theirs.rewards_minor, theirs.carried_minor, theirs.item.net_minor) == (0, 0, 210_000)


def test_the_next_payslip_shows_only_what_came_since(standin):
    referral, contract = make_referred()
    fund(standin, 10_000_000)
    paid_to_different_banks(standin, referral)
    finance = make_finance()
    work_week(contract, minutes=600)
    actions.book_rewards(now=at(8, 9))
    approved_run(finance, period=PERIOD, now=at(10, 8))
    work_week(contract, minutes=900, week=1)
    actions.book_rewards(now=at(15, 9))
    undo(PayLine.objects.order_by("pk").first())
    actions.take_back_rewards(now=at(15, 10))
    approved_run(finance, period=PERIOD + timedelta(days=7), now=at(17, 8))
    (slip,) = payslips_of(referral.referrer, PERIOD + timedelta(days=7))
    assert (slip.rewards_minor, slip.carried_minor) == (6300 - 4200, 0)
