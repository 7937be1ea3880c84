"""Redis forgets everything, and no worker runs: the sweep alone lets offers, applications and proposals lapse on their day."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from marketplace.notices.models import EmailMessage
from projects.hiring.enums import AmendmentState, ApplicationState, ContractState, OfferState, Side
from projects.hiring.models import Amendment, Application, Contract, Offer, Rating
from tests.factories.projects_contracts import give_notice, leave, propose, rate
from tests.factories.projects_hiring import make_applicant, make_contract, make_expert, make_gig, make_offer
from tests.support import processes
from tests.support.processes import Process, wait_until

LONG_AGO = timedelta(days=30)


@pytest.mark.full
def test_everything_that_is_due_in_hiring_happens_after_redis_forgot_it(
    transactional_db: None, valkey: str, tmp_path: Path
):
    """Each thing is told to the other side exactly once, although two sweeps run at once over an emptied Redis."""
    then = datetime.now(tz=UTC) - LONG_AGO
    gig = make_gig(now=then, places_wanted=9)
    names = iter(f"Expert {number}" for number in range(9))

    def expert():
        return make_expert(next(names))

    make_offer(make_applicant(gig, expert(), now=then), now=then)
    make_applicant(gig, expert(), now=then)
    waits, notice, over = (make_contract(gig, expert(), now=then) for _one in range(3))
    monday = (then + timedelta(days=14)).date()
    monday += timedelta(days=7 - monday.weekday())
    begins = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    propose(waits, rate_minor=230_00, begins=begins, now=then)
    give_notice(notice, last_day=(then + timedelta(days=15)).date(), now=then)
    leave(over, now=then)
    rate(over, Side.EXPERT, now=then)

    redis.Redis.from_url(valkey).flushall()
    env = processes.environment(valkey, tmp_path / "data")
    command: list[str | Path] = [sys.executable, "manage.py", "sweep", "--loop", "--every", "0.2"]
    sweeps = [Process(f"sweep-{number}", command, env, tmp_path) for number in range(2)]
    for sweep in sweeps:
        sweep.start()
    try:

        def is_done() -> bool:
            for sweep in sweeps:
                assert sweep.runs, sweep.output[-3000:]
            redis.Redis.from_url(valkey).flushall()
            return (
                Offer.objects.filter(state=OfferState.EXPIRED).count() == 1
                and Application.objects.filter(state=ApplicationState.LAPSED).count() >= 1
                and Amendment.objects.get().state == AmendmentState.LAPSED
                and Contract.objects.get(pk=notice.pk).state == ContractState.ENDED
                and Rating.objects.get().revealed_at is not None
            )

        wait_until(is_done, within=90, what="what is due in hiring")
    finally:
        for sweep in sweeps:
            sweep.stop()

    gig.refresh_from_db()
    assert gig.places_filled == 1  # `waits` goes on; `notice` and `over` gave their places back
    subjects = list(EmailMessage.objects.values_list("subject", flat=True))
    for title in (
        "Your offer has expired: Physician Talent Network",
        "Physician Talent Network: no decision in time",
        "Physician Talent Network: the new terms have lapsed",
        "What E-3 says of the work: Physician Talent Network",
    ):
        assert subjects.count(title) == 1, title
    ended = EmailMessage.objects.filter(user=notice.expert.user, subject__endswith="the contract has ended")
    assert ended.count() == 1
