from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from marketplace.kernel import registry
from marketplace.pages.actions import run_sweeps
from marketplace.pages.models import SweepRecord
from tests.factories.marketplace_accounts import make_staff, make_user

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["home", "how_it_works", "how_pay_works", "help", "legal", "robots", "security_txt", "healthz", "palette"]
)
def test_a_visitor_may_open(client, name):
    assert client.get(reverse(f"pages:{name}")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/me/", "/notices/", "/lab/any/", "/vetting/", "/finance/", "/me/hours/"])
def test_a_visitor_is_led_to_sign_in(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.django_db
def test_every_answer_carries_its_policies(client):
    answer = client.get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]
    client.force_login(make_user())
    assert client.get("/me/")["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("roles", "path"), [((), "/me/"), (("VETTING",), "/vetting/"), (("FINANCE_PREPARER",), "/finance/")]
)
def test_home_leads_people_to_where_their_work_is(client, roles, path):
    client.force_login(make_staff(*roles) if roles else make_user())
    assert client.get("/")["Location"] == path


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_so_in_words(client):
    answer = client.get("/no/such/page/")
    assert (answer.status_code, "<h1" in answer.content.decode()) == (404, True)


@pytest.mark.django_db(transaction=True)
def test_one_broken_sweep_stops_no_other_and_is_named():
    def break_down(now):
        raise ZeroDivisionError("on purpose")

    registry.sweeps["test.broken"] = break_down
    try:
        touched = run_sweeps(now=NOW)
    finally:
        del registry.sweeps["test.broken"]
    assert touched["test.broken"] == -1
    assert min(count for name, count in touched.items() if name != "test.broken") >= 0
    assert SweepRecord.objects.get(name="test.broken").last_error == "ZeroDivisionError: on purpose"


@pytest.mark.django_db
def test_the_palette_finds_pages_by_what_they_are_called(client):
    client.force_login(make_user())
    found = client.get(reverse("pages:palette"), {"q": "earn"}, headers={"HX-Request": "true"}).content.decode()
    assert (reverse("hours:earnings") in found, "<html" in found) == (True, False)


@pytest.mark.django_db
def test_nobody_is_promised_money_that_no_code_pays_back(client):
    """Funds leave a project by approved hours only; a page may promise a refund when an action makes one."""
    words = client.get(reverse("pages:how_it_works")).content.decode()
    assert "What a week does not use stays with the project." in words
    for path in ("how_it_works", "how_pay_works", "help", "legal", "home"):
        assert not re.search(r"return(s|ed)? to you|refund", client.get(reverse(f"pages:{path}")).content.decode()), (
            path
        )
