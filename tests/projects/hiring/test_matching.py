"""Who is ranked for a project, by which weights, and how many questions that asks the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import InternalError, transaction
from django.db.models import F

from experts.credentials.enums import LadderStep
from experts.profiles.models import ExpertLanguage
from marketplace.accounts.models import User
from marketplace.kernel.errors import Invalid, NotAllowed
from projects.hiring.actions import invitations
from projects.hiring.actions.matching import publish_weights
from projects.hiring.figures import Record
from projects.hiring.models import MatchWeights
from projects.hiring.queries import matching
from projects.hiring.queries.matching import current_weights, ranking_of
from projects.hiring.queries.records import records, records_of
from tests.factories.experts_profiles import make_conflict
from tests.factories.projects_candidates import invite, make_candidate
from tests.factories.projects_hiring import NOW, make_applicant, make_expert, make_gig, make_lab, owner_of, start
from tests.factories.projects_labs import make_person
from tests.factories.projects_listings import licence

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def names(gig) -> list[str]:
    return [row.key.headline for row in ranking_of(gig, today=TODAY).candidates]


def test_who_meets_more_stands_higher_and_each_part_says_why():
    gig = make_gig(requirements=(licence(),), places_wanted=9)
    make_candidate("declared only", step=LadderStep.DECLARED)
    make_candidate("confirmed", step=LadderStep.CONFIRMED)
    make_candidate("elsewhere", step=LadderStep.CONFIRMED, country="FR")
    make_candidate("few hours", step=LadderStep.CONFIRMED, weekly_hours=5)
    ranking = ranking_of(gig, today=TODAY)
    assert [row.key.headline for row in ranking.candidates] == ["confirmed", "few hours", "elsewhere", "declared only"]
    assert [row.rank for row in ranking.candidates] == [1, 2, 3, 4]
    last = {part.code: part for part in ranking.candidates[-1].parts}
    assert (last["required"].points, last["required"].details[0].note) == ("0", "stands at: declared")
    assert ranking.candidates[1].parts[3].details[0].words == "5 of 10 h a week"
    assert (ranking.weights.version, ranking.found, ranking.is_capped) == (1, 4, False)


def test_people_are_left_out_who_cannot_or_will_not_be_invited():
    lab = make_lab()
    gig = make_gig(lab, places_wanted=9)
    make_candidate("stays")
    make_candidate("not looking", open_to_work=False)
    make_candidate("a lawyer", fields=["law"])
    User.objects.filter(expert=make_candidate("gone")).update(is_active=False)
    make_conflict(make_candidate("in conflict"), lab.name)
    make_conflict(make_candidate("conflict is over"), lab.name, to_month=date(2020, 1, 1))
    start(gig, make_candidate("applies"))
    make_applicant(gig, make_candidate("applied"))
    lab.memberships.create(user=make_candidate("member").user, role="MEMBER", joined_at=NOW)
    invite(gig, make_candidate("invited"))
    invitation = invite(make_gig(lab), make_candidate("mutes"))
    invitations.decline_invitation(invitation_id=invitation.public_id, mute=True, by=invitation.expert.user, now=NOW)
    assert sorted(names(gig)) == ["conflict is over", "stays"]


def test_credentials_that_expired_count_for_nothing():
    gig = make_gig(requirements=(licence(),))
    expert = make_candidate("x", step=LadderStep.CONFIRMED)
    expert.credentials.update(expires_on=TODAY - timedelta(days=1))
    part = ranking_of(gig, today=TODAY).candidates[0].parts[0]
    assert (part.points, part.details[0].note) == ("0", "not among their credentials")


def test_a_capped_pool_says_so_and_takes_the_vetted_first(monkeypatch):
    monkeypatch.setattr(matching, "POOL_MAX", 2)
    gig = make_gig(places_wanted=9)
    for number in range(4):
        make_candidate(f"expert {number}")
    ranking = ranking_of(gig, today=TODAY)
    assert (len(ranking.candidates), ranking.found, ranking.is_capped) == (2, 4, True)
    shown = {row.key.pk for row in ranking.candidates}
    absent = next(row for row in matching.pool_of(gig) if row.pk not in shown)
    assert ranking_of(gig, today=TODAY, only=absent.public_id).of(absent) is not None


def test_pages_follow_each_other_without_gaps():
    gig = make_gig(places_wanted=9)
    for number in range(5):
        make_candidate(f"expert {number}")
    ranking = ranking_of(gig, today=TODAY)
    one, after = ranking.page(None, 2)
    two, then = ranking.page(after, 2)
    three, end = ranking.page(then, 2)
    assert [*one, *two, *three] == ranking.candidates
    assert (end, ranking.page(make_person().public_id, 2)[0]) == (None, one)


def test_a_ranking_asks_as_often_for_three_people_as_for_one(django_assert_num_queries):
    gig = make_gig(requirements=(licence(),), places_wanted=9)
    make_candidate("one", step=LadderStep.CONFIRMED)
    with django_assert_num_queries(10):
        ranking_of(gig, today=TODAY)
    for number in range(2):
        ExpertLanguage.objects.create(expert=make_candidate(f"more {number}"), code="es", level="B2")
    with django_assert_num_queries(10):
        assert len(ranking_of(gig, today=TODAY).candidates) == 3


def test_records_of_all_rooms_are_added_up(monkeypatch):
    monkeypatch.setitem(records, "another room", lambda ids: dict.fromkeys(ids, Record(1, 2, 3, 4)))
    monkeypatch.setitem(records, "a third", lambda ids: dict.fromkeys(ids, Record(10, 20, 30, 40)))
    assert records_of([7]) == {7: Record(11, 22, 33, 44)}


# ------------------------------------------------------------------------------------------------------------ weights


def administrator() -> User:
    person = make_person("Ada Admin")
    User.objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    return User.objects.get(pk=person.pk)


def test_the_next_version_counts_and_the_earlier_one_stays():
    first = current_weights()
    values = first.values
    changed = type(values)(**{name: getattr(values, name) for name in values.__slots__} | {"hours": 33})
    second = publish_weights(values=changed, reason="Hours were too little.", by=administrator(), now=NOW)
    assert (first.version, second.version, current_weights().hours) == (1, 2, 33)
    gig = make_gig()
    make_candidate()
    ranking = ranking_of(gig, today=TODAY)
    assert ranking.weights == second
    assert next(part for part in ranking.candidates[0].parts if part.code == "hours").most == 33


@pytest.mark.parametrize("change", [{"hours": 101}, {"newcomer_percent": 101}, {"accepted": 41}])
def test_weights_out_of_range_are_refused(change):
    values = current_weights().values
    wrong = type(values)(**{name: getattr(values, name) for name in values.__slots__} | change)
    with pytest.raises(Invalid):
        publish_weights(values=wrong, reason="Because.", by=administrator(), now=NOW)


def test_only_administrators_publish_weights_and_with_a_reason():
    values = current_weights().values
    with pytest.raises(NotAllowed):
        publish_weights(values=values, reason="Because.", by=owner_of(make_lab()), now=NOW)
    with pytest.raises(Invalid):
        publish_weights(values=values, reason="  ", by=administrator(), now=NOW)


def test_a_version_of_the_weights_never_changes():
    for deed in (
        lambda: MatchWeights.objects.update(hours=F("hours") + 1),
        lambda: MatchWeights.objects.all().delete(),
    ):
        with pytest.raises((InternalError, Exception), match="never changes"), transaction.atomic():
            deed()
    assert make_expert() is not None
