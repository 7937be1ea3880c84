"""The expert's pages: what is asked, taking it without JavaScript, saving by script, and the result."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experts.assessments import actions
from experts.assessments.enums import AttemptState, InterviewState
from experts.assessments.models import Accommodation, Assessment, Attempt, Guide, Interview, Recording
from marketplace.kernel import clock
from tests.factories.experts_assessments import (
    MINUTE,
    RIGHT,
    answer,
    make_ask,
    make_guide,
    make_paper,
    start,
    submit,
    wav_bytes,
    write_all,
)
from tests.factories.experts_profiles import make_expert, make_person
from tests.support.visiting import get, post, text_of

pytestmark = pytest.mark.django_db
MINE = "/me/assessments/"


@pytest.fixture
def ask(client):
    make_paper(("SINGLE", "ORDERED", "NUMERIC", "MULTIPLE", "TEXT"), minutes=12)
    make_guide(minutes=8)
    ask = make_ask()
    client.force_login(ask.expert.user)
    return ask


def paper_id():
    return Assessment.objects.get().public_id


def begin(client, ask):
    assert "Read and begin" in client.get(MINE).text
    url = reverse("assessments:start", args=[ask.public_id, paper_id()])
    assert client.post(url)["Location"].endswith("/1/")
    return Attempt.objects.get()


def put(client, attempt, position, fields):
    url = reverse("assessments:question", args=[attempt.public_id, position])
    return client.put(url, urlencode(fields, doseq=True), content_type="application/x-www-form-urlencoded")


def test_what_is_asked_says_how_long_why_and_by_whom(client, ask):
    page = text_of(client.get(MINE))
    assert "About 20 of at most 30 unpaid minutes" in page
    assert "a person decides" in page
    paper_page = text_of(client.get(reverse("assessments:start", args=[ask.public_id, paper_id()])))
    for words in ("You pass with 70 %", "You may try 3 times, with 7 days between attempts", "all or nothing",
                  "two people score it on a rubric", "About 20 of at most 30"):  # fmt: skip
        assert words in paper_page


def test_without_javascript_every_kind_is_answered_and_handed_in(client, ask):
    attempt = begin(client, ask)
    sent = [{"chosen": "a"}, {"place_a": "1", "place_b": "2", "place_c": "3"}, {"value": "7,4"}, {"chosen": ["a", "b"]},
            {"text": "Unsafe."}]  # fmt: skip
    for position, fields in enumerate(sent, 1):
        page = get(client, "assessments:question", attempt.public_id, position)
        assert f"Question {position} of 5" in page.text
        then = {"revision": "0", "then": "next"}
        gone = post(client, "assessments:question", attempt.public_id, position, data=fields | then)
        following = (
            reverse("assessments:question", args=[attempt.public_id, position + 1])
            if position < 5
            else (reverse("assessments:attempt", args=[attempt.public_id]))
        )
        assert gone["Location"] == following
    overview = text_of(get(client, "assessments:attempt", attempt.public_id))
    assert "5 of 5 answered" in overview
    post(client, "assessments:submit", attempt.public_id)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SCORING
    shares = attempt.questions.order_by("position").values_list("credit_bps", flat=True)
    assert list(shares) == [10_000, 10_000, 10_000, 10_000, None]
    page = text_of(get(client, "assessments:attempt", attempt.public_id))
    assert "Your texts are with two people" in page
    assert [word for word in ("wronger", "A textbook says so", "third") if word in page] == []


def test_the_script_saves_with_put_and_is_told_what_is_left(client, ask):
    attempt = begin(client, ask)
    saved = put(client, attempt, 1, {"chosen": "b", "revision": 0})
    assert (saved.status_code, saved.json()["revision"]) == (200, 1)
    assert 700 < saved.json()["left"] <= 720
    stale = put(client, attempt, 1, {"chosen": "c", "revision": 0})
    assert (stale.status_code, stale.json()["revision"]) == (409, 1)
    assert attempt.questions.get(position=1).answer == {"chosen": ["b"]}
    page = get(client, "assessments:question", attempt.public_id, 1).text
    assert 'value="b" checked' in page
    assert 'name="revision" value="1"' in page


def test_two_windows_without_javascript_see_both_answers(client, ask):
    attempt = begin(client, ask)
    post(client, "assessments:question", attempt.public_id, 1, data={"chosen": "b", "revision": "0"})
    page = post(client, "assessments:question", attempt.public_id, 1, data={"chosen": "c", "revision": "0"})
    assert page.status_code == 409
    assert "Another window saved this question first" in page.text
    assert "wrong" in text_of(page)
    assert 'value="c" checked' in page.text
    done = post(client, "assessments:question", attempt.public_id, 1, data={"chosen": "c", "revision": "1"})
    assert done.status_code == 302
    assert attempt.questions.get(position=1).answer == {"chosen": ["c"]}


def test_after_the_time_nothing_is_saved_and_the_page_says_so(client, ask):
    attempt = begin(client, ask)
    Attempt.objects.update(started_at=clock.now() - 20 * MINUTE, deadline_at=clock.now() - MINUTE)
    late = put(client, attempt, 1, {"chosen": "a", "revision": 0})
    assert (late.status_code, late["Content-Type"].startswith("text/html")) == (409, True)
    there = get(client, "assessments:question", attempt.public_id, 1)
    assert there["Location"] == reverse("assessments:attempt", args=[attempt.public_id])
    assert "The time is up" in client.get(there["Location"]).text
    post(client, "assessments:submit", attempt.public_id)
    page = text_of(client.get(there["Location"]))
    assert "Time ran out" in page
    assert "You can try again from" in page
    assert "2 attempts are left" in page


def test_a_reload_shows_the_true_time_left(client, ask):
    attempt = begin(client, ask)
    Attempt.objects.update(
        started_at=clock.now() - 9 * MINUTE, deadline_at=clock.now() + timedelta(seconds=125, milliseconds=500)
    )
    page = get(client, "assessments:question", attempt.public_id, 2).text
    left = int(page.split('data-remaining="')[1].split('"')[0])
    assert 120 <= left <= 125


def test_an_attempt_of_somebody_else_is_as_if_it_were_not_there(client, ask):
    attempt = begin(client, ask)
    client.force_login(make_expert(make_person("Another")).user)
    for name in ("attempt", "submit", "pause", "resume"):
        method = client.get if name == "attempt" else client.post
        assert method(reverse(f"assessments:{name}", args=[attempt.public_id])).status_code == 404
    assert put(client, attempt, 1, {"chosen": "a", "revision": 0}).status_code == 404
    assert client.get(reverse("assessments:start", args=[ask.public_id, paper_id()])).status_code == 404


def test_a_page_that_is_too_old_is_said_to_be_and_changes_nothing(client, ask):
    attempt = begin(client, ask)
    assert post(client, "assessments:question", attempt.public_id, 1, data={"chosen": "a"}).status_code == 400
    assert get(client, "assessments:question", attempt.public_id, 99).status_code == 404


def test_an_accommodation_is_asked_for_and_withdrawn(client, ask):
    url = reverse("assessments:accommodations")
    assert client.post(url, {"extra_time": "0"}).status_code == 422
    client.post(url, {"extra_time": "50", "may_pause": "on", "words": ""})
    request = Accommodation.objects.get()
    assert (request.extra_time, request.may_pause) == (50, True)
    page = text_of(client.get(url))
    assert "50 % extra time" in page
    client.post(reverse("assessments:withdraw", args=[request.public_id]))
    assert "Your request waits" not in client.get(url).text


def test_the_interview_is_written_spoken_and_handed_in(client, ask):
    url = reverse("assessments:interview_start", args=[ask.public_id, Guide.objects.get().public_id])
    assert "No program writes, asks or judges" in client.get(url).text
    assert client.post(url).status_code == 302
    interview = Interview.objects.get()
    post(client, "assessments:interview_answer", interview.public_id, 1, data={"text": "Mine.", "revision": "0"})
    stale = post(
        client, "assessments:interview_answer", interview.public_id, 1, data={"text": "Other.", "revision": "0"}
    )
    assert (stale.status_code, "Another window saved this answer first" in stale.text) == (409, True)
    refused = client.post(
        reverse("assessments:interview_upload", args=[interview.public_id, 2]),
        {"file": SimpleUploadedFile("voice.wav", b"not a voice")},
    )
    assert (refused.status_code, "its content is something else" in refused.text) == (422, True)
    client.post(
        reverse("assessments:interview_upload", args=[interview.public_id, 2]),
        {"file": SimpleUploadedFile("voice of imani.wav", wav_bytes())},
    )
    recording = Recording.objects.get()
    page = text_of(get(client, "assessments:interview", interview.public_id))
    assert "answer-2.wav" in page
    assert "voice of imani" not in page
    assert client.get(reverse("assessments:recording", args=[recording.public_id])).status_code == 409
    actions.check_recording(recording_id=recording.pk, now=clock.now())
    sent = client.get(reverse("assessments:recording", args=[recording.public_id]))
    assert (sent["Content-Disposition"], sent["X-Content-Type-Options"], sent["Cache-Control"]) == (
        'attachment; filename="answer-2.wav"', "nosniff", "no-store, private",
    )  # fmt: skip
    assert "sandbox" in sent["Content-Security-Policy"]
    assert b"".join(sent) == wav_bytes()
    assert post(client, "assessments:interview_submit", interview.public_id).status_code == 400  # question 3 is empty
    write_all(interview)
    post(client, "assessments:interview_submit", interview.public_id)
    interview.refresh_from_db()
    assert interview.state == InterviewState.SCORING
    assert "Two people score it" in text_of(get(client, "assessments:interview", interview.public_id))


def test_my_results_stand_together_with_the_next_date(client, ask):
    now = clock.now()
    attempt = start(ask, Assessment.objects.get(), now)
    answer(attempt, 1, RIGHT["SINGLE"], now)
    submit(attempt, now)
    page = text_of(client.get(MINE))
    assert "20 %" in page
    assert "Next attempt from" in page
    assert "Not passed yet" in page
