"""Holds: who may place and release them, and what the same hold twice is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from payments.payouts import actions
from payments.payouts.enums import HoldReason
from payments.payouts.models import Hold
from tests.factories.payments_payouts import NOW, make_person

pytestmark = pytest.mark.django_db
WORDS = "The bank asks who this is"


def place(payee, by, *, reason=HoldReason.MANUAL, words=WORDS, expires_at=None, now=NOW):
    return actions.place_hold(payee=payee, reason=reason, words=words, expires_at=expires_at, by=by, now=now)


def test_a_hold_names_who_placed_it_and_stands_in_the_audit_trail(finance):
    payee = make_person()

    hold = place(payee, finance.preparer, expires_at=NOW + timedelta(days=3))

    assert (hold.placed_by_kind, hold.placed_by_ref) == ("user", str(finance.preparer.public_id))
    assert list(Hold.objects.live(NOW)) == [hold]
    assert list(Hold.objects.live(NOW + timedelta(days=3))) == []
    event = AuditEvent.objects.get(what="payouts.place_hold")
    assert event.after == {"payee": str(payee.public_id), "reason": "MANUAL", "words": WORDS}


def test_a_screening_may_place_a_hold_and_run_twice(db):
    payee, vetting = make_person(), System("vetting")

    first = place(payee, vetting, reason=HoldReason.SCREENING)
    second = place(payee, vetting, reason=HoldReason.SCREENING, now=NOW + timedelta(minutes=1))

    assert first == second
    assert Hold.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": HoldReason.NO_PAYOUT_ACCOUNT}, "not placed by hand"),
        ({"words": "short    "}, "at least 10"),
        ({"expires_at": NOW}, "in the future"),
    ],
)
def test_a_hold_without_reason_words_or_future_is_refused(change, words, finance):
    with pytest.raises(Invalid, match=words):
        place(make_person(), finance.preparer, **change)
    assert not Hold.objects.exists()


def test_only_finance_holds_and_releases(finance):
    payee = make_person()
    with pytest.raises(NotAllowed):
        place(payee, payee)
    hold = place(payee, finance.approver)
    with pytest.raises(NotAllowed):
        actions.release_hold(hold_id=hold.public_id, words="I say it is over", by=payee, now=NOW)


def test_a_hold_is_released_once_and_with_words(finance):
    hold = place(make_person(), finance.preparer)
    with pytest.raises(Invalid, match="at least 10"):
        actions.release_hold(hold_id=hold.public_id, words="ok", by=finance.preparer, now=NOW)

    actions.release_hold(hold_id=hold.public_id, words="The bank is content", by=finance.approver, now=NOW)

    assert list(Hold.objects.live(NOW)) == []
    with pytest.raises(WrongState, match="ended already"):
        actions.release_hold(hold_id=hold.public_id, words="The bank is content", by=finance.approver, now=NOW)


def test_a_hold_that_has_run_out_is_not_released(finance):
    hold = place(make_person(), finance.preparer, expires_at=NOW + timedelta(days=1))

    with pytest.raises(WrongState, match="ended already"):
        actions.release_hold(
            hold_id=hold.public_id, words="Too late anyway", by=finance.preparer, now=NOW + timedelta(days=1)
        )


def test_a_payee_sees_their_own_holds_and_no_others(finance):
    one, two = make_person(), make_person()
    hold = place(one, finance.preparer)

    assert list(Hold.objects.visible_to(one)) == [hold]
    assert list(Hold.objects.visible_to(two)) == []
    assert list(Hold.objects.visible_to(finance.approver)) == [hold]
