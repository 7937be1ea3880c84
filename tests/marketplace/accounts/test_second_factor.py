from __future__ import annotations

import pytest
from django.urls import reverse

from marketplace.accounts.queries import DEMONSTRATION_SIGN_IN
from tests.factories.marketplace_accounts import give_second_factor, make_staff, make_user


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["VETTING", "FINANCE_PREPARER", "FINANCE_APPROVER", "SUPPORT"])
def test_staff_without_a_second_factor_reach_nothing_but_its_set_up(client, role):
    user = make_staff(role, second_factor=False)
    client.force_login(user)
    for path in ("/", "/vetting/", "/finance/", "/admin/", "/me/", "/api/v1/projects/"):
        answer = client.get(path)
        assert (path, answer.status_code, answer.get("Location")) == (path, 302, reverse("mfa_index"))
    give_second_factor(user)
    assert client.get("/me/").status_code == 200


@pytest.mark.django_db
def test_an_expert_needs_none(client):
    client.force_login(make_user())
    assert client.get("/me/").status_code == 200


@pytest.mark.django_db
def test_the_one_click_sign_in_stands_for_both_factors_in_development_only(client, settings):
    user = make_staff("VETTING", second_factor=False)
    type(user).objects.filter(pk=user.pk).update(is_demonstration=True)
    client.force_login(user)
    session = client.session
    session[DEMONSTRATION_SIGN_IN] = True
    session.save()
    assert client.get("/me/").status_code == 302
    settings.DEBUG = True
    assert client.get("/me/").status_code == 200


@pytest.mark.django_db
def test_a_strange_time_zone_does_not_lock_anybody_out(client):
    client.force_login(make_user(time_zone="Not/AZone"))
    assert client.get("/me/").status_code == 200
