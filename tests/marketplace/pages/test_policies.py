"""What the browser lets a page do: one strict policy, and two pages of others with the little more they need."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.factories.marketplace_accounts import confirm_email, give_second_factor, make_user
from tests.journeys.album import Ear
from tests.support.browsing import hand_over

SITE = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "font-src": "'self'",
    "connect-src": "'self'", "manifest-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
ADMIN = SITE | {
    "script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'", "img-src": "'self' data:",
}  # fmt: skip


def policy(client: Client, path: str) -> dict[str, str]:
    """Return the directives of an answer, without where forms may go: that is Stripe's in production."""
    header = client.get(path)["Content-Security-Policy"]
    found = dict(directive.strip().split(" ", 1) for directive in header.split(";"))
    assert found.pop("form-action").startswith("'self'")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", SITE),
        ("/me/", SITE),
        ("/healthz", SITE),
        ("/api/v1/projects/", SITE),
        ("/api/v1/schema/", SITE),
        ("/api/v1/docs/", SITE | {"img-src": "'self' data:"}),
        ("/admin/", ADMIN),
        ("/admin/accounts/user/", ADMIN),
        ("/admin/no/such/page/", ADMIN),
        ("/administrators/", SITE),
    ],
)
def test_every_answer_has_a_policy_and_none_lets_an_inline_script_run(client, path, expected):
    user = make_user("Admin", is_superuser=True, is_staff=True)
    give_second_factor(user)
    client.force_login(user)
    assert policy(client, path) == expected


# --------------------------------------------------------------------------------------------------------------- browser


@pytest.fixture
def listened(page: Page) -> tuple[Page, Ear]:
    ear = Ear()
    return ear.listen(page, "the browser"), ear


@pytest.mark.full
@pytest.mark.browser
def test_the_admin_works_under_its_policy(listened: tuple[Page, Ear]) -> None:
    page, ear = listened
    admin = confirm_email(make_user("Admin", email="admin@people.example", is_superuser=True, is_staff=True))
    person = make_user("Vera Castillo", email="vera@people.example")
    give_second_factor(admin)
    client = Client()
    client.force_login(admin)
    hand_over(client, page.context, "http://localhost")

    page.goto("/admin/")
    expect(page.get_by_role("link", name="Users").first).to_be_visible()
    page.goto("/admin/accounts/user/")
    page.get_by_role("link", name="vera@people.example").click()
    expect(page.get_by_text("Vera Castillo").first).to_be_visible()
    # unfold's own switch for the theme is one of its expressions: it shows that they are evaluated.
    page.goto("/admin/accounts/staffrole/add/")
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill("vera")
    page.get_by_role("option", name="Vera Castillo").click()
    page.locator("#id_role").select_option("VETTING")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert person.role_grants.get().role == "VETTING"
    assert ear.heard == []


@pytest.mark.full
@pytest.mark.browser
def test_the_page_of_the_api_is_drawn_under_its_policy(listened: tuple[Page, Ear]) -> None:
    page, ear = listened
    page.goto("/api/v1/docs/")
    expect(page.get_by_role("heading", name="Preceptor API")).to_be_visible()
    page.get_by_role("button", name="get /api/v1/projects/", exact=True).first.click()
    expect(page.get_by_text("Responses").first).to_be_visible()
    assert ear.heard == []
