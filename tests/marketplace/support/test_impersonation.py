"""Support sees what a person sees, changes nothing, and is answerable for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, NotAllowed
from marketplace.notices.models import EmailMessage, Notification
from marketplace.support.actions import end_impersonation, start_impersonation
from marketplace.support.models import Impersonation
from tests.factories.experts_profiles import NOW, make_expert, make_person
from tests.factories.marketplace_accounts import make_staff, make_user
from tests.support.visiting import text_of

pytestmark = pytest.mark.django_db
REASON = "Her week does not open; she wrote to us this morning."
ASK = "/support/people/{}/"


@pytest.fixture
def moment(monkeypatch):
    """The clock of the pages; add to `moment["now"]` to let time go by."""
    state = {"now": NOW}
    monkeypatch.setattr(clock, "now", lambda: state["now"])
    return state


def support() -> object:
    return make_staff(StaffRoleKind.SUPPORT, name="Leo Marsh")


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def looking(staff, person) -> Client:
    client = browser_of(staff)
    answer = client.post(ASK.format(person.public_id), {"reason": REASON})
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    return client


def test_support_sees_the_persons_pages_and_each_says_so(moment):
    person = make_expert(make_person("Imani Okafor")).user
    client = looking(support(), person)
    page = client.get("/me/")
    assert page.context["user"] == person
    assert "You see what Imani Okafor sees. Nothing can be changed." in text_of(page)
    assert "You see what" not in text_of(browser_of(person).get("/me/"))


@pytest.mark.parametrize("path", ["/me/profile/", "/me/profile/open/", "/notices/read/", "/me/hours/timer/start/"])
def test_nothing_can_be_sent_from_there(moment, path):
    person = make_expert().user
    before = AuditEvent.objects.count() + Notification.objects.filter(read_at__isnull=False).count()
    client = looking(support(), person)
    assert client.post(path, {"headline": "changed"}).status_code == 403
    after = AuditEvent.objects.exclude(what__startswith="support.").count()
    assert after + Notification.objects.filter(read_at__isnull=False).count() == before


def test_what_is_for_the_person_alone_stays_shut(moment):
    person = make_expert().user
    client = looking(support(), person)
    assert client.get("/me/privacy/").status_code == 403
    assert browser_of(person).get("/me/privacy/").status_code == 200


def test_ones_own_pages_stay_ones_own(moment):
    staff, person = support(), make_expert().user
    client = looking(staff, person)
    assert client.get("/support/").context["user"] == staff
    assert client.get("/accounts/email/").context["user"] == staff


def test_the_person_is_told_with_the_reason_and_sees_it_on_their_page(moment):
    person = make_expert().user
    looking(support(), person)
    notice = Notification.objects.get(user=person, kind="support")
    assert "Leo Marsh" in notice.body
    assert REASON in notice.body
    assert EmailMessage.objects.filter(user=person, kind="support").count() == 1
    page = text_of(browser_of(person).get("/me/privacy/"))
    assert "Leo Marsh opened your pages, to read only." in page
    assert REASON in page


def test_it_ends_by_itself_and_by_hand(moment):
    staff, person = support(), make_expert().user
    client = looking(staff, person)
    moment["now"] = NOW + timedelta(minutes=29, seconds=59)
    assert client.get("/me/").context["user"] == person
    moment["now"] = NOW + timedelta(minutes=30)
    assert client.get("/me/")["Location"] == "/support/"
    assert client.get("/me/").context["user"] == staff

    moment["now"] = NOW + timedelta(hours=1)
    client = looking(staff, person)
    assert client.post("/support/end/")["Location"] == "/support/"
    assert client.get("/me/").context["user"] == staff
    assert list(Impersonation.objects.order_by("pk").values_list("ended_at", flat=True)) == [
        NOW + timedelta(minutes=30),
        NOW + timedelta(hours=1),
    ]


def test_who_loses_the_role_loses_the_pages(moment):
    staff, person = support(), make_expert().user
    client = looking(staff, person)
    StaffRole.objects.filter(user=staff).delete()
    assert client.get("/me/")["Location"] == "/"
    assert client.get("/me/").context["user"] == staff


def test_another_browser_of_the_same_person_is_not_in_it(moment):
    staff, person = support(), make_expert().user
    looking(staff, person)
    assert browser_of(staff).get("/me/").context["user"] == staff


def test_a_session_that_names_somebody_elses_impersonation_opens_nothing(moment):
    row = start_impersonation(person_ref=make_expert().user.public_id, reason=REASON, by=support(), now=NOW)
    other = make_staff(StaffRoleKind.SUPPORT, name="Ola Brand")
    client = browser_of(other)
    session = client.session
    session["impersonation"] = str(row.public_id)
    session.save()
    assert client.get("/me/")["Location"] == "/support/"
    assert client.get("/me/").context["user"] == other


@pytest.mark.parametrize("role", [StaffRoleKind.VETTING, StaffRoleKind.FINANCE_APPROVER, StaffRoleKind.SUPPORT])
def test_staff_are_never_opened(moment, role):
    with pytest.raises(NotAllowed):
        start_impersonation(person_ref=make_staff(role).public_id, reason=REASON, by=support(), now=NOW)


def test_only_support_and_only_with_a_reason(moment):
    person = make_expert().user
    with pytest.raises(NotAllowed):
        start_impersonation(person_ref=person.public_id, reason=REASON, by=make_user(), now=NOW)
    with pytest.raises(Invalid):
        start_impersonation(person_ref=person.public_id, reason="because", by=support(), now=NOW)
    assert browser_of(make_user()).get(ASK.format(person.public_id)).status_code == 404
    assert browser_of(make_user()).get("/support/").status_code == 404
    page = browser_of(support()).post(ASK.format(person.public_id), {"reason": "because"})
    assert page.status_code == 422
    assert Impersonation.objects.count() == 0


def test_a_new_one_ends_the_last_one_and_two_at_once_are_impossible(moment):
    staff, first, second = support(), make_expert().user, make_expert().user
    row = start_impersonation(person_ref=first.public_id, reason=REASON, by=staff, now=NOW)
    start_impersonation(person_ref=second.public_id, reason=REASON, by=staff, now=NOW + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.ended_at == NOW + timedelta(minutes=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Impersonation.objects.create(
            staff=staff, person=first, reason=REASON, started_at=NOW, ends_at=NOW + timedelta(minutes=1)
        )
    assert end_impersonation(by=staff, now=NOW + timedelta(minutes=2))
    assert not end_impersonation(by=staff, now=NOW + timedelta(minutes=3))
    whats = list(AuditEvent.objects.filter(what__startswith="support.").order_by("pk").values_list("what", flat=True))
    assert whats == ["support.start_impersonation", "support.end_impersonation"] * 2


def test_people_are_found_by_a_part_of_name_or_address_with_a_constant_number_of_queries(
    moment, django_assert_max_num_queries
):
    make_user("Zoë Quarrel", email="zq@post.example")
    make_staff(StaffRoleKind.VETTING, name="Zoe Quarrier")
    client = browser_of(support())
    client.get("/support/")
    page = text_of(client.get("/support/?q=zoe"))
    assert "Zoë Quarrel" in page
    assert "staff: never opened" in page
    assert "zq@post.example" in text_of(client.get("/support/?q=zq@post"))
    assert "Nobody is called that" in text_of(client.get("/support/?q=nobody"))
    assert "Whom are you looking for?" in text_of(client.get("/support/?q=zo"))
    for number in range(15):
        make_user(f"Zoe Number{number}")
    with django_assert_max_num_queries(12):
        client.get("/support/?q=zoe")


def test_the_list_says_who_looked_and_why(moment):
    staff = support()
    looking(staff, make_expert(make_person("Imani Okafor")).user)
    page = text_of(browser_of(staff).get(reverse("support:looks")))
    assert "Imani Okafor" in page
    assert REASON in page
