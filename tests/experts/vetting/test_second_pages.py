"""The pages around a decision: claims, checks run again, second opinions, appeals, workload, and how vetting works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from experts.vetting import actions
from experts.vetting.enums import CheckKind, CheckResult, Outcome
from experts.vetting.figures import age_class, percentile, share_bps
from experts.vetting.models import Appeal, Case, Check, Opinion
from experts.vetting.queries import public_figures, turnaround, workloads
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.jobs import JobState
from tests.factories.experts_credentials import make_resume
from tests.factories.experts_profiles import NOW, make_expert, make_vetter
from tests.factories.experts_vetting import (
    JUDGEMENT,
    OBJECTION,
    SECOND,
    appeal,
    ask_second,
    decide,
    judge,
    make_case,
    make_checked_case,
    make_declined_case,
)

pytestmark = pytest.mark.django_db
QUEUE, WORKLOAD, HOW = "/vetting/", "/vetting/workload/", "/how-vetting-works/"


def url(name, case, *more):
    return reverse(f"vetting:{name}", args=[case.public_id, *more])


@pytest.fixture
def joan(client):
    joan = make_vetter("Joan Abara")
    client.force_login(joan)
    return joan


# ------------------------------------------------------------------------------------------------- queue and claims


def test_the_queue_is_narrowed_by_holder_need_age_and_name(client, joan):
    now = clock.now()
    mine, free, theirs, late = (make_checked_case(now=now) for _ in range(4))
    vera = make_vetter("Vera Castillo")
    actions.claim_case(case_id=mine.public_id, by=joan, now=now)
    ask_second(theirs, by=vera, of=joan, now=now)
    Case.objects.filter(pk=late.pk).update(due_at=now - timedelta(hours=1), opened_at=now - timedelta(days=4))

    def shown(**asked):
        page = client.get(QUEUE, asked).text
        return [
            name
            for name, case in (("mine", mine), ("free", free), ("theirs", theirs), ("late", late))
            if str(case) in page
        ]

    assert shown(held="me") == ["mine"]
    assert shown(held="nobody") == ["free", "late"]
    assert shown(held="others") == ["theirs"]
    assert shown(needs="mine") == shown(needs="opinion") == ["theirs"]
    assert shown(needs="late") == shown(since="3") == ["late"]
    assert shown(needs="person") == ["mine", "free", "theirs", "late"]  # no register was imported
    assert shown(q=f"v-{free.number}") == shown(q=str(free.number)) == ["free"]
    assert shown(q="Nobody of this name") == []
    assert len(shown(q="okafor", sort="newest")) == 4
    assert "1 second opinion asked of you" in client.get(QUEUE).text


def test_the_next_case_is_claimed_from_the_queue(client, joan):
    assert client.post(reverse("vetting:next"))["Location"] == QUEUE
    case = make_checked_case(now=clock.now())
    assert client.post(reverse("vetting:next"))["Location"] == url("case", case)
    page = client.get(url("case", case), {"decide": "d"}).text
    assert 'value="DECLINE" checked' in page
    assert "autofocus" in page


def test_a_case_is_taken_over_with_a_reason_and_kept_by_work(client, joan):
    case, vera = make_checked_case(), make_vetter("Vera Castillo")
    actions.claim_case(case_id=case.public_id, by=vera, now=clock.now())
    assert "Take it over" in client.get(url("case", case)).text
    assert client.post(url("take_over", case), {"over-why": "ill"}).status_code == 422
    assert client.post(url("keep", case)).status_code == 409
    assert client.post(url("take_over", case), {"over-why": "Vera is ill today."})["Location"] == url("case", case)
    assert client.post(url("keep", case)).status_code == 204
    assert "Vera is ill today." in client.get(url("case", case)).text  # in the record


# ------------------------------------------------------------------------------------------------- checks


def test_staff_have_a_check_run_again_with_a_reason(client, joan):
    case = make_checked_case()
    check = case.checks.get(kind=CheckKind.RESUME)
    make_resume(case.expert)
    assert client.post(url("retry", case, check.public_id), {f"retry-{check.pk}-why": "x"}).status_code == 422
    client.post(url("retry", case, check.public_id), {f"retry-{check.pk}-why": "A résumé came in."})
    check.refresh_from_db()
    assert (check.result, check.job_state) == (CheckResult.PENDING, JobState.QUEUED)
    event = AuditEvent.objects.get(what="vetting.retry_check")
    assert event.before["result"] == "ATTENTION"
    assert event.after == {"check": "Résumé agrees with the profile", "why": "A résumé came in."}
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(WrongState, match="runs again at this moment"):
        decide(case, by=joan)
    actions.work_check(check_id=check.pk, now=clock.now())
    check.refresh_from_db()
    assert check.result == CheckResult.PASSED
    assert decide(case, by=joan).state == "APPROVED"
    with pytest.raises(WrongState, match="not on us"):
        actions.retry_check(check_id=check.public_id, why="Once more, please.", by=joan, now=NOW)


def test_a_check_that_runs_or_has_no_reason_is_not_run_again(joan):
    check = make_case().checks.first()
    with pytest.raises(WrongState, match="runs already"):
        actions.retry_check(check_id=check.public_id, why="Once more, please.", by=joan, now=NOW)
    done = make_checked_case().checks.first()
    with pytest.raises(Invalid, match="why it shall run again"):
        actions.retry_check(check_id=done.public_id, why="  because ", by=joan, now=NOW)


def test_a_source_that_hangs_again_and_again_is_left_to_a_person_in_other_words(client, joan):
    case = make_case()
    check = case.checks.get(kind=CheckKind.PROFILE)
    error = "celery.exceptions.SoftTimeLimitExceeded: SoftTimeLimitExceeded()"
    Check.objects.filter(pk=check.pk).update(job_state=JobState.PARKED, attempts=8, last_error=error)
    actions.take_over_parked_checks(now=NOW)
    check.refresh_from_db()
    assert (check.result, check.evidence["attempts"]) == (CheckResult.NEEDS_PERSON, 8)
    assert check.explanation.startswith("Its source gave no answer in time")
    assert "After 8 tries:" in client.get(url("case", case)).text


def test_a_file_is_read_beside_what_was_declared_and_that_is_written_down(client, joan):
    expert = make_expert()
    document = make_resume(expert)
    case, other = make_checked_case(expert), make_checked_case()
    assert url("read", case, document.public_id) in client.get(url("case", case)).text
    fragment = client.get(url("read", case, document.public_id), headers={"HX-Request": "true"}).text
    assert "2008 to 2012: residency in internal medicine, Lagos" in fragment
    assert "<html" not in fragment
    assert "<html" in client.get(url("read", case, document.public_id)).text
    assert client.get(url("read", other, document.public_id)).status_code == 404
    assert AuditEvent.objects.filter(what="credentials.open_document", actor_ref=joan.actor_ref).count() == 2


# ------------------------------------------------------------------------------------------------- second opinions


def test_the_second_one_does_not_see_what_the_first_one_would_do(client, joan):
    vera, now = make_vetter("Vera Castillo"), clock.now()
    case = make_checked_case(now=now)
    client.post(url("claim", case))
    asked = {"ask-own_leaning": "DECLINE", "ask-of": str(vera.public_id), "ask-question": "The date on page two."}
    assert client.post(url("opinion_ask", case), asked | {"ask-own_leaning": ""}).status_code == 422
    client.post(url("opinion_ask", case), asked)
    assert "You would: Decline. They do not see it." in client.get(url("case", case)).text
    client.force_login(vera)
    page = client.get(url("case", case)).text
    assert "Joan Abara asks what you would do." in page
    assert "The date on page two." in page
    assert "You would: Decline" not in page
    assert "Joan would" not in page
    assert (
        client.post(url("opinion_give", case), {"opinion-leaning": "APPROVE", "opinion-words": "ok"}).status_code == 422
    )
    client.post(url("opinion_give", case), {"opinion-leaning": "APPROVE", "opinion-words": SECOND})
    client.force_login(joan)
    page = client.get(url("case", case)).text
    assert "They differ" in page
    assert SECOND in page.replace("&#x27;", "'")
    assert Opinion.objects.get().given_by == vera


# ------------------------------------------------------------------------------------------------- appeals


def test_the_expert_reads_the_reason_and_the_clock_and_appeals(client, joan):
    case = make_declined_case(joan, now=clock.now() - timedelta(days=1))
    client.force_login(case.expert.user)
    page = client.get(url("own_case", case)).text
    assert "Do you disagree?" in page
    assert "then the decision stands" in page
    assert "We looked where it is registered" in page
    assert "then the decision stands" in client.get(reverse("vetting:mine")).text
    assert client.post(url("appeal", case), {"text": "No."}).status_code == 422
    assert client.post(url("appeal", case), {"text": OBJECTION})["Location"] == url("own_case", case)
    page = client.get(url("own_case", case)).text
    assert "Your appeal" in page
    assert "Do you disagree?" not in page
    assert "then it goes to the head of the queue" in page


def test_after_seven_days_nothing_offers_an_appeal_any_more(client, joan):
    case = make_declined_case(joan, now=clock.now() - timedelta(days=8))
    client.force_login(case.expert.user)
    assert "Do you disagree?" not in client.get(url("own_case", case)).text
    assert client.post(url("appeal", case), {"text": OBJECTION}).status_code == 409


def test_the_decider_reads_the_appeal_and_cannot_take_it(client, joan):
    now = clock.now()
    case = appeal(make_declined_case(joan, now=now - timedelta(days=2)), now=now)
    make_resume(case.expert)
    page = client.get(url("case", case)).text
    assert OBJECTION in page
    assert "so another person looks at it now" in page
    assert url("claim", case) not in page
    assert client.post(url("claim", case)).status_code == 403
    assert client.post(url("judge", case), {"judge-outcome": "UPHELD", "judge-reason": JUDGEMENT}).status_code == 403
    client.force_login(make_vetter("Vera Castillo"))
    client.post(url("claim", case))
    assert client.post(url("judge", case), {"judge-outcome": "UPHELD", "judge-reason": "no"}).status_code == 422
    client.post(url("judge", case), {"judge-outcome": "APPROVED", "judge-reason": JUDGEMENT})
    assert Appeal.objects.get().is_overturned
    assert "Appeal: Overturned: approve" in client.get("/vetting/decided/").text
    client.force_login(case.expert.user)
    assert "You were right: approved" in client.get(url("own_case", case)).text
    assert "Overturned after your appeal." in client.get(reverse("vetting:mine")).text


# ------------------------------------------------------------------------------------------------- figures


def test_a_percentile_is_a_value_that_was_measured():
    assert [percentile([3, 1, 2], share) for share in (1, 50, 90, 100)] == [1, 2, 3, 3]
    assert percentile([], 50) is None
    assert percentile([5], 90) == 5
    assert percentile(list(range(1, 101)), 90) == 90


def test_shares_are_silent_below_twenty():
    assert share_bps(5, 19, fewest=20) is None
    assert share_bps(5, 20, fewest=20) == 2500
    assert share_bps(1, 3, fewest=1) == 3333
    assert share_bps(0, 0, fewest=0) is None


def test_classes_of_age_end_with_their_day():
    days = [0, 1, 1.01, 2, 3, 7, 7.01]
    assert [age_class(timedelta(days=one)) for one in days] == [0, 0, 1, 1, 2, 3, 4]


def test_turnaround_and_overturns_are_counted_from_rows(joan):
    vera = make_vetter("Vera Castillo")
    decide(make_checked_case(), by=joan)  # an hour
    decide(make_checked_case(now=NOW - timedelta(days=2)), by=joan, now=NOW)
    decide(make_checked_case(), Outcome.ASK_FOR_MORE, by=joan)  # no decision yet
    judge(appeal(make_declined_case(joan)), "APPROVED", by=vera)
    judge(appeal(make_declined_case(joan)), "UPHELD", by=vera)
    appeal(make_declined_case(joan))
    later = NOW + timedelta(days=20)
    found = turnaround(NOW - timedelta(days=1), later)
    assert (found.decided, round(found.median_days, 3), round(found.p90_days, 3)) == (5, 0.042, 2.042)
    figures = public_figures(later)
    assert figures.outcomes == {"APPROVE": 2, "ASK_FOR_MORE": 1, "DECLINE": 3}
    appeals = figures.appeals
    assert (appeals.filed, appeals.judged, appeals.overturned, appeals.waiting, appeals.late) == (3, 2, 1, 1, 1)
    assert (appeals.overturn_bps, figures.turnaround.median_days) == (None, None)
    work = {one.person.full_name: one for one in workloads(later)}
    assert (work["Joan Abara"].decided, work["Joan Abara"].appealed, work["Joan Abara"].overturned) == (6, 3, 1)
    assert (work["Vera Castillo"].judged, work["Vera Castillo"].decided) == (2, 0)


def test_everybody_reads_how_vetting_works_and_too_few_are_not_told(client, joan):
    judge(appeal(make_declined_case(joan)), "APPROVED", by=make_vetter("Vera Castillo"))
    client.logout()
    page = client.get(HOW).text
    assert "too few to tell (1 of 20)" in page
    assert "An appeal is never judged by whoever declined" in page
    assert HOW in client.get("/").text


def test_the_overturn_rate_is_public_from_twenty_on(client, joan, monkeypatch):
    monkeypatch.setattr("experts.vetting.queries.figures.FEWEST_TO_TELL", 1)
    judge(appeal(make_declined_case(joan)), "APPROVED", by=make_vetter("Vera Castillo"))
    figures = public_figures(NOW + timedelta(days=9))
    assert figures.appeals.overturn_bps == 10_000


def test_the_workload_shows_pictures_with_their_numbers_and_only_to_staff(client, joan):
    assert "No case is open" in client.get(WORKLOAD).text
    decide(make_checked_case(now=clock.now()), by=joan, now=clock.now() - timedelta(hours=2))
    make_case(now=clock.now())
    page = client.get(WORKLOAD).text
    assert page.count('role="img"') >= 3
    assert "Show the numbers" in page
    assert "Joan Abara" in page
    client.force_login(make_expert().user)
    assert client.get(WORKLOAD).status_code == 404
