"""Accommodations: private, answered by somebody else, and seen nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from experts.assessments import actions
from experts.assessments.enums import AccommodationState
from experts.assessments.models import Accommodation
from experts.vetting.models import Check
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_assessments import answer_right, make_ask, make_paper, start, submit
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter
from tests.factories.experts_vetting import make_checked_case

pytestmark = pytest.mark.django_db


def ask(expert, **what):
    facts = {"extra_time": 0, "may_pause": False, "may_write": False, "words": ""} | what
    return actions.ask_accommodation(by=expert.user, now=NOW, **facts)


def reply(request, by, *, grant=True, answer="", **what):
    facts = {"extra_time": 50, "may_pause": False, "may_write": False} | what
    return actions.answer_accommodation(
        request_id=request.public_id, grant=grant, answer=answer, by=by, now=NOW, **facts
    )


def test_a_request_waits_for_one_answer_and_the_answer_is_in_the_trail():
    expert, joan = make_expert(), make_vetter()
    request = ask(expert, extra_time=100, words="I read slowly.")
    with pytest.raises(WrongState, match="waits for an answer"):
        ask(expert, may_pause=True)
    granted = reply(request, joan, extra_time=50)
    assert (granted.state, granted.extra_time, granted.answered_by) == (AccommodationState.GRANTED, 50, joan)
    event = AuditEvent.objects.get(what="assessments.answer_accommodation")
    assert (event.actor_ref, event.after["extra_time"]) == (joan.actor_ref, 50)
    assert "I read slowly" not in str([event.before, event.after])
    assert "granted" in Notification.objects.filter(user=expert.user).latest("pk").title
    with pytest.raises(WrongState):
        reply(request, joan)


def test_a_newer_grant_replaces_the_older_one():
    expert, joan = make_expert(), make_vetter()
    first = reply(ask(expert, extra_time=25), joan)
    second = reply(ask(expert, may_pause=True), joan, may_pause=True)
    first.refresh_from_db()
    assert (first.state, list(expert.accommodations.granted())) == (AccommodationState.WITHDRAWN, [second])


def test_nothing_asked_and_a_no_without_a_reason_are_refused():
    expert = make_expert()
    with pytest.raises(Invalid, match="what you need"):
        ask(expert, words="  ")
    request = ask(expert, may_pause=True)
    with pytest.raises(Invalid, match="at least 20"):
        reply(request, make_vetter(), grant=False, answer="No.")
    done = reply(request, make_vetter(), grant=False, answer="Pauses are not possible in this assessment.")
    assert (done.state, done.may_pause) == (AccommodationState.DECLINED, True)


def test_nobody_answers_their_own_and_only_staff_answer():
    joan = make_vetter()
    request = ask(make_expert(joan), extra_time=25)
    for user in (joan, make_person()):
        with pytest.raises(NotAllowed):
            reply(request, user)
    with pytest.raises(IntegrityError, match="nobody_grants_their_own_accommodation"), transaction.atomic():
        Accommodation.objects.filter(pk=request.pk).update(answered_by=joan)


@pytest.mark.full
def test_it_is_seen_on_no_case_no_script_and_in_no_finding(client):
    paper, expert = make_paper(("SINGLE", "TEXT"), minutes=11), make_expert()
    reply(ask(expert, extra_time=100, words="Migraine."), make_vetter("A Granter"), extra_time=100, answer="Gladly.")
    attempt = start(make_ask(expert), paper)
    answer_right(attempt)
    script = submit(attempt).script
    case = make_checked_case(expert)
    joan = make_vetter("Joan Abara")
    client.force_login(joan)
    client.post(reverse("assessments:script_take", args=[script.public_id]))
    pages = [
        client.get(reverse("vetting:case", args=[case.public_id])).text,
        client.get(reverse("assessments:script", args=[script.public_id])).text,
        client.get(reverse("assessments:scoring")).text,
        str(list(Check.objects.values_list("evidence", "explanation"))),
    ]
    assert expert.user.get_full_name() not in pages[1] + pages[2]
    for page in pages:
        assert [word for word in ("Migraine", "Gladly", "100 %", "extra time", "extra_time") if word in page] == []


def test_when_the_promised_day_passes_staff_are_told_and_the_request_still_waits():
    joan = make_vetter()
    own, request = ask(make_expert(joan), extra_time=25), ask(make_expert(), extra_time=25)
    zero = request.due_at
    assert actions.remind_of_overdue_requests(now=zero) == 2
    assert actions.remind_of_overdue_requests(now=zero) == 0
    request.refresh_from_db()
    assert (request.state, request.due_at - zero) == (AccommodationState.ASKED, timedelta(days=1))
    assert own.about_id == joan.pk
    assert Notification.objects.filter(kind="scoring", user=joan).count() == 1  # of the other one, not of their own
