"""Ratings: once a side, blind until both are given or time is over, answered, reported, and counted with care."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from projects.hiring.actions import ratings
from projects.hiring.actions.ratings import reveal_ratings
from projects.hiring.enums import FlagState, Side
from projects.hiring.models import Rating
from projects.hiring.queries import average_of_lab, ratings_of, track_record_of
from projects.labs.enums import LabRole
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_contracts import SAID, leave, rate, rate_both
from tests.factories.projects_hiring import NOW, at_once, make_contract, make_expert, make_gig, make_lab, owner_of, told
from tests.factories.projects_labs import join, make_person

pytestmark = pytest.mark.django_db
DAYS_14 = timedelta(days=14)


def ended(**facts):
    contract = make_contract(**facts)
    leave(contract)
    return contract


def test_a_running_contract_is_not_rated_and_an_ended_one_for_fourteen_days():
    contract = make_contract()
    with pytest.raises(WrongState, match="A contract is rated once it has ended"):
        rate(contract, Side.EXPERT)
    leave(contract)
    with pytest.raises(WrongState, match="The 14 days in which this contract could be rated are over"):
        rate(contract, Side.EXPERT, now=NOW + DAYS_14)
    assert rate(contract, Side.EXPERT, now=NOW + DAYS_14 - timedelta(seconds=1))


def test_neither_side_reads_the_others_before_both_are_given():
    contract = ended()
    owner, user = owner_of(contract.lab), contract.expert.user
    mine = rate(contract, Side.LAB, stars=2)
    assert mine.revealed_at is None
    assert list(Rating.objects.visible_to(user)) == []
    assert list(Rating.objects.visible_to(owner)) == [mine]
    assert ratings_of(contract, Side.EXPERT, now=NOW).got is None
    assert told(user, "contracts") == ["The lab rated the work: Physician Talent Network"]
    later = NOW + timedelta(hours=1)
    theirs = rate(contract, Side.EXPERT, stars=4, now=later)
    assert {row.revealed_at for row in Rating.objects.all()} == {later}
    assert set(Rating.objects.visible_to(user)) == set(Rating.objects.visible_to(owner)) == {mine, theirs}
    assert ratings_of(contract, Side.EXPERT, now=NOW).got.stars == 2
    assert told(user, "contracts")[-1] == "Physician Talent Network: what the lab says of your work"
    assert told(owner, "candidates")[-1] == "What E-1 says of the work: Physician Talent Network"


def test_a_rating_that_nobody_answers_is_shown_when_the_time_is_over():
    contract = ended()
    given = rate(contract, Side.EXPERT)
    assert reveal_ratings(now=NOW + DAYS_14 - timedelta(seconds=1)) == 0
    assert [reveal_ratings(now=NOW + DAYS_14) for _round in range(2)] == [1, 0]
    given.refresh_from_db()
    assert given.revealed_at == NOW + DAYS_14
    with pytest.raises(WrongState, match="are over"):
        rate(contract, Side.LAB, now=NOW + DAYS_14)


def test_each_side_rates_once_with_one_to_five_and_a_sentence():
    contract = ended()
    for stars, words, sentence in (
        (0, SAID, "one to five"),
        (6, SAID, "one to five"),
        (3, "Good.", "at least a sentence"),
    ):
        with pytest.raises(Refused, match=sentence):
            rate(contract, Side.EXPERT, stars=stars, words=words)
    rate(contract, Side.EXPERT)
    with pytest.raises(WrongState, match="Your side has rated this contract already"):
        rate(contract, Side.EXPERT, stars=1)
    for person in (join(contract.lab, LabRole.REVIEWER), make_person()):
        with pytest.raises(NotAllowed, match="Only the expert of this contract and those who manage"):
            ratings.give_rating(contract_id=contract.public_id, by=person, stars=5, words=SAID, now=NOW)


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_both_sides_rating_at_once_show_both():
    """The contract is locked first: without that each would look for the other's rating before it is there."""
    contract = ended()
    results = at_once(lambda: rate(contract, Side.EXPERT), lambda: rate(contract, Side.LAB))
    assert [type(result).__name__ for result in results] == ["Rating", "Rating"]
    assert Rating.objects.filter(revealed_at__isnull=True).count() == 0


