"""Staff merge and retire fields: whoever names one follows, and nothing is lost on the way."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from experts.profiles.actions import edit_profile, merge_field, restore_field, retire_field
from experts.profiles.actions.taxonomy import deliver_event
from experts.profiles.models import Field, ProfileEvent
from experts.profiles.queries import field_groups, match_fields
from experts.vetting.models import Case
from experts.vetting.queries import askable_fields
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from projects.listings.models import Project
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_person, make_vetter
from tests.factories.experts_vetting import make_case
from tests.factories.projects_listings import make_gig, vetted_in
from tests.support.races import Beside, waits_for_a_lock

pytestmark = pytest.mark.django_db


def merge(one, other, by=None):
    return merge_field(field_id=field_of(one).pk, into_id=field_of(other).pk, by=by or make_vetter(), now=NOW)


def years(expert):
    return dict(expert.field_entries.values_list("field__code", "years"))


def test_profiles_cases_and_gigs_follow_a_merge():
    only, both = make_expert(fields=["poker"]), make_expert(make_person("Bo Both"), fields=["poker", "bridge"])
    both.field_entries.filter(field=field_of("poker")).update(years=14)
    case = make_case(only, field="poker")
    gig = make_gig(None, "poker", "chess", requirements=(vetted_in("poker"),))
    merge("poker", "bridge")
    assert (years(only), years(both)) == ({"bridge": 10}, {"bridge": 14})
    case.refresh_from_db()
    assert case.field.code == "bridge"
    assert sorted(gig.fields.values_list("code", flat=True)) == ["bridge", "chess"]
    assert [row.field.code for row in gig.requirements.all()] == ["bridge"]
    poker = field_of("poker")
    assert (poker.merged_into.code, poker.retired_at) == ("bridge", NOW)
    assert AuditEvent.objects.get(what="profiles.merge_field").after["into"] == "bridge"


def test_the_words_of_a_merged_field_find_the_other():
    merge("poker", "bridge")
    offered = list(Field.objects.offered().in_reading_order())
    for words in ("Poker", "texas hold'em"):
        assert [field.code for field in match_fields(words, offered)] == ["bridge"]


def test_a_gig_is_found_by_the_words_that_came_along():
    gig = make_gig(None, "bridge")
    merge("poker", "bridge")
    assert "poker" not in Project.objects.get(pk=gig.pk).search_text
    assert deliver_event(event_id=ProfileEvent.objects.get().pk, now=NOW) is True
    assert "poker" in Project.objects.get(pk=gig.pk).search_text


def test_specialties_move_below_the_other_and_a_merge_may_go_on():
    merge("games", "arts")
    assert field_of("chess").parent.code == "arts"
    assert field_of("chess").tree_order.startswith(field_of("arts").tree_order)
    merge("arts", "humanities")
    assert field_of("games").merged_into.code == "humanities"


def test_two_open_cases_of_one_person_are_not_made_one():
    expert = make_expert(fields=["poker", "bridge"])
    for code in ("poker", "bridge"):
        make_case(expert, field=code)
    with pytest.raises(Refused, match="exist in both fields"):
        merge("poker", "bridge")
    assert sorted(Case.objects.values_list("field__code", flat=True)) == ["bridge", "poker"]
    assert field_of("poker").retired_at is None


@pytest.mark.parametrize(
    ("one", "other", "error", "words"),
    [
        ("poker", "poker", Refused, "into itself"),
        ("games", "chess", Refused, "is a specialty of"),
        ("games", "cardiology", Refused, "have no place"),
        ("poker", "go-game", WrongState, "out of use"),
    ],
)
def test_what_cannot_be_merged_is_refused_in_words(one, other, error, words):
    retire_field(field_id=field_of("go-game").pk, by=make_vetter(), now=NOW)
    with pytest.raises(error, match=words):
        merge(one, other, by=make_vetter("Vera"))


def test_a_retired_field_stays_where_it_was_chosen_and_is_offered_to_nobody():
    expert, vetter = make_expert(fields=["poker"]), make_vetter()
    poker = field_of("poker")
    retire_field(field_id=poker.pk, by=vetter, now=NOW)
    edit_profile(expert_id=expert.public_id, fields={poker.pk: 3}, by=expert.user, now=NOW)
    assert years(expert) == {"poker": 3}
    other = make_expert(make_person("Ola Other"))
    with pytest.raises(Invalid, match="no longer in our list"):
        edit_profile(expert_id=other.public_id, fields={poker.pk: 3}, by=other.user, now=NOW)
    assert years(other) == {"cardiology": 10}
    assert askable_fields(expert) == []
    assert poker not in [field for _top, below in field_groups() for field in below]
    assert poker in [field for _top, below in field_groups(keeping=[poker.pk]) for field in below]
    restore_field(field_id=poker.pk, by=vetter, now=NOW)
    assert [field.code for field in askable_fields(expert)] == ["poker"]


def test_a_field_with_specialties_is_not_retired_and_a_merged_one_not_restored():
    vetter = make_vetter()
    with pytest.raises(Refused, match="specialties that are offered"):
        retire_field(field_id=field_of("games").pk, by=vetter, now=NOW)
    merge("poker", "bridge", by=vetter)
    with pytest.raises(WrongState, match="was merged into"):
        restore_field(field_id=field_of("poker").pk, by=vetter, now=NOW)


def test_only_those_who_keep_the_taxonomy_merge_and_retire():
    person = make_person()
    with pytest.raises(NotAllowed):
        merge("poker", "bridge", by=person)
    with pytest.raises(NotAllowed):
        retire_field(field_id=field_of("poker").pk, by=person, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_who_chooses_a_field_while_it_is_merged_away_is_told_so():
    """Whoever merges holds the field's lock; the choice waits there, and finds the field gone. Then a control without it."""
    expert, vetter, poker = make_expert(), make_vetter(), field_of("poker")

    def choose():
        edit_profile(expert_id=expert.public_id, fields={poker.pk: 3}, by=expert.user, now=NOW)

    with transaction.atomic():
        locked = Field.objects.select_for_update().get(pk=poker.pk)
        beside = Beside(choose)
        assert waits_for_a_lock(beside)
        locked.retired_at = NOW
        locked.save()
    with pytest.raises(Invalid, match="no longer in our list"):
        beside.done()
    assert years(expert) == {"cardiology": 10}
    restore_field(field_id=poker.pk, by=vetter, now=NOW)
    choose()
    assert years(expert) == {"poker": 3}


