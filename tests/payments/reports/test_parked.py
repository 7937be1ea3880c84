"""Parked money jobs: all of them are seen, each can be tried again, and trying again pays nobody twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.accounts.enums import StaffRoleKind
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from payments.funding.models import FundingEvent
from payments.gateway.models import StripeEvent
from payments.payouts import actions as payouts
from payments.payouts.enums import AttemptState, ItemState, PayoutJobKind, RunState
from payments.payouts.models import Attempt, PayItem, PayoutEvent, PayoutJob
from payments.reports import actions
from payments.reports.queries.parked import MONEY_JOBS, count_parked, parked_jobs
from tests.factories.marketplace_accounts import make_staff, make_user
from tests.factories.payments_payouts import NOW, Finance, approved_run, fund, make_payee, work_off
from tests.payments.gateway.standin import StandIn
from tests.payments.reports.conftest import Week

pytestmark = [pytest.mark.full, pytest.mark.django_db]
PARKED = {
    "job_state": JobState.PARKED, "attempts": 8, "last_error": "boom", "not_before": NOW, "queued_at": NOW
}  # fmt: skip


def one_of_each() -> dict[str, int]:
    """Park one job of each kind; return their ids."""
    stripe = {"stripe_id": "evt_1", "type": "transfer.created", "source": "ACCOUNT", "payload": {}}
    rows = {
        "stripe-event": StripeEvent.objects.create(**stripe, created=NOW, received_at=NOW, **PARKED),
        "funding-event": FundingEvent.objects.create(name="deposit_settled", **PARKED),
        "payout-event": PayoutEvent.objects.create(name="item_sent", **PARKED),
        "payout-job": PayoutJob.objects.create(kind=PayoutJobKind.RECONCILE, **PARKED),
    }
    return {kind: row.pk for kind, row in rows.items()}


def ask_again(client: Client, kind: str, job_id: object):
    return client.post(reverse("reports:try_again"), {"kind": kind, "job": job_id})


@pytest.mark.parametrize("kind", MONEY_JOBS)
def test_a_parked_money_job_is_seen_and_set_due_again(books_client: Client, kind: str) -> None:
    ids = one_of_each()
    job = MONEY_JOBS[kind][1].objects.filter(pk=ids[kind])
    assert (count_parked(), {row.kind for row in parked_jobs()}) == (4, set(MONEY_JOBS))
    assert f'name="kind" value="{kind}"' in books_client.get(reverse("reports:parked")).content.decode()

    before = clock.now()
    assert ask_again(books_client, kind, ids[kind])["Location"] == reverse("reports:parked")

    row = job.get()
    assert (row.job_state, row.attempts, row.last_error) == (JobState.QUEUED, 0, "boom")
    assert before <= row.not_before <= clock.now()
    assert (count_parked(), kind in {row.kind for row in parked_jobs()}) == (3, False)
    event = AuditEvent.objects.get(what="reports.try_job_again")
    assert (event.about_ref, event.before) == (str(ids[kind]), {"attempts": 8, "last_error": "boom"})
    assert ask_again(books_client, kind, ids[kind]).status_code == 409


def test_nobody_but_finance_tries_a_money_job_again(client: Client) -> None:
    ids = one_of_each()
    for person in (make_user(), make_staff(StaffRoleKind.VETTING)):
        client.force_login(person)
        assert ask_again(client, "payout-job", ids["payout-job"]).status_code == 404
        with pytest.raises(NotAllowed):
            actions.try_job_again(kind="payout-job", job_id=ids["payout-job"], by=person, now=NOW)
    assert count_parked() == 4


def test_what_is_no_job_is_a_404(books_client: Client) -> None:
    assert [ask_again(books_client, *asked).status_code for asked in (("e-mail", 1), ("payout-job", "x"))] == [404, 404]
    assert ask_again(books_client, "payout-job", 2**63).status_code == 404


def test_the_run_page_leads_from_a_parked_job_to_where_it_is_tried_again(books_client: Client, week: Week) -> None:
    job = PayoutJob.objects.create(kind=PayoutJobKind.LOOK_UP, run=week.run, **PARKED)
    run_page = reverse("payouts:run", args=[week.run.public_id])
    page = books_client.get(run_page).content.decode()
    assert f'href="{reverse("reports:parked")}"' in page
    parked = books_client.get(reverse("reports:parked")).content.decode()
    assert f'name="job" value="{job.pk}"' in parked
    assert f'href="{run_page}"' in parked
    cockpit = books_client.get(reverse("reports:cockpit")).context["cockpit"]
    assert "1 money job is parked" in [waiting.title for waiting in cockpit.waiting]


# ------------------------------------------------------------------------------------- the nine rules of the pay run


def fail_until_parked(job: PayoutJob) -> datetime:
    """Work the job off for the eighth time while Stripe does not answer; return when somebody has seen to it."""
    PayoutJob.objects.filter(pk=job.pk).update(attempts=MAX_ATTEMPTS - 1)
    assert payouts.perform_job(job_id=job.pk, now=NOW) is False
    job.refresh_from_db()
    assert (job.job_state, job.attempts) == (JobState.PARKED, MAX_ATTEMPTS)
    return NOW + timedelta(hours=1)


def test_the_start_of_a_pay_run_that_was_parked_goes_on_as_the_same_job(finance: Finance, standin: StandIn) -> None:
    """No answer to the look-up that comes first; tried again, each is paid once, under the first key."""
    fund(standin, 10_000_00)
    for number in range(2):
        make_payee(standin, owed_minor=500_00 + number, name=f"Payee {number}")
    run = approved_run(finance)
    payouts.execute_run(run_id=run.public_id, by=finance.preparer, now=NOW)
    standin.faults({"method": "GET", "path": "/v1/transfers", "action": "lose_request", "probability": 1.0})
    job = PayoutJob.objects.get(kind=PayoutJobKind.BEGIN)
    now = fail_until_parked(job)
    assert standin.calls("/v1/transfers") == []

    standin.faults()
    actions.try_job_again(kind="payout-job", job_id=job.pk, by=finance.preparer, now=now)
    work_off(now)
    items = list(PayItem.objects.filter(run=run))
    for item in items:
        payouts.send_item(item_id=item.public_id, now=now)
    work_off(now)

    assert PayoutJob.objects.filter(kind=PayoutJobKind.BEGIN).get().pk == job.pk
    assert {call["key"] for call in standin.calls("/v1/transfers")} == {f"po-{item.public_id}-1" for item in items}
    assert len(standin.state()["transfers"]) == 2
    run.refresh_from_db()
    assert run.state == RunState.RECONCILED


def test_a_look_up_that_was_parked_begins_no_new_attempt_at_an_unknown_item(
    week: Week, standin: StandIn, finance: Finance
) -> None:
    """The item whose answer was lost stays unknown while nobody looks; tried again, the transfer is adopted."""
    item = week.item_of(EXPERT_WITHOUT_ANSWER)
    assert (item.state, list(item.attempts.values_list("number", "state"))) == (
        ItemState.UNKNOWN, [(1, AttemptState.UNKNOWN)]
    )  # fmt: skip
    standin.faults({"method": "GET", "path": "/v1/transfers", "action": "lose_request", "probability": 1.0})
    PayoutJob.objects.filter(job_state=JobState.QUEUED).delete()
    job = PayoutJob.objects.create(kind=PayoutJobKind.LOOK_UP, run=week.run, not_before=NOW, queued_at=NOW)
    now = fail_until_parked(job)

    standin.faults()
    actions.try_job_again(kind="payout-job", job_id=job.pk, by=finance.approver, now=now)
    assert payouts.perform_job(job_id=job.pk, now=now + timedelta(seconds=1)) is True

    item.refresh_from_db()
    assert (item.state, item.tries) == (ItemState.SENT, 1)
    assert list(Attempt.objects.filter(item=item).values_list("number", "sends")) == [(1, 1)]
    assert [one["metadata"]["item"] for one in standin.state()["transfers"]].count(str(item.public_id)) == 1


EXPERT_WITHOUT_ANSWER = "Elena Vasquez"