def test_whoever_was_rated_answers_once():
    contract = ended()
    by_lab = rate_both(contract)[1]
    user, owner = contract.expert.user, owner_of(contract.lab)
    with pytest.raises(NotAllowed, match="the rating that your own side gave"):
        ratings.reply_to_rating(rating_id=by_lab.public_id, by=owner, words=SAID, now=NOW)
    ratings.reply_to_rating(rating_id=by_lab.public_id, by=user, words=SAID, now=NOW)
    with pytest.raises(WrongState, match="This rating was answered already"):
        ratings.reply_to_rating(rating_id=by_lab.public_id, by=user, words=SAID, now=NOW)
    assert told(owner, "candidates")[-1] == "An answer to your rating: Physician Talent Network"


def test_nobody_answers_what_they_cannot_read():
    contract = ended()
    given = rate(contract, Side.LAB)
    for act in (ratings.reply_to_rating, ratings.report_rating):
        said = {"words": SAID} if act is ratings.reply_to_rating else {"reason": SAID}
        with pytest.raises(WrongState, match="This rating is not shown"):
            act(rating_id=given.public_id, by=contract.expert.user, now=NOW, **said)


def test_staff_of_neither_side_decide_a_report_and_what_is_taken_away_counts_no_more():
    contract = ended()
    by_lab = rate_both(contract, stars=1)[1]
    user, owner = contract.expert.user, owner_of(contract.lab)
    decide = {"rating_id": by_lab.public_id, "hide": True, "why": "It names a patient, which nobody may.", "now": NOW}
    with pytest.raises(WrongState, match="Nobody reported this rating"):
        ratings.decide_report(by=make_vetter(), **decide)
    ratings.report_rating(rating_id=by_lab.public_id, by=user, reason="It names a patient of mine.", now=NOW)
    with pytest.raises(WrongState, match="reported already"):
        ratings.report_rating(rating_id=by_lab.public_id, by=user, reason="It names a patient of mine.", now=NOW)
    member = make_vetter("Member Person")
    contract.lab.memberships.create(user=member, role=LabRole.MEMBER, joined_at=NOW)
    for person in (owner, member):
        with pytest.raises(NotAllowed):
            ratings.decide_report(by=person, **decide)
    assert track_record_of(contract.expert).average.count == 1
    assert ratings.decide_report(by=make_vetter(), **decide).flag_state == FlagState.HIDDEN
    assert track_record_of(contract.expert).average.count == 0
    with pytest.raises(WrongState, match="This report is hidden now"):
        ratings.decide_report(by=make_vetter(), **decide)
    assert (
        told(user, "contracts")[-1]
        == told(owner, "candidates")[-1]
        == ("A rating was taken away: Physician Talent Network")
    )


def test_a_lab_has_an_average_from_five_ratings_on():
    lab = make_lab()
    for number in range(5):
        assert (average_of_lab(lab).count, average_of_lab(lab).stars) == (number, None)
        contract = make_contract(make_gig(lab), make_expert(f"Expert {number}"))
        leave(contract)
        rate(contract, Side.EXPERT, stars=5 if number else 2)
        assert average_of_lab(lab).count == number  # blind ones do not count
        rate(contract, Side.LAB)
    assert (average_of_lab(lab).count, average_of_lab(lab).stars) == (5, 4.4)


def test_a_track_record_counts_contracts_and_ratings_of_labs():
    contract = ended()
    rate_both(contract, stars=4)
    make_contract(make_gig(make_lab("Tidewater Research")), contract.expert)
    record = track_record_of(contract.expert)
    assert (record.ended, record.running, record.average.count, record.average.stars) == (1, 1, 1, 4.0)
    assert [row.side for row in record.latest] == [Side.LAB]
