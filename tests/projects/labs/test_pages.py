"""The pages of labs, as each role sees them."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIRequestFactory

from marketplace.kernel import clock
from projects.labs.authentication import ApiKeyAuthentication
from projects.labs.enums import LabRole, Scope
from projects.labs.models import ApiKey, Lab, Membership
from tests.factories.projects_labs import (
    browse,
    comparable,
    join,
    make_key,
    make_lab,
    make_person,
    owner_of,
    questions_of,
)

pytestmark = pytest.mark.django_db
REVIEW = {"review_days": "7", "rounds_max": "3"}
DASHBOARD = ["members", "keys", "settings"]


@pytest.fixture
def lab() -> Lab:
    return make_lab(now=clock.now())


def test_a_person_founds_a_lab_and_is_led_to_a_second_factor() -> None:
    person = make_person()
    client = browse(person)

    answer = client.post("/lab/new/", {"name": "Fenwick Institute", "country": "GB", "website": "fenwick.example"})

    lab = Lab.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/lab/fenwick-institute/")
    assert (lab.website, lab.created_by) == ("https://fenwick.example", person)
    assert client.get("/lab/fenwick-institute/members/")["Location"] == "/accounts/2fa/"


def test_a_lab_needs_a_name_and_a_country() -> None:
    answer = browse(make_person()).post("/lab/new/", {"name": "", "country": "XX"})

    assert answer.status_code == 400
    assert not Lab.objects.exists()


def test_one_lab_is_opened_at_once_and_several_are_offered(lab: Lab) -> None:
    person = join(lab, LabRole.MEMBER)
    assert browse(person).get("/lab/")["Location"] == "/lab/larkfield-labs/"

    other = make_lab("Second Lab")
    Membership.objects.create(lab=other, user=person, role=LabRole.MEMBER, joined_at=clock.now())

    page = browse(person).get("/lab/").content.decode()
    assert "/lab/larkfield-labs/" in page
    assert "/lab/second-lab/" in page


def test_whoever_has_no_lab_is_told_how_to_get_one() -> None:
    assert "You belong to no lab yet" in browse(make_person()).get("/lab/").content.decode()


@pytest.mark.parametrize("page", DASHBOARD)
def test_a_foreign_lab_looks_like_none(lab: Lab, page: str) -> None:
    client = browse(make_person())

    foreign, missing = client.get(f"/lab/{lab.slug}/{page}/"), client.get(f"/lab/no-such-lab/{page}/")

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert comparable(foreign, lab.slug) == comparable(missing, "no-such-lab")


@pytest.mark.parametrize("page", DASHBOARD)
def test_visitors_sign_in_first(lab: Lab, page: str) -> None:
    answer = Client().get(f"/lab/{lab.slug}/{page}/")

    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("role", list(LabRole))
@pytest.mark.parametrize("page", DASHBOARD)
def test_every_member_may_look(lab: Lab, page: str, role: LabRole) -> None:
    answer = browse(join(lab, role)).get(f"/lab/{lab.slug}/{page}/")

    managing = role in {LabRole.OWNER, LabRole.MANAGER}
    assert answer.status_code == 200
    assert (answer.content.count(b'<form method="post" class=') == 1) is managing


def test_a_manager_changes_and_removes_people(lab: Lab) -> None:
    client = browse(join(lab, LabRole.MANAGER))
    person = join(lab, LabRole.REVIEWER, "Rosa Rey")
    where = f"/lab/{lab.slug}/members/"

    client.post(f"{where}{person.public_id}/role/", {"role": "MANAGER"})
    assert Membership.objects.get(user=person).role == "MANAGER"
    assert "Remove Rosa Rey from Larkfield Labs?" in client.get(f"{where}{person.public_id}/remove/").content.decode()
    client.post(f"{where}{person.public_id}/remove/")
    assert not Membership.objects.filter(user=person).exists()


def test_a_reviewer_who_sends_the_form_anyway_is_refused(lab: Lab) -> None:
    client = browse(join(lab, LabRole.REVIEWER))
    make_person(email="rosa@example.org")

    assert client.post(f"/lab/{lab.slug}/members/", {"email": "rosa@example.org", "role": "OWNER"}).status_code == 403
    keys = client.post(f"/lab/{lab.slug}/keys/", {"name": "K", "scopes": ["exports"], "days": "30"})
    settings = client.post(f"/lab/{lab.slug}/settings/", {"name": "Mine now", "country": "US"} | REVIEW)

    assert (keys.status_code, settings.status_code) == (403, 403)
    assert (Membership.objects.count(), ApiKey.objects.count(), Lab.objects.get().name) == (2, 0, "Larkfield Labs")


def test_a_key_is_shown_once_works_and_is_revoked(lab: Lab) -> None:
    client = browse(owner_of(lab))

    shown = client.post(f"/lab/{lab.slug}/keys/", {"name": "Nightly", "scopes": ["tasks:write"], "days": "30"})

    key = ApiKey.objects.get()
    text = shown.context["text"]
    assert (shown.status_code, text.startswith(f"{key.prefix}.")) == (201, True)
    assert text in shown.content.decode()
    again = client.get(f"/lab/{lab.slug}/keys/").content.decode()
    assert key.prefix in again
    assert text.partition(".")[2] not in again
    assert _authenticate(text) == key
    key.refresh_from_db()
    assert key.last_used_at is not None

    client.post(f"/lab/{lab.slug}/keys/{key.public_id}/revoke/")

    assert _authenticate(text) is None


def _authenticate(text: str) -> ApiKey | None:
    from rest_framework.exceptions import AuthenticationFailed

    request = APIRequestFactory().get("/", headers={"authorization": f"Bearer {text}"})
    try:
        found = ApiKeyAuthentication().authenticate(request)
    except AuthenticationFailed:
        return None
    return found[0] if found else None


def test_a_key_of_another_lab_cannot_be_revoked(lab: Lab) -> None:
    key, _text = make_key(make_lab("Other", now=clock.now()), Scope.EXPORTS, now=clock.now())

    answer = browse(owner_of(lab)).post(f"/lab/{lab.slug}/keys/{key.public_id}/revoke/")

    key.refresh_from_db()
    assert (answer.status_code, key.revoked_at) == (404, None)


def test_settings_are_saved(lab: Lab) -> None:
    sent = {"name": "Larkfield", "country": "US", "legal_name": "Larkfield, Inc.", "is_anonymous": "on"} | REVIEW

    answer = browse(owner_of(lab)).post(f"/lab/{lab.slug}/settings/", sent)

    lab.refresh_from_db()
    assert (answer.status_code, lab.name, lab.legal_name, lab.is_anonymous) == (
        302,
        "Larkfield",
        "Larkfield, Inc.",
        True,
    )


def test_the_public_page_tells_facts_and_an_anonymous_lab_has_none(lab: Lab) -> None:
    Lab.objects.filter(pk=lab.pk).update(about="We **test** models. <script>alert(1)</script>")

    page = Client().get(f"/labs/{lab.slug}/").content.decode()

    assert "We <strong>test</strong> models." in page
    assert "<script>alert" not in page
    Lab.objects.filter(pk=lab.pk).update(is_anonymous=True)
    assert Client().get(f"/labs/{lab.slug}/").status_code == 404


@pytest.mark.parametrize("page", ["members", "keys"])
def test_lists_ask_the_same_number_of_questions_at_one_and_at_three_rows(lab: Lab, page: str) -> None:
    client, path = browse(owner_of(lab)), f"/lab/{lab.slug}/{page}/"
    make_key(lab, now=clock.now())

    at_one = questions_of(client, path)
    for _more in range(2):
        join(lab, LabRole.REVIEWER)
        make_key(lab, now=clock.now())

    assert questions_of(client, path) == at_one
