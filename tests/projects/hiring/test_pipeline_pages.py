"""The pipeline as a table, a board and a file: the same people, and as many queries for many as for few."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest

from projects.hiring.actions import applications
from projects.hiring.enums import ApplicationState
from projects.hiring.models import Application
from projects.hiring.queries.pipeline import COLUMN, Wanted, board_of, pipeline, pipeline_after
from projects.labs.enums import LabRole
from tests.factories.projects_candidates import give_card, hold
from tests.factories.projects_hiring import (
    NOW,
    accept,
    make_applicant,
    make_expert,
    make_gig,
    make_offer,
    owner_of,
    sign,
)
from tests.factories.projects_labs import browse, join, questions_of
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def applicant(gig, name: str, *, hours: int = 0) -> Application:
    return make_applicant(gig, make_expert(name, headline=name), now=NOW - timedelta(hours=hours))


def shortlist(row: Application) -> Application:
    return applications.shortlist_application(application_id=row.public_id, by=owner_of(row.project.lab), now=NOW)


def test_the_board_has_a_column_for_each_state_with_the_most_urgent_on_top():
    gig = make_gig(places_wanted=9)
    late, early = applicant(gig, "late", hours=1), applicant(gig, "early", hours=9)
    listed, hired = shortlist(applicant(gig, "listed")), applicant(gig, "hired")
    accept(sign(make_offer(hired)))
    gone = applicant(gig, "gone")
    applications.withdraw_application(application_id=gone.public_id, by=gone.expert.user, now=NOW)
    board = board_of(gig.lab, owner_of(gig.lab))
    assert [(column.state, column.count, column.rows) for column in board.columns] == [
        (ApplicationState.SUBMITTED, 2, [early, late]), (ApplicationState.SHORTLISTED, 1, [listed]),
        (ApplicationState.OFFERED, 0, []), (ApplicationState.HIRED, 1, [hired]),
    ]  # fmt: skip
    assert board.ended == 1
    words = text_of(get(browse(owner_of(gig.lab)), "hiring:board", gig.lab.slug))
    assert words.index("early") < words.index("late")
    assert "1 application ended: declined, withdrawn or lapsed" in words
    assert hired.expert.user.full_name in words


def test_a_column_shows_the_first_and_links_to_the_rest(monkeypatch):
    monkeypatch.setattr("projects.hiring.queries.pipeline.COLUMN", 1)
    gig = make_gig(places_wanted=9)
    for number in range(3):
        applicant(gig, f"expert {number}", hours=number)
    column = board_of(gig.lab, owner_of(gig.lab)).columns[0]
    assert (len(column.rows), column.more) == (1, 2)
    assert "2 more in the table" in text_of(get(browse(owner_of(gig.lab)), "hiring:board", gig.lab.slug))
    assert COLUMN == 15


def test_a_move_on_the_board_is_one_button_and_leads_back_to_the_board():
    row = applicant(make_gig(), "x")
    lab = row.project.lab
    client = browse(owner_of(lab))
    assert "To the shortlist" in text_of(get(client, "hiring:board", lab.slug))
    answer = post(client, "hiring:shortlist", lab.slug, row.public_id, data={"back": "board"})
    assert answer["Location"] == f"/lab/{lab.slug}/candidates/board/"
    reader = text_of(get(browse(join(lab, LabRole.REVIEWER)), "hiring:board", lab.slug))
    assert "Make an offer" not in reader


@pytest.mark.parametrize(
    ("sort", "order"),
    [("", ["old", "mid", "new"]), ("newest", ["new", "mid", "old"]), ("oldest", ["old", "mid", "new"])],
)
def test_orders_go_on_where_the_page_before_stopped(sort, order):
    gig = make_gig(places_wanted=9)
    for name, hours in (("mid", 5), ("old", 9), ("new", 0)):
        applicant(gig, name, hours=hours)
    rows = pipeline(gig.lab, owner_of(gig.lab), Wanted(sort=sort))
    assert [row.expert.headline for row in rows] == order
    for number, row in enumerate(rows):
        assert [one.expert.headline for one in pipeline_after(rows, row.pk, sort)] == order[number + 1 :]


def test_filters_find_words_and_what_one_has_not_scored():
    gig = make_gig(places_wanted=9)
    owner = owner_of(gig.lab)
    applicant(gig, "Cardiologist")
    give_card(applicant(gig, "Nephrologist"), owner)
    client = browse(owner)
    path = f"/lab/{gig.lab.slug}/candidates/"
    assert "Nephrologist" not in text_of(client.get(path, {"q": "cardio"}))
    assert "Nephrologist" not in text_of(client.get(path, {"unscored": "on"}))
    assert "Nobody fits" in text_of(client.get(path, {"q": "botanist"}))
    assert "3.0 of 4, 1 scorecard" in text_of(client.get(path, {"sort": "newest"}))


def test_the_file_has_what_the_table_shows_and_runs_no_formula():
    gig = make_gig(places_wanted=9)
    applicant(gig, "=SUM(A1)", hours=2)
    hired = applicant(gig, "hired", hours=1)
    accept(sign(make_offer(hired)))
    shortlist(applicant(gig, "listed"))
    client = browse(owner_of(gig.lab))
    answer = client.get(f"/lab/{gig.lab.slug}/candidates/file.csv", {"sort": "oldest"})
    lines = list(csv.reader(StringIO(b"".join(answer).decode())))
    assert [line[1] for line in lines] == ["candidate", "'=SUM(A1)", hired.expert.user.full_name, "listed"]
    only = client.get(f"/lab/{gig.lab.slug}/candidates/file.csv", {"state": "SHORTLISTED"})
    assert len(b"".join(only).decode().splitlines()) == 2


def test_foreign_labs_find_nothing():
    row = applicant(make_gig(), "x")
    foreign = browse(owner_of(make_gig().lab))
    for name in ("hiring:candidates", "hiring:board", "hiring:candidates_csv"):
        assert get(foreign, name, row.project.lab.slug).status_code == 404
    assert post(foreign, "hiring:bulk", row.project.lab.slug).status_code == 404


def test_pages_ask_as_often_for_three_candidates_as_for_one():
    gig = make_gig(places_wanted=9)
    client, asked = browse(owner_of(gig.lab)), []
    for number in range(3):
        row = applicant(gig, f"expert {number}")
        give_card(row, owner_of(gig.lab))
        hold(row)
        paths = [f"/lab/{gig.lab.slug}/candidates/{rest}" for rest in ("", "board/")]
        asked.append([questions_of(client, path) for path in paths])
    assert asked[0] == asked[1] == asked[2]
