"""The pages of staff: the bank with its preview, papers, blind scoring, figures and requests."""

from __future__ import annotations

import pytest
from django.urls import reverse

from experts.assessments import actions
from experts.assessments.enums import AccommodationState, AuthoringState, ScriptState
from experts.assessments.models import Assessment, Guide, Question
from marketplace.accounts.models import User
from marketplace.kernel import clock
from tests.factories.experts_assessments import (
    hand_in,
    make_ask,
    make_guide,
    make_interview,
    make_paper,
    make_question,
    make_script,
    score,
    send_recording,
    start,
    write_all,
)
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_person, make_vetter
from tests.factories.marketplace_accounts import give_second_factor
from tests.support.visiting import get, post, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def joan(client):
    joan = make_vetter("Joan Abara")
    client.force_login(joan)
    return joan


def form_of(row, **facts):
    return {"revision": row.draft_revision, "topic": "Basics", "points": 2, "prompt": "Which *drug* first?",
            "lines": "* Adrenaline\nSalbutamol", "explanation": "Guideline."} | facts  # fmt: skip


def test_a_question_is_written_seen_as_an_expert_sees_it_and_published(client, joan):
    made = post(client, "assessments:question_new", data={"field": field_of("medicine").pk, "kind": "SINGLE"})
    row = Question.objects.get()
    assert made["Location"] == reverse("assessments:question_edit", args=[row.public_id])
    wrong = post(client, "assessments:question_edit", row.public_id, data=form_of(row, lines="Adrenaline\nSalbutamol"))
    assert (wrong.status_code, "a star before the one right option" in wrong.text) == (422, True)
    assert post(client, "assessments:question_edit", row.public_id, data=form_of(row)).status_code == 302
    preview = get(client, "assessments:question_preview", row.public_id).text
    assert "<em>drug</em>" in preview
    assert "Guideline." in preview
    post(client, "assessments:question_publish", row.public_id)
    row.refresh_from_db()
    assert (row.state, row.live.points) == (AuthoringState.PUBLISHED, 2)

    make_paper_of(row)
    attempt = start(make_ask(), Assessment.objects.get(), clock.now())
    client.force_login(attempt.expert.user)
    shown = get(client, "assessments:question", attempt.public_id, 1).text
    body = '<div class="grid gap-4" id="question-body">'
    options = {'value="a"', 'value="b"'}
    assert (
        shown.split('<div id="prompt">')[1].split("</div>")[0]
        == preview.split('<div id="prompt">')[1].split("</div>")[0]
    )
    assert all(option in page.split(body)[1] for page in (shown, preview) for option in options)
    assert "Guideline." not in shown


def make_paper_of(row):
    draft = {"title": "Paper", "intro": "", "minutes": 5, "is_paid": False, "pass_bps": 5000, "attempts": 3,
             "cooling_off_days": 7, "sections": [{"topic": "Basics", "draw": 1}]}  # fmt: skip
    by = make_vetter("An Author")
    paper = actions.create_authored(Assessment, field_id=row.field_id, draft=draft, by=by, now=NOW)
    actions.publish_authored(Assessment, public_id=paper.public_id, by=by, now=NOW)


def test_the_bank_is_narrowed_and_paged(client, joan):
    for kind in ("SINGLE", "TEXT"):
        make_question(kind, prompt=f"About {kind}?")
    page = text_of(client.get("/vetting/questions/"))
    assert "About SINGLE?" in page
    assert "About TEXT?" in page
    narrowed = text_of(client.get("/vetting/questions/?kind=TEXT&state=strange"))
    assert "About SINGLE?" not in narrowed
    assert "No question has this" in text_of(client.get("/vetting/questions/?state=RETIRED"))


def test_the_bank_takes_as_many_queries_for_one_as_for_three(client, joan, django_assert_num_queries):
    for _ in range(3):
        make_question()
        client.get("/vetting/questions/")
        with django_assert_num_queries(13):
            client.get("/vetting/questions/")


@pytest.mark.parametrize("what", ["assessment", "guide"])
def test_a_paper_is_written_and_published_with_its_minutes_counted(client, joan, what):
    make_question()
    post(client, "assessments:paper_new", data={"field": field_of("medicine").pk, "what": what})
    table = Assessment if what == "assessment" else Guide
    row = table.objects.get()
    facts = {"revision": 1, "title": "Basics", "intro": "", "minutes": 31, "pass_percent": 70, "attempts": 3,
             "cooling_off_days": 7, "sections": "1 Basics", "questions": "One?\nTwo?\nThree?\nFour?\nFive {years}?",
             "criteria": "Concrete\nSafe"}  # fmt: skip
    too_long = post(client, "assessments:paper_edit", what, row.public_id, data=facts)
    assert (too_long.status_code, "at most 30 minutes" in too_long.text) == (422, True)
    assert post(client, "assessments:paper_edit", what, row.public_id, data=facts | {"minutes": 20}).status_code == 302
    post(client, "assessments:paper_publish", what, row.public_id)
    page = text_of(get(client, "assessments:paper_edit", what, row.public_id))
    assert "asks 20 of at most 30 unpaid minutes" in page
    assert "Basics" in text_of(client.get("/vetting/papers/"))
    post(client, "assessments:paper_retire", what, row.public_id)
    row.refresh_from_db()
    assert row.state == AuthoringState.RETIRED


