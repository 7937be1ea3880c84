"""Administrators give and take roles and block people in Django's admin; each of it is one of our actions."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.accounts.models import StaffRole, User
from marketplace.audit.models import AuditEvent
from tests.factories.marketplace_accounts import NOW, confirm_email, give_second_factor, make_user

pytestmark = pytest.mark.django_db(transaction=True)  # What is tried: that no transaction stands around the action.
ROLES = "/admin/accounts/staffrole/"


@pytest.fixture
def admin() -> User:
    user = make_user("Admin", is_superuser=True, is_staff=True)
    give_second_factor(user)
    return user


@pytest.fixture
def browser(admin: User, client: Client) -> Client:
    client.force_login(admin)
    return client


def deeds() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("what", flat=True))


def test_a_role_is_given_and_taken_back(admin, browser):
    person = make_user("Vera Castillo")
    assert browser.post(f"{ROLES}add/", {"user": person.pk, "role": "VETTING"}).status_code == 302
    grant = StaffRole.objects.get()
    assert (grant.user, grant.role, grant.granted_by) == (person, "VETTING", admin)
    assert browser.post(f"{ROLES}{grant.pk}/delete/", {"post": "yes"}).status_code == 302
    assert StaffRole.objects.count() == 0
    assert deeds() == ["accounts.grant_role", "accounts.revoke_role"]


def test_many_roles_are_taken_back_at_once(browser):
    people = [make_user(name) for name in ("Vera Castillo", "Sam Lind")]
    grants = [StaffRole.objects.create(user=person, role="SUPPORT", granted_at=NOW) for person in people]
    form = {"action": "delete_selected", "_selected_action": [grant.pk for grant in grants], "post": "yes"}
    assert browser.post(ROLES, form).status_code == 302
    assert (StaffRole.objects.count(), deeds()) == (0, ["accounts.revoke_role"] * 2)


def test_nobody_gives_a_role_to_themselves(admin, browser):
    refused = browser.post(f"{ROLES}add/", {"user": admin.pk, "role": "FINANCE_APPROVER"})
    assert (refused.status_code, "Nobody changes their own rights." in refused.content.decode()) == (403, True)
    assert (StaffRole.objects.count(), deeds()) == (0, [])


def test_nothing_of_the_sign_in_library_is_edited_here_and_its_secrets_are_not_shown(admin, browser):
    address = confirm_email(admin).emailaddress_set.get()
    assert browser.get(f"/admin/account/emailaddress/{address.pk}/change/").status_code == 200
    for path in (f"account/emailaddress/{address.pk}/delete/", "account/emailaddress/add/"):
        assert browser.post(f"/admin/{path}", {"post": "yes"}).status_code == 403
    for table in ("mfa/authenticator", "socialaccount/socialtoken", "usersessions/usersession", "auth/group"):
        assert browser.get(f"/admin/{table}/").status_code == 404


def test_a_person_is_blocked_and_let_in_again(browser):
    person = make_user("Person")
    theirs = Client()
    theirs.force_login(person)
    for action, active in (("block", False), ("unblock", True)):
        browser.post("/admin/accounts/user/", {"action": action, "_selected_action": [person.pk]})
        person.refresh_from_db()
        assert (person.is_active, theirs.get("/me/").status_code) == (active, 200 if active else 302)
    assert deeds() == ["accounts.set_active"] * 2