# -------------------------------------------------------------------------------------------------------------- pages


@pytest.fixture
def vera(client):
    vera = make_vetter("Vera Castillo")
    client.force_login(vera)
    return vera


def open_page(name, *args):
    return reverse(f"profiles:taxonomy{name}", args=args)


@pytest.mark.usefixtures("vera")
def test_staff_find_a_field_change_its_words_and_add_another(client):
    make_expert(fields=["poker"])
    page = client.get(open_page("")).text
    assert "185 fields" in page
    found = client.get(open_page(""), {"q": "pokre"}).text
    assert ("texas hold" in found, "1 field" in found) == (True, True)
    data = {"name": "Poker and cards", "parent": field_of("games").pk, "synonyms": "cards\n\n poker \n", "position": ""}
    assert client.post(open_page("_field", "poker"), data)["Location"] == open_page("_field", "poker")
    poker = field_of("poker")
    assert (poker.name, poker.synonyms, poker.position) == ("Poker and cards", ["cards", "poker"], 30)
    assert client.post(open_page("_add"), {"name": "Alchemy", "synonyms": ""})["Location"] == open_page(
        "_field", "alchemy"
    )
    assert client.post(open_page("_remove", "alchemy"))["Location"] == open_page("")
    assert client.post(open_page("_field", "poker"), {"name": ""}).status_code == 422


@pytest.mark.usefixtures("vera")
def test_staff_merge_retire_and_restore_on_the_page(client):
    assert "Write the whole name of one of" in client.post(open_page("_merge", "poker"), {"into": "translator"}).text
    assert "No other field is called that." in client.post(open_page("_merge", "poker"), {"into": "qqqq"}).text
    client.post(open_page("_retire", "chess"))
    assert "Offer it again" in client.get(open_page("_field", "chess")).text
    assert "1 field" in client.get(open_page(""), {"retired": "on"}).text
    client.post(open_page("_restore", "chess"))
    assert client.post(open_page("_merge", "poker"), {"into": "Chess"})["Location"] == open_page("_field", "chess")
    assert "Everything that named it names Chess now." in client.get(open_page("_field", "poker")).text
    assert client.get("/fields/poker/")["Location"] == "/fields/chess/"


def test_the_taxonomy_is_no_page_for_anybody_else(client):
    client.force_login(make_expert().user)
    assert client.get(open_page("")).status_code == client.get(open_page("_add")).status_code == 404
    for name in ("_field", "_merge", "_retire", "_restore", "_remove"):
        assert client.post(open_page(name, "poker"), {"into": "Chess", "name": "x"}).status_code == 404
    assert field_of("poker").name == "Poker"
