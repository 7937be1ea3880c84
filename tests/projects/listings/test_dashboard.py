"""The lab's pages of a project: list, editor, overview, moves and funds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketplace.kernel import clock
from marketplace.kernel.ids import new_public_id
from payments.funding.enums import DepositState
from projects.labs.enums import LabRole
from projects.labs.models import Lab
from projects.listings.actions.shape import listing_of
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from tests.factories.payments_funding import make_deposit
from tests.factories.projects_labs import browse, comparable, join, make_lab, make_person, owner_of, questions_of
from tests.factories.projects_listings import field_of, fund, licence, make_draft, make_gig, vetted_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Lab:
    return make_lab(now=clock.now())


def fields_of(client: Client, address: str) -> dict[str, Any]:
    """The form of a page as a browser would send it unchanged."""
    page = client.get(address)
    form, asked = page.context["form"], page.context["asked"]
    sent: dict[str, Any] = {}
    parts = [asked, page.context["bands"]]
    rows = [bound for part in parts for bound in [*part.management_form, *(bound for row in part for bound in row)]]
    carried = page.context.get("carried") or ()
    for bound in [*form, *rows, *carried]:
        value = bound.value()
        if value is True:
            value = "on"
        if value is not None and value is not False and value != "":
            sent[bound.html_name] = bound.field.prepare_value(value)
    sent["fields_chosen"] = sorted(page.context["chosen_fields"])
    return sent


def test_a_draft_is_written_from_a_starter_funded_and_published(lab: Lab) -> None:
    client = browse(owner_of(lab))
    new = f"/lab/{lab.slug}/projects/new/"
    sent = fields_of(client, f"{new}?starter=physician-review")

    answer = client.post(new, sent)

    project = Project.objects.get()
    here = f"/lab/{lab.slug}/projects/{project.public_id}/"
    assert (answer.status_code, answer["Location"]) == (302, here)
    assert (project.title, project.rate_max_minor, project.state) == ("Physician Talent Network", 250_00, "DRAFT")
    assert [row.is_required for row in project.requirements.order_by("position")] == [True, True, False, False]
    page = client.get(here).content.decode()
    assert "Funded for at least one hour" in page
    assert "9 / 10" in page
    assert f"{here}publish/" not in page

    refused = client.post(f"{here}publish/")
    assert (refused.status_code, "funded for at least one hour" in refused.content.decode()) == (422, True)
    fund(project)
    assert f"{here}publish/" in client.get(here).content.decode()
    client.post(f"{here}publish/")

    project.refresh_from_db()
    assert project.state == ProjectState.OPEN
    assert "Physician Talent Network" in Client().get("/gigs/").content.decode()


def test_saving_the_editor_unchanged_changes_nothing(lab: Lab) -> None:
    asked = (vetted_in("law"), licence(is_required=False))
    project = make_draft(
        lab, "medicine", "cardiology", requirements=asked, closes_at=clock.now().replace(second=0, microsecond=0)
    )
    client, here = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/{project.public_id}/edit/"
    before = listing_of(project)

    sent = fields_of(client, here)
    answer = client.post(here, sent | {"closes_at": before.closes_at.strftime("%Y-%m-%dT%H:%M")})  # type: ignore[union-attr]

    assert answer.status_code == 302
    assert listing_of(Project.objects.get()) == before


def test_mistakes_are_said_beside_the_fields_and_nothing_is_saved(lab: Lab) -> None:
    client = browse(owner_of(lab))
    sent = {
        "title": "Doctors wanted", "currency": "USD", "rate_min": "300", "rate_max": "250.123", "weekly_hours_min": "30",
        "weekly_hours_cap": "20", "places_wanted": "1", "countries": "Narnia", "visibility": "PUBLIC",
        "asks-TOTAL_FORMS": "1", "asks-INITIAL_FORMS": "0", "asks-0-asks_for": "VETTED",
    }  # fmt: skip

    answer = client.post(f"/lab/{lab.slug}/projects/new/", sent)

    page = answer.content.decode()
    assert answer.status_code == 400
    for words in (
        "USD has 2 decimals, “250.123” has more.",
        "More than the most hours a week.",
        "We do not know “Narnia”.",
        "Choose the field.",
    ):
        assert words in page
    assert not Project.objects.exists()


def test_countries_are_taken_by_name_by_code_and_by_nickname(lab: Lab) -> None:
    client, new = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/new/"
    sent = fields_of(client, new) | {"title": "Doctors wanted", "countries": "UK, ie; United States\ncanada, IE"}

    client.post(new, sent)

    assert Project.objects.get().countries == ["GB", "IE", "US", "CA"]


def test_the_preview_shows_what_is_written_and_saves_nothing(lab: Lab) -> None:
    client = browse(owner_of(lab))
    sent = {
        "title": "Doctors",
        "section_role": "Be **careful**. <script>x</script>",
        "rate_max": "250",
        "currency": "USD",
    }
    here = f"/lab/{lab.slug}/projects/preview/"

    part = client.post(here, sent, headers={"hx-request": "true"}).content.decode()
    whole = client.post(here, sent).content.decode()

    assert "Be <strong>careful</strong>." in part
    assert "<script>" not in part
    assert "<html" not in part
    assert "$250.00" in part
    assert "Nothing is saved." in whole
    assert not Project.objects.exists()


@pytest.mark.parametrize("role", list(LabRole))
def test_each_role_sees_the_project_and_only_managing_ones_change_it(lab: Lab, role: LabRole) -> None:
    project = make_gig(lab, now=clock.now())
    client, here = browse(join(lab, role)), f"/lab/{lab.slug}/projects/{project.public_id}/"
    managing = role in {LabRole.OWNER, LabRole.MANAGER}
    expected = 200 if managing else 403

    assert [client.get(here).status_code, client.get(f"{here}funding/").status_code] == [200, expected]
    assert [client.get(f"{here}{page}/").status_code for page in ("edit", "pause", "close")] == [expected] * 3
    assert client.get(f"/lab/{lab.slug}/projects/new/").status_code == expected
    paused = client.post(f"{here}pause/", {"reason": "New data is coming."})
    assert paused.status_code == (302 if managing else 403)
    assert (f"{here}pause/" in client.get(here).content.decode()) is False


@pytest.mark.parametrize("page", ["", "edit/", "funding/", "pause/", "close/"])
def test_a_foreign_project_looks_like_none(lab: Lab, page: str) -> None:
    foreign = make_gig(make_lab("Other", now=clock.now()), now=clock.now())
    client, missing = browse(owner_of(lab)), new_public_id()

    answers = [client.get(f"/lab/{lab.slug}/projects/{ref}/{page}") for ref in (foreign.public_id, missing)]
    outside = browse(make_person()).get(f"/lab/{lab.slug}/projects/{missing}/{page}")

    assert [answer.status_code for answer in [*answers, outside]] == [404, 404, 404]
    assert comparable(answers[0], str(foreign.public_id)) == comparable(answers[1], str(missing))


def test_pausing_reopening_and_closing_on_the_pages(lab: Lab) -> None:
    project = make_gig(lab, now=clock.now())
    client, here = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/{project.public_id}/"
    back = (clock.now() + timedelta(days=7)).date().isoformat()

    assert client.post(f"{here}pause/", {"reason": "short"}).status_code == 400
    client.post(f"{here}pause/", {"reason": "New data is coming.", "expected_back_on": back})
    assert "New data is coming." in client.get(here).content.decode()
    client.post(f"{here}reopen/")
    assert Project.objects.get().state == ProjectState.OPEN
    client.post(f"{here}close/", {"reason": "All work is done."})

    assert Project.objects.get().state == ProjectState.CLOSED
    assert "All work is done." in client.get(here).content.decode()


# -------------------------------------------------------------------------------------------------------------- funds


def deposit_for(project: Project, **facts: Any) -> Any:
    return make_deposit(lab_ref=project.lab.public_id, project_ref=project.public_id, **facts)


def test_the_funding_page_shows_deposits_and_looks_again_while_one_is_open(lab: Lab) -> None:
    project = make_draft(lab)
    client, here = browse(owner_of(lab)), f"/lab/{lab.slug}/projects/{project.public_id}/funding/"
    deposit_for(project, state=DepositState.FAILED, failure="The card was declined.")

    calm = client.get(here).content.decode()
    open_one = deposit_for(project)
    waiting = client.get(here).content.decode()
    part = client.get(here, headers={"hx-request": "true", "hx-target": "deposits"}).content.decode()

    assert "The card was declined." in calm
    assert 'hx-trigger="every 4s"' not in calm
    assert 'hx-trigger="every 4s"' in waiting
    assert open_one.checkout_url in part
    assert "<html" not in part


@pytest.mark.parametrize("amount", ["", "ten", "99.99", "1000000.01", "20,000.001", "-5"])
def test_an_amount_that_cannot_be_paid_in_is_said_beside_the_field(lab: Lab, amount: str) -> None:
    project = make_draft(lab)

    answer = browse(owner_of(lab)).post(f"/lab/{lab.slug}/projects/{project.public_id}/funding/", {"amount": amount})

    assert (answer.status_code, 'id="id_amount_error"' in answer.content.decode()) == (400, True)


def test_the_return_page_looks_until_the_money_is_there(lab: Lab) -> None:
    project = make_draft(lab)
    deposit = deposit_for(project)
    client = browse(owner_of(lab))
    here = f"/lab/{lab.slug}/projects/{project.public_id}/funding/{deposit.public_id}/"

    waiting = client.get(here).content.decode()
    fund(project)
    type(deposit).objects.filter(pk=deposit.pk).update(
        state=DepositState.SETTLED, settled_at=clock.now(), balance_transaction="txn_test"
    )
    part = client.get(here, headers={"hx-request": "true", "hx-target": "state"}).content.decode()

    assert "Stripe has not told us of the payment yet." in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "Project funds now: $20,000.00." in part
    assert "hx-trigger" not in part
    assert "<html" not in part


def test_a_deposit_of_another_project_is_not_found(lab: Lab) -> None:
    mine, other = make_draft(lab), make_draft(lab)
    deposit = deposit_for(other)

    answer = browse(owner_of(lab)).get(f"/lab/{lab.slug}/projects/{mine.public_id}/funding/{deposit.public_id}/")

    assert answer.status_code == 404


def test_lists_ask_the_same_number_of_questions_at_one_and_at_three_rows(lab: Lab) -> None:
    client = browse(owner_of(lab))

    project = make_gig(lab, now=clock.now())
    deposit_for(project)
    pages = [f"/lab/{lab.slug}/{page}/" for page in ("projects", "funding", f"projects/{project.public_id}/funding")]
    at_one = [questions_of(client, page) for page in pages]
    for _more in range(2):
        deposit_for(make_gig(lab, now=clock.now()))
        deposit_for(project)

    assert [questions_of(client, page) for page in pages] == at_one
    assert max(at_one) <= 22


def test_the_list_filters_by_state_and_goes_on_by_position(lab: Lab) -> None:
    gig, draft = make_gig(lab, title="The open one"), make_draft(lab, title="The written one")
    client = browse(owner_of(lab))

    opened = client.get(f"/lab/{lab.slug}/projects/", {"state": "OPEN"}).content.decode()
    older = client.get(f"/lab/{lab.slug}/projects/", {"after": str(draft.public_id)}).content.decode()
    strange = client.get(f"/lab/{lab.slug}/projects/", {"state": "LOST", "after": "x"})

    assert [gig.title in opened, draft.title in opened] == [True, False]
    assert [gig.title in older, draft.title in older] == [True, False]
    assert strange.status_code == 200
    assert re.search(r"All <span class=\"n\">2</span>", strange.content.decode())


def test_the_editor_keeps_fields_open_that_are_chosen(lab: Lab) -> None:
    project = make_draft(lab, "cardiology")
    page = browse(owner_of(lab)).get(f"/lab/{lab.slug}/projects/{project.public_id}/edit/").content.decode()

    assert f'value="{field_of("cardiology").pk}" checked' in page
    assert page.count('<details class="py-1 open:col-span-full" open>') == 1