def test_a_scorer_sees_the_answer_and_the_rubric_and_no_name(client, joan):
    script = make_script(make_expert(make_person("Imani Okafor")))
    queue = client.get("/vetting/scoring/").text
    post(client, "assessments:script_take", script.public_id)
    page = get(client, "assessments:script", script.public_id).text
    assert "because the baby is six weeks old" in page
    assert "Says that it is unsafe" in page
    assert "Okafor" not in page + queue


def test_marks_are_hidden_until_both_are_in_and_then_shown_with_the_agreement(client, joan):
    script, vera = make_script(), make_vetter("Vera Castillo")
    score(script, vera, 3)
    post(client, "assessments:script_take", script.public_id)
    before = get(client, "assessments:script", script.public_id).text
    assert "Castillo" not in before
    half = post(client, "assessments:script", script.public_id, data={"m-2-a": "2"})
    assert (half.status_code, "Give this a mark." in half.text) == (422, True)
    post(client, "assessments:script", script.public_id, data={"m-2-a": "2", "m-2-b": "3", "comment": "Clear."})
    script.refresh_from_db()
    assert script.state == ScriptState.SETTLED
    page = text_of(get(client, "assessments:script", script.public_id))
    for words in ("Vera Castillo", "Clear.", "Equal marks 50 %", "mean of two", "Kappa is not given"):
        assert words in page


def test_the_first_scorer_waits_without_seeing_anything(client, joan):
    script = make_script()
    score(script, joan, 3)
    page = text_of(get(client, "assessments:script", script.public_id))
    assert "You gave 100 %" in page
    assert "Agreement" not in page
    assert get(client, "assessments:script", script.public_id).context.get("sheets") is None


def test_a_script_that_was_not_taken_shows_nothing(client, joan):
    script = make_script()
    assert get(client, "assessments:script", script.public_id)["Location"] == "/vetting/scoring/"


def test_a_far_apart_pair_sees_that_a_third_person_decides(client, joan):
    script = make_script()
    score(script, make_vetter("Vera Castillo"), 0)
    score(script, joan, 3)
    assert "a third person scores it without seeing this" in text_of(
        get(client, "assessments:script", script.public_id)
    )
    third = make_vetter("Rafael Brandt")
    client.force_login(third)
    post(client, "assessments:script_take", script.public_id)
    assert "Castillo" not in get(client, "assessments:script", script.public_id).text


def test_a_recording_is_heard_by_who_took_the_script(client, joan):
    interview = make_interview()
    write_all(interview)
    recording = send_recording(interview)
    actions.check_recording(recording_id=recording.pk, now=NOW)
    script = hand_in(interview).script
    url = reverse("assessments:script_recording", args=[recording.public_id])
    assert client.get(url).status_code == 404
    post(client, "assessments:script_take", script.public_id)
    assert "answer-1.wav" in get(client, "assessments:script", script.public_id).text
    assert client.get(url)["Content-Disposition"] == 'attachment; filename="answer-1.wav"'


def test_figures_say_how_many_more_answers_they_need(client, joan):
    assert "Nothing is published yet" in client.get("/vetting/statistics/").text
    paper = make_paper(("SINGLE",))
    assert "No answers yet" in client.get("/vetting/statistics/").text
    attempt = start(make_ask(), paper)
    actions.submit_attempt(attempt_id=attempt.public_id, by=attempt.expert.user, now=NOW)
    page = text_of(client.get(f"/vetting/statistics/?field={paper.field_id}"))
    assert "19 more needed" in page
    assert "too few to say how far they agree" in page


def test_a_request_is_answered(client, joan):
    expert = make_expert()
    request = actions.ask_accommodation(
        extra_time=25, may_pause=False, may_write=False, words="More time.", by=expert.user, now=NOW
    )
    assert expert.user.get_full_name() in client.get("/vetting/accommodations/").text
    short = post(
        client, "assessments:request", request.public_id, data={"grant": "no", "extra_time": "0", "answer": "No"}
    )
    assert (short.status_code, "at least 20 characters" in short.text) == (422, True)
    post(client, "assessments:request", request.public_id, data={"grant": "yes", "extra_time": "50", "answer": ""})
    request.refresh_from_db()
    assert (request.state, request.extra_time) == (AccommodationState.GRANTED, 50)


@pytest.mark.parametrize("who", ["an expert", "a superuser"])
def test_who_is_no_vetting_staff_sees_no_script(client, who):
    script, guide = make_script(), make_guide()
    if who == "an expert":
        user = make_expert().user
    else:
        user = User.objects.create_superuser("root@people.example", "x")
        give_second_factor(user)
    client.force_login(user)
    assert get(client, "assessments:script", script.public_id).status_code == 404
    expected = 200 if who == "a superuser" else 404
    assert get(client, "assessments:paper_edit", "guide", guide.public_id).status_code == expected
    assert client.get("/vetting/questions/").status_code == expected
    assert get(client, "assessments:paper_edit", "strange", guide.public_id).status_code == 404
