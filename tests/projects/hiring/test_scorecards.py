"""Notes and scorecards: several people, each without seeing the others first, and never about oneself."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from projects.hiring.actions import applications, reviewing
from projects.hiring.enums import DEFAULT_CRITERIA, DeclineCode
from projects.hiring.models import CandidateNote, Scorecard, ScorecardMark
from projects.hiring.queries.reviewing import criteria_of, notes_about, scores_of
from projects.labs.enums import LabRole
from tests.factories.projects_candidates import REASON, give_card
from tests.factories.projects_hiring import NOW, make_applicant, make_gig, owner_of
from tests.factories.projects_labs import browse, join
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_nobody_sees_a_card_before_they_have_given_their_own():
    row = make_applicant(make_gig())
    one, two = owner_of(row.project.lab), join(row.project.lab, LabRole.REVIEWER)
    give_card(row, one, 4, 4, 3, 3, words="Sharp on potassium.")
    blind = scores_of(row, two)
    assert (blind.count, blind.cards, blind.average, blind.is_blind) == (1, [], None, True)
    own = give_card(row, two, 2, 2, 2, 2)
    seen = scores_of(row, two)
    assert (seen.count, seen.own, seen.average, len(seen.cards)) == (2, own, 2.75, 2)
    page = text_of(get(browse(two), "hiring:candidate", row.project.lab.slug, row.public_id))
    assert "Sharp on potassium." in page
    assert "2.8 of 4 on average." in page


def test_a_blind_reader_finds_nothing_on_any_page():
    row = make_applicant(make_gig())
    give_card(row, owner_of(row.project.lab), 1, 1, 1, 1, words="A sentence that gives it away.")
    client = browse(join(row.project.lab, LabRole.REVIEWER))
    lab = row.project.lab
    pages = [
        get(client, "hiring:candidate", lab.slug, row.public_id), get(client, "hiring:candidates", lab.slug),
        get(client, "hiring:board", lab.slug),
    ]  # fmt: skip
    for page in pages:
        assert "gives it away" not in text_of(page)
        assert "1.0 of 4" not in text_of(page)
    assert "1 scorecard, yours is missing" in text_of(pages[1])
    assert "1 colleague has scored this candidate." in text_of(pages[0])


def test_once_it_is_decided_everybody_of_the_lab_sees_the_cards():
    row = make_applicant(make_gig())
    give_card(row, owner_of(row.project.lab))
    applications.decline_application(
        application_id=row.public_id, by=owner_of(row.project.lab), code=DeclineCode.OTHER, reason=REASON, now=NOW
    )
    row.refresh_from_db()
    assert scores_of(row, join(row.project.lab, LabRole.MEMBER)).average == 3
    with pytest.raises(WrongState, match="decided"):
        give_card(row, join(row.project.lab, LabRole.REVIEWER))


def test_a_card_is_given_once_with_a_mark_for_each_criterion():
    row = make_applicant(make_gig())
    by = owner_of(row.project.lab)
    for marks in ((3, 3, 3), (3, 3, 3, 5), (0, 3, 3, 3)):
        with pytest.raises(Invalid):
            give_card(row, by, *marks)
    card = give_card(row, by, 1, 2, 3, 4)
    assert [(mark.criterion, mark.mark) for mark in card.marks.order_by("position")] == list(
        zip(DEFAULT_CRITERIA, (1, 2, 3, 4), strict=True)
    )
    with pytest.raises(WrongState):
        give_card(row, by)
    with pytest.raises(IntegrityError, match="candidate_is_scored_once_by_each_member"), transaction.atomic():
        Scorecard.objects.create(application=row, about=row.expert.user, scorer=by, given_at=NOW)
    with pytest.raises(IntegrityError, match="scorecard_mark_is_from_1_to_4"), transaction.atomic():
        ScorecardMark.objects.update(mark=5)


def test_nobody_scores_or_reads_about_themselves():
    row = make_applicant(make_gig())
    lab, me = row.project.lab, row.expert.user
    give_card(row, owner_of(lab), words="Between us.")
    reviewing.add_note(application_id=row.public_id, text="Also between us.", by=owner_of(lab), now=NOW)
    lab.memberships.create(user=me, role=LabRole.REVIEWER, joined_at=NOW)
    with pytest.raises(NotAllowed):
        give_card(row, me)
    with pytest.raises(IntegrityError, match="nobody_scores_their_own_application"), transaction.atomic():
        Scorecard.objects.create(application=row, about=me, scorer=me, given_at=NOW)
    assert not CandidateNote.objects.visible_to(me).exists()
    assert not Scorecard.objects.visible_to(me).exists()
    page = text_of(get(browse(me), "hiring:candidate", lab.slug, row.public_id))
    assert "This application is your own." in page
    assert "between us" not in page.lower()


def test_members_who_only_read_and_other_labs_write_nothing():
    row = make_applicant(make_gig())
    other = make_applicant(make_gig())
    for by in (join(row.project.lab, LabRole.MEMBER), owner_of(other.project.lab)):
        with pytest.raises(NotAllowed):
            give_card(row, by)
        with pytest.raises(NotAllowed):
            reviewing.add_note(application_id=row.public_id, text="Hello", by=by, now=NOW)
    assert not notes_about(row, owner_of(other.project.lab)).exists()


def test_several_people_note_and_each_removes_their_own():
    row = make_applicant(make_gig())
    lab = row.project.lab
    one, two = owner_of(lab), join(lab, LabRole.REVIEWER)
    key = [lab.slug, row.public_id]
    for by, text in ((one, "Ask about the grid."), (two, "Answered well.")):
        assert post(browse(by), "hiring:note_add", *key, data={"note-text": text}).status_code == 302
    assert [note.text for note in notes_about(row, one)] == ["Answered well.", "Ask about the grid."]
    note = notes_about(row, one).first()
    assert post(browse(one), "hiring:note_remove", *key, note.public_id).status_code == 403
    assert post(browse(two), "hiring:note_remove", *key, note.public_id).status_code == 302
    assert [note.text for note in notes_about(row, one)] == ["Ask about the grid."]
    assert post(browse(one), "hiring:note_add", *key, data={"note-text": ""}).status_code == 400
    expert = browse(row.expert.user)
    assert "Ask about the grid." not in text_of(get(expert, "hiring:application", row.public_id))


def test_what_is_scored_is_the_labs_word_and_given_cards_keep_theirs():
    row = make_applicant(make_gig())
    owner, project = owner_of(row.project.lab), row.project
    give_card(row, owner)
    client = browse(owner)
    address = [project.lab.slug, project.public_id]
    assert "Knows the field" in text_of(get(client, "hiring:criteria", *address))
    post(client, "hiring:criteria", *address, data={"texts": "Reads echoes\n\n  Writes   clearly \n"})
    assert criteria_of(project) == ["Reads echoes", "Writes clearly"]
    assert ScorecardMark.objects.order_by("position").first().criterion == "Knows the field"
    reviewer = join(project.lab, LabRole.REVIEWER)
    with pytest.raises(Invalid, match="changed a moment ago"):
        give_card(row, reviewer)
    for wrong in ([], ["a"] * 9, ["Same", "same"]):
        with pytest.raises(Invalid):
            reviewing.set_criteria(project_id=project.public_id, texts=wrong, by=owner, now=NOW)
    assert get(browse(reviewer), "hiring:criteria", *address).status_code == 403


def test_the_page_takes_a_card_as_people_give_it():
    row = make_applicant(make_gig())
    client, key = browse(owner_of(row.project.lab)), [row.project.lab.slug, row.public_id]
    seen = "\n".join(DEFAULT_CRITERIA)
    marks = {f"score-mark_{number}": "3" for number in range(4)}
    answer = post(client, "hiring:score", *key, data=marks | {"score-seen": seen, "score-mark_2": ""})
    assert answer.status_code == 400
    answer = post(client, "hiring:score", *key, data=marks | {"score-seen": seen, "score-words": "Good."})
    assert answer.status_code == 302
    assert Scorecard.objects.get().average == 3
