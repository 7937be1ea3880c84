"""
Nobody on a sanctions list is paid: payees are screened when a run is drafted, and holds follow what vetting staff find.

The holds are placed and taken back by this room alone, each with the same words, so that every step may run twice.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from experts.profiles.models import Expert
from experts.registries.enums import Register
from experts.registries.queries import latest_import
from experts.vetting.actions import screen_expert
from experts.vetting.queries import people_to_hold
from marketplace.accounts.models import User
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Refused, WrongState
from payments.payouts.actions import finish_screening, place_hold, release_hold
from payments.payouts.enums import HoldReason
from payments.payouts.models import Hold
from payments.payouts.queries import payees_in_scope

SCREENING: Final = System("hours.screening")
WORDS: Final = "The name is like one on the sanctions list; vetting staff compare the two."
RELEASED: Final = "Vetting staff found that it is not the person on the sanctions list."
SWEEP_LIMIT = 200

logger = logging.getLogger(__name__)


def screen_payees(*, run_id: str, now: datetime) -> int:
    """
    Screen everybody in the scope of a drafted run, place the holds that follow, and let the run be computed; return how
    many people are held. Right when run twice, late, or after a crash: who was screened against the newest list is not
    screened again, and the hold that stands is the one.

    :raises Refused: if a list is required and none was imported; the event stays due and the run is not computed.
    """
    if latest_import(Register.OFAC) is None:
        if settings.SANCTIONS_LIST_REQUIRED:
            raise Refused("No sanctions list has been imported, so nobody can be screened. Run import_ofac first.")
        logger.warning("screening.no_list", extra={"run": run_id})
    payees = payees_in_scope(run_id)
    for public_id in Expert.objects.filter(user__in=payees).order_by("pk").values_list("public_id", flat=True):
        screen_expert(expert_id=public_id, now=now)
    hold_people(among=payees, now=now)
    finish_screening(run_id=run_id, now=now)
    return int(our_holds(now).filter(payee__in=payees).count())


def hold_people(*, now: datetime, among: QuerySet[User] | None = None) -> int:
    """
    Hold the payouts of those with an open or confirmed hit who are not held for it yet; return how many that were.

    :param among: only these, and all of them: a run must not be computed before the last of its payees is held. Without it
        two hundred at a time, so that a sweep is short.
    """
    due = people_to_hold().exclude(pk__in=our_holds(now).values("payee"))
    people = list(due.filter(pk__in=among) if among is not None else due[:SWEEP_LIMIT])
    for person in people:
        place_hold(payee=person, reason=HoldReason.SCREENING, words=WORDS, expires_at=None, by=SCREENING, now=now)
    return len(people)


def follow_screening(*, now: datetime) -> int:
    """Place the holds that are missing and take back those whose hits were cleared; return how many moved. Run by a sweep."""
    moved = hold_people(now=now)
    over = our_holds(now).exclude(payee__in=people_to_hold()).order_by("pk")
    return moved + sum(_take_back(hold, now=now) for hold in list(over[:SWEEP_LIMIT]))


def _take_back(hold: Hold, *, now: datetime) -> int:
    try:
        release_hold(hold_id=hold.public_id, words=RELEASED, by=SCREENING, now=now)
    except WrongState:  # Somebody in finance was faster.
        return 0
    return 1


def our_holds(now: datetime) -> Any:
    """Return the live holds that this room placed."""
    facts = {"reason": HoldReason.SCREENING, "placed_by_kind": "system", "placed_by_ref": SCREENING.actor_ref}
    return Hold.objects.live(now).filter(**facts)
