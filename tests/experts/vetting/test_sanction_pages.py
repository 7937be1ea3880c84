"""The queue of sanctions hits, a hit side by side, and the confirmations that run out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from experts.credentials import actions as credential_actions
from experts.registries.enums import Register
from experts.vetting import actions
from experts.vetting.enums import HitState, Verdict
from experts.vetting.models import Hit
from tests.factories.experts_credentials import make_licence
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter
from tests.factories.experts_registries import alias, entry, import_list
from tests.factories.experts_vetting import make_case

pytestmark = pytest.mark.django_db
REASON = "The entry was born in 1961, our expert finished school in 2004."


@pytest.fixture
def vetter(client):
    person = make_vetter()
    client.force_login(person)
    return person


@pytest.fixture
def hit():
    import_list(
        Register.OFAC, entry(remarks="DOB 12 Mar 1961; POB Nowhere."), alias(900101, "KORVAREN, Alexander"), now=NOW
    )
    actions.screen_expert(expert_id=make_expert(make_person("Oleksandr Korvaren")).public_id, now=NOW)
    return Hit.objects.get()


def test_without_a_list_the_page_says_that_nobody_is_screened(client, vetter):
    page = client.get(reverse("vetting:hits")).content.decode()
    assert "Nobody is screened." in page
    assert "import_ofac" in page


def test_the_queue_shows_who_waits_and_the_list_in_force(client, vetter, hit):
    page = client.get(reverse("vetting:hits")).content.decode()
    assert "Oleksandr Korvaren" in page
    assert "KORVAREN, Oleksandr Petrovich" in page
    assert "OFAC SDN list of 23 Nov 2026" in page
    assert "Oleksandr Korvaren" not in client.get(reverse("vetting:hits") + "?state=CLEARED").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_asks_the_database_as_often_for_one_hit_as_for_three(
    client, vetter, rows, django_assert_max_num_queries
):
    import_list(Register.OFAC, entry())
    for _number in range(rows):
        actions.screen_expert(expert_id=make_expert(make_person("Oleksandr Korvaren")).public_id, now=NOW)
    client.get(reverse("vetting:hits"))
    with django_assert_max_num_queries(14):
        client.get(reverse("vetting:hits"))


def test_a_hit_shows_both_sides(client, vetter, hit):
    page = client.get(reverse("vetting:hit", args=[hit.public_id])).content.decode()
    for words in ("Cardiologist, heart failure clinic", "DOB 12 Mar 1961", "POB Nowhere", "KORVAREN, Alexander", "900101",
                  "score 100 of 100", "INVENTED-1"):  # fmt: skip
        assert words in page


def test_staff_clear_a_hit_on_the_page(client, vetter, hit):
    url = reverse("vetting:hit_decide", args=[hit.public_id])
    refused = client.post(url, {"verdict": Verdict.NOT_SAME, "reason": "no"})
    assert refused.status_code == 422
    assert "at least 20 characters" in refused.content.decode()
    answer = client.post(url, {"verdict": Verdict.NOT_SAME, "reason": REASON}, follow=True)
    assert "Oleksandr Korvaren is cleared." in answer.content.decode()
    assert REASON in answer.content.decode()
    hit.refresh_from_db()
    assert hit.state == HitState.CLEARED


def test_who_said_it_is_the_same_person_waits_for_a_second_one(client, vetter, hit):
    url = reverse("vetting:hit_decide", args=[hit.public_id])
    client.post(url, {"verdict": Verdict.MATCH, "reason": REASON})
    page = client.get(reverse("vetting:hit", args=[hit.public_id])).content.decode()
    assert "It counts when a second person confirms it" in page
    assert '<form method="post" action="' + url not in page
    assert client.post(url, {"verdict": Verdict.CONFIRM, "reason": REASON}).status_code == 403
    client.force_login(make_vetter("Rafael Brandt"))
    assert "Confirm the match" in client.get(reverse("vetting:hit", args=[hit.public_id])).content.decode()
    client.post(url, {"verdict": Verdict.CONFIRM, "reason": REASON})
    hit.refresh_from_db()
    assert hit.state == HitState.CONFIRMED


def test_nobody_sees_a_hit_about_themselves_and_others_see_none(client, hit):
    import_list(Register.OFAC, entry(), now=NOW + timedelta(days=1))
    vetter = make_vetter("Oleksandr Korvaren")
    actions.screen_expert(expert_id=make_expert(vetter).public_id, now=NOW + timedelta(days=1))
    own = Hit.objects.get(expert__user=vetter)
    client.force_login(vetter)
    assert client.get(reverse("vetting:hit", args=[own.public_id])).status_code == 404
    client.force_login(hit.expert.user)
    for name, arguments in (("hits", []), ("hit", [hit.public_id]), ("rechecks", [])):
        assert client.get(reverse(f"vetting:{name}", args=arguments)).status_code == 404


def test_the_case_links_to_its_hits(client, vetter, hit):
    case = make_case(hit.expert)
    for pk in case.checks.values_list("pk", flat=True):
        actions.work_check(check_id=pk, now=NOW)
    page = client.get(reverse("vetting:case", args=[case.public_id])).content.decode()
    assert reverse("vetting:hit", args=[hit.public_id]) in page
    assert "screened as “Oleksandr Korvaren”" in page


def test_confirmations_that_run_out_are_listed_with_their_case(client, vetter):
    expert = make_expert()
    licence = make_licence(expert, expires_on=NOW.date() + timedelta(days=900))
    case = make_case(expert)
    credential_actions.climb_ladder(
        credential_id=licence.public_id, to_step="CONFIRMED", by=vetter, now=NOW, source="Board", seen_on=NOW.date()
    )
    with time_machine.travel(NOW + timedelta(days=200), tick=False):
        client.force_login(vetter)
        assert "Nothing to look at again" in client.get(reverse("vetting:rechecks")).content.decode()
    with time_machine.travel(NOW + timedelta(days=310), tick=False):
        client.force_login(vetter)
        page = client.get(reverse("vetting:rechecks")).content.decode()
    assert "1 confirmation runs out within 60 days" in page
    assert f"{reverse('vetting:case', args=[case.public_id])}#e-{licence.public_id}" in page
