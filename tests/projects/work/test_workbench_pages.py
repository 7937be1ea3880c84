"""The expert's pages without any script: the same fields, the same rules, nothing of the lab's own columns."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.kernel import clock
from projects.hiring.models import Contract
from projects.work.enums import ReviewDecision
from projects.work.models import Assignment, Submission
from tests.factories.projects_labs import browse, make_person
from tests.factories.projects_listings import make_expert, make_gig
from tests.factories.projects_work import (
    answer_to,
    asks,
    claim,
    make_batch,
    make_contract,
    make_submitted,
    review,
    submit,
)


@pytest.fixture
def contract(db) -> Contract:
    return make_contract(make_gig())


@pytest.fixture
def client(contract) -> Client:
    return browse(contract.expert.user)


def url(name: str, assignment: Assignment) -> str:
    return reverse(f"work:{name}", args=[assignment.public_id])


def fields_of(assignment: Assignment, **changes: Any) -> dict[str, Any]:
    """What the browser sends for a whole answer."""
    answer = answer_to(assignment.task)
    data = {"version": assignment.draft_version, "key": str(uuid4()), "then": ""}
    data |= answer["ratings"] | {key: answer[key] for key in ("verdict", "why", "confidence")}
    data |= {f"marks-0-{key}": value for key, value in answer["marks"][0].items()}
    return data | {"marks-TOTAL_FORMS": "3", "marks-INITIAL_FORMS": "0"} | changes


# ------------------------------------------------------------------------------------------------------------ desk


def test_the_desk_teaches_when_there_is_nothing(db):
    expert = make_expert()
    page = browse(expert.user).get(reverse("work:queue")).content.decode()
    assert "No contract yet" in page
    assert "Nothing handed in yet" in page


def test_the_desk_shows_what_can_be_taken_and_takes_it(contract, client):
    make_batch(contract.project, tasks=3)
    assert "3 tasks can be taken" in client.get(reverse("work:queue")).content.decode()

    response = client.post(reverse("work:start", args=[contract.public_id]))

    assignment = Assignment.objects.get()
    assert response.url == url("workbench", assignment)
    assert f"Finish {assignment.task.external_id}" in client.get(reverse("work:queue")).content.decode()


def test_taking_from_an_empty_queue_says_so(contract, client):
    response = client.post(reverse("work:start", args=[contract.public_id]), follow=True)
    assert "There is no task to take right now" in response.content.decode()


def test_nobody_takes_work_under_anothers_contract(contract):
    make_batch(contract.project)
    stranger = browse(make_expert().user)
    assert stranger.post(reverse("work:start", args=[contract.public_id])).status_code == 404
    assert Assignment.objects.count() == 0


def test_the_desk_shows_returned_work_with_its_comment_and_clock(contract, client):
    now = clock.now()
    make_batch(contract.project, tasks=1)
    review(make_submitted(contract, now=now), ReviewDecision.SEND_BACK, comment="Name the limit of potassium.", now=now)
    page = client.get(reverse("work:queue")).content.decode()
    assert "Name the limit of potassium." in page
    assert "2&nbsp;d" in page or "2\xa0d" in page
    assert "then another expert may take it, your time is still paid" in page


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_desk_asks_the_database_the_same_however_long(contract, client, how_many):
    now = clock.now()
    make_batch(contract.project, tasks=4)
    for _ in range(how_many):
        make_submitted(contract, now=now)
    claim(contract, now=now)
    client.get(reverse("work:queue"))
    with asks(of="work_", times=3):
        page = client.get(reverse("work:queue")).content.decode()
    assert page.count("In review") == how_many


# ------------------------------------------------------------------------------------------------------- workbench


def test_the_page_holds_the_prompt_and_never_what_is_for_the_lab_only(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())
    page = client.get(url("workbench", assignment)).content.decode()
    assert assignment.task.prompt["question"] in page
    assert "Potassium" in page
    assert assignment.task.metadata["model"] == "hidden-model-7"
    assert "hidden-model-7" not in page
    assert "Mark every span you would not sign." in page


@pytest.mark.parametrize("name", ["workbench", "skip", "draft", "submit", "compare", "beat", "take_back"])
def test_anothers_task_is_as_absent_as_none(contract, name):
    make_batch(contract.project)
    assignment = claim(contract)
    stranger = browse(make_expert(make_person("Ravi Menezes")).user)
    method = stranger.get if name in {"workbench", "skip"} else stranger.post
    foreign = method(url(name, assignment))
    missing = method(reverse(f"work:{name}", args=[uuid4()]))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    token = re.compile(rb'csrf[a-z]*|value="[A-Za-z0-9]{64}"|"X-CSRFToken": "\w+"|content="20[^"]+"')
    assert token.sub(b"", foreign.content) == token.sub(b"", missing.content)


def test_an_owner_of_the_lab_does_not_see_the_workbench_of_its_expert(contract):
    from tests.factories.projects_labs import owner_of

    make_batch(contract.project)
    assignment = claim(contract)
    assert browse(owner_of(contract.project.lab)).get(url("workbench", assignment)).status_code == 404


def test_a_plain_form_submits_the_answer_with_its_mark(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())

    response = client.post(url("submit", assignment), fields_of(assignment))

    assert response.url == reverse("work:queue")
    assert Submission.objects.get().answer == answer_to(assignment.task)


def test_quoted_words_are_enough_for_a_mark(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())
    data = fields_of(assignment, **{"marks-0-start": "", "marks-0-end": ""})

    client.post(url("submit", assignment), data)

    assert Submission.objects.get().answer["marks"] == answer_to(assignment.task)["marks"]


def test_an_incomplete_answer_comes_back_with_everything_that_was_written(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())
    data = fields_of(assignment, why="Only a few words.", verdict="")

    response = client.post(url("submit", assignment), data)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Choose a verdict." in page
    assert "Only a few words." in page
    assert "Do not start above 5.0 mmol/L." in page
    assert Submission.objects.count() == 0


def test_submit_and_next_brings_the_next_task_in_the_same_answer(contract, client):
    make_batch(contract.project, tasks=2)
    assignment = claim(contract, now=clock.now())

    response = client.post(
        url("submit", assignment), fields_of(assignment, then="next"), headers={"HX-Request": "true"}
    )

    following = Assignment.objects.get(state="WORKING")
    assert response.status_code == 200
    assert response["HX-Push-Url"] == url("workbench", following)
    page = response.content.decode()
    assert following.task.prompt["question"] in page
    assert f"{assignment.task.external_id} is submitted." in page


def test_after_the_last_task_the_script_is_sent_to_the_desk(contract, client):
    make_batch(contract.project, tasks=1)
    assignment = claim(contract, now=clock.now())
    response = client.post(
        url("submit", assignment), fields_of(assignment, then="next"), headers={"HX-Request": "true"}
    )
    assert response["HX-Redirect"] == reverse("work:queue")


def test_the_same_key_submits_once(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())
    data = fields_of(assignment)
    for _ in range(3):
        assert client.post(url("submit", assignment), data).status_code == 302
    assert Submission.objects.count() == 1


# ------------------------------------------------------------------------------------------------------------ draft


def save(client: Client, assignment: Assignment, **changes: Any) -> Any:
    return client.post(
        url("draft", assignment), fields_of(assignment, **changes), headers={"Accept": "application/json"}
    )


def test_the_autosave_answers_with_the_new_version_and_the_time(contract, client):
    make_batch(contract.project)
    assignment = claim(contract)
    response = save(client, assignment, why="Half a sentence")
    facts = response.json()
    assert (response.status_code, facts["version"]) == (200, 1)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", facts["time"])
    assignment.refresh_from_db()
    assert assignment.draft["why"] == "Half a sentence"


def test_a_stale_autosave_is_409_and_the_comparison_shows_both_texts(contract, client):
    make_batch(contract.project)
    assignment = claim(contract)
    save(client, assignment, why="Written on the phone.")
    response = save(client, assignment, why="Written at the desk.")  # still on version 0
    assert (response.status_code, response.json()["version"]) == (409, 1)

    page = client.post(url("compare", assignment), fields_of(assignment, why="Written at the desk."))
    words = page.content.decode()
    assert page.status_code == 409
    assert "phone" in words
    assert "desk" in words
    assert 'name="version" value="1"' in words


def test_keeping_this_windows_version_overwrites_on_purpose(contract, client):
    make_batch(contract.project)
    assignment = claim(contract)
    save(client, assignment, why="Written on the phone.")
    page = client.post(url("compare", assignment), fields_of(assignment, why="Written\nat the desk.")).content.decode()
    form = page[page.index('<form method="post" action="/me/work/') :]
    pairs = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', form, flags=re.DOTALL)
    data = dict(pairs) | {"version": "1"}

    assert client.post(url("draft", assignment), data).status_code == 302

    assignment.refresh_from_db()
    assert assignment.draft["why"].replace("\r\n", "\n") == "Written\nat the desk."
    assert assignment.draft["marks"] == answer_to(assignment.task)["marks"]


def test_a_page_without_its_marks_saves_nothing_over_them(contract, client):
    make_batch(contract.project)
    assignment = claim(contract)
    save(client, assignment)
    response = client.post(url("draft", assignment), {"version": "1", "why": "x"})
    assert response.status_code == 400
    assignment.refresh_from_db()
    assert len(assignment.draft["marks"]) == 1


def test_saving_without_a_script_leads_back_to_the_page(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())
    response = client.post(url("draft", assignment), fields_of(assignment), follow=True)
    assert "The draft is saved." in response.content.decode()
    assert "Do not start above 5.0 mmol/L." in response.content.decode()


# -------------------------------------------------------------------------------------------------- beat, skip, late


def test_a_beat_tells_the_time_and_the_lease(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now() - timedelta(seconds=20))
    facts = client.post(url("beat", assignment), {"visible": "on", "idle": "3"}).json()
    assert 19 <= facts["active"] <= 25
    assert facts["state"] == "WORKING"
    assert client.post(url("beat", assignment), {"visible": "on", "idle": "-1"}).status_code == 400


def test_a_skip_needs_a_reason_and_a_report_needs_words(contract, client):
    make_batch(contract.project)
    assignment = claim(contract, now=clock.now())
    assert client.post(url("skip", assignment), {}).status_code == 422
    assert client.post(url("skip", assignment), {"reason": "BAD_TASK"}).status_code == 422
    assert 'value="BAD_TASK" checked' in re.sub(r' (id|class)="[^"]*"', "", client.get(url("skip", assignment) + "?reason=BAD_TASK").content.decode()).replace(" required", "")  # fmt: skip
    response = client.post(url("skip", assignment), {"reason": "BAD_TASK", "note": "It is cut off."})
    assert response.url == reverse("work:queue")
    assignment.refresh_from_db()
    assert (assignment.state, assignment.skip_note) == ("SKIPPED", "It is cut off.")


def test_after_the_lease_the_page_offers_both_ways(contract, client):
    from projects.work.actions import claims

    now = clock.now()
    make_batch(contract.project)
    assignment = claim(contract, now=now - timedelta(hours=2))
    claims.release_expired(now=now)
    assert "Your lease is over." in client.get(url("workbench", assignment)).content.decode()

    assert client.post(url("take_back", assignment)).url == url("workbench", assignment)
    assignment.refresh_from_db()
    assert assignment.state == "WORKING"


def test_late_work_is_kept_and_the_page_says_so(contract, client):
    from projects.work.actions import claims

    now = clock.now()
    make_batch(contract.project, tasks=1)
    assignment = claim(contract, now=now - timedelta(hours=2))
    claims.release_expired(now=now)
    claim(make_contract(contract.project), now=now)
    assignment.refresh_from_db()

    page = client.post(url("submit", assignment), fields_of(assignment), follow=True).content.decode()

    assert "was submitted late: somebody else has its place now. It is kept and reviewed all the same." in page


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (ReviewDecision.ACCEPT, "Accepted"),
        (ReviewDecision.REJECT, "The marks or the verdict are wrong. The mark is misplaced."),
    ],
)
def test_decided_work_is_read_only_and_says_why(contract, client, decision, words):
    make_batch(contract.project, tasks=1)
    assignment = review(make_submitted(contract), decision, comment="The mark is misplaced.")
    page = re.sub(r"<[^>]+>", "", client.get(url("workbench", assignment)).content.decode())
    assert words in page
    assert "Submit and next" not in page


def test_returned_work_shows_the_comments_and_is_submitted_again(contract, client):
    from projects.work.actions.reviews import Verdict, review_submission
    from tests.factories.projects_labs import owner_of

    now = clock.now()
    make_batch(contract.project, tasks=1)
    assignment = make_submitted(contract, now=now)
    verdict = Verdict(ReviewDecision.SEND_BACK, "Look again.", [("verdict", "This cannot stand.")])
    review_submission(
        assignment_id=assignment.pk, revision=1, verdict=verdict, by=owner_of(contract.project.lab), now=now
    )
    page = client.get(url("workbench", assignment)).content.decode()
    assert "Look again." in page
    assert "This cannot stand." in page
    assert "The verdict:" in page

    assignment.refresh_from_db()
    client.post(url("submit", assignment), fields_of(assignment, why="Above five the remedy must wait; the check after three months comes too late."))  # fmt: skip
    assert Submission.objects.count() == 2


def test_closed_work_takes_no_more_drafts(contract, client):
    make_batch(contract.project, tasks=1)
    assignment = submit(claim(contract))
    response = save(client, assignment)
    assert response.status_code == 409
    assert response.json()["status"] == 409
    assert "version" not in response.json()  # nothing was saved


def test_a_draft_of_another_shape_is_refused_and_breaks_nothing(contract, client):
    make_batch(contract.project, tasks=1)
    assignment = claim(contract, now=clock.now())
    for data in (
        {"version": "x"},
        fields_of(assignment, **{"marks-TOTAL_FORMS": "1e9"}),
        fields_of(assignment, **{"marks-0-start": "99999999999999999999"}),
        fields_of(assignment, why="\x00"),
        fields_of(assignment, accuracy="nine", verdict="<script>"),
    ):
        assert client.post(url("draft", assignment), data).status_code in {302, 400, 409}
    assert json.dumps(Assignment.objects.get().draft)
    assert client.get(url("workbench", assignment)).status_code == 200
