"""The public pages: what a visitor and an expert see, with and without htmx."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from experts.profiles.models import ExpertField
from marketplace.kernel import clock
from marketplace.kernel.ids import new_public_id
from projects.labs.enums import LabRole
from projects.labs.models import Lab
from projects.listings.actions import projects as actions
from projects.listings.models import Project
from tests.factories.projects_labs import browse, comparable, join, make_lab, make_person, owner_of, questions_of
from tests.factories.projects_listings import field_of, licence, make_draft, make_expert, make_gig, vetted_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Lab:
    return make_lab(now=clock.now())


def titles(page: str) -> list[str]:
    return re.findall(r'<h3 id="gig-[^>]+><a [^>]+>([^<]+)</a>', page)


def test_a_visitor_finds_a_gig_by_typing_and_by_filters(lab: Lab) -> None:
    gig = make_gig(lab, "medicine", requirements=(vetted_in("medicine"), licence()), now=clock.now())
    make_gig(
        lab, "chess", title="Endgames for everyone", kinds=("DEMONSTRATION",), rate_max_minor=180_00, now=clock.now()
    )

    typed = Client().get("/gigs/", {"q": "physican network"}).content.decode()
    filtered = Client().get("/gigs/", {"field": "medicine", "rate": "25000", "kind": "FEEDBACK"}).content.decode()

    assert titles(typed) == titles(filtered) == [gig.title]
    assert "1 gig matches" in typed
    assert "Funded for 72 h, to" in typed
    assert "Vetted in Medicine; Medical licence, document seen" in typed
    assert filtered.count('class="chip chip-on"') == 3
    assert 'href="/gigs/?kind=FEEDBACK&amp;rate=25000"' in filtered


def test_an_expert_reads_what_is_missing_on_the_card(lab: Lab) -> None:
    make_gig(lab, "medicine", requirements=(licence(),), countries=(), now=clock.now())
    expert = make_expert(weekly_hours=20)
    ExpertField.objects.create(expert=expert, field=field_of("medicine"), years=3)

    page = browse(expert.user).get("/gigs/").content.decode()

    assert "You meet 1 of 3" in page
    assert "Required: Medical licence, document seen; Speaks English" in page
    assert "How you match" in page


def test_show_more_is_a_link_without_htmx_and_a_fragment_with_it(lab: Lab) -> None:
    for number in range(22):
        make_gig(lab, title=f"Physicians of round {number}", now=clock.now() - timedelta(hours=number))

    first = Client().get("/gigs/").content.decode()
    address = re.search(r'hx-get="(/gigs/\?after=[^"]+)"', first)
    assert address is not None
    whole = Client().get(address[1]).content.decode()
    part = Client().get(address[1], headers={"hx-request": "true", "hx-target": "more"}).content.decode()

    assert len(titles(first)) == 20
    assert titles(whole) == titles(part) == ["Physicians of round 20", "Physicians of round 21"]
    assert "Back to the first page" in whole
    assert "<html" in whole
    assert "<html" not in part
    assert 'id="more"' not in part


@pytest.mark.parametrize(
    "query",
    [
        {"field": "no-such"}, {"kind": "SINGING"}, {"rate": "ninety"}, {"hours": "-1"}, {"sort": "luck"}, {"after": "x"},
        {"q": "\x00" * 9}, {"q": "a" * 5000}, {"country": ["XX"] * 50}, {"language": "klingon"}, {"lab": "nobody"},
        {"q": "' OR 1=1 --"}, {"q": "& | ! ( ) : * <->"},
    ],
)  # fmt: skip
def test_a_strange_address_is_still_a_page(query: dict[str, object]) -> None:
    make_gig(now=clock.now())

    assert Client().get("/gigs/", query).status_code == 200


def test_when_nothing_matches_the_page_says_what_to_do() -> None:
    page = Client().get("/gigs/", {"q": "xylophonist"}).content.decode()

    assert "No gigs match" in page
    assert "0 gigs match" in page


def test_an_anonymous_lab_is_nowhere_named() -> None:
    lab = make_lab("Umbra Secret Works", now=clock.now(), is_anonymous=True)
    gig = make_gig(lab, now=clock.now())
    visitor = Client()

    for path in ("/gigs/", f"/gigs/{gig.public_id}/", "/fields/medicine/", "/fields/"):
        page = visitor.get(path).content.decode()
        assert "Umbra" not in page
        assert lab.slug not in page
    assert "AI research organisation" in visitor.get(f"/gigs/{gig.public_id}/").content.decode()


# ------------------------------------------------------------------------------------------------------------- detail


def test_the_gig_says_everything_before_applying(lab: Lab) -> None:
    gig = make_gig(lab, requirements=(licence(is_required=False),), now=clock.now())

    page = Client().get(f"/gigs/{gig.public_id}/").content.decode()

    for words in (
        "You decide what a <strong>careful doctor</strong> would say.",
        "$180–250",
        "Funded for 72 h, to",
        "$20,000.00 of project funds on deposit",
        "about 5 min to apply",
        "Which guideline do you disagree with, and why?",
        "Terms of Physician Talent Network, version 1",
        "good to have",
        f'href="/gigs/{gig.public_id}/apply/"',
    ):
        assert words in page


def test_markdown_of_a_lab_cannot_run_or_load_anything(lab: Lab) -> None:
    bad = "<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3)) ![y](https://evil.example/y.png)"
    gig = make_gig(lab, sections=dict.fromkeys(("role", "what_you_will_do", "who_you_are", "pay_and_terms"), bad))

    page = Client().get(f"/gigs/{gig.public_id}/").content.decode()

    assert "<script>alert" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def test_an_expert_sees_each_requirement_and_how_it_is_met(lab: Lab) -> None:
    gig = make_gig(lab, requirements=(vetted_in("medicine"),), now=clock.now())
    expert = make_expert(weekly_hours=8, country="CA")

    page = browse(expert.user).get(f"/gigs/{gig.public_id}/").content.decode()

    assert "You meet 1 of 4 requirements" in page
    assert "you have 8 h" in page
    assert "not vetted in this field yet" in page


def test_a_foreign_draft_looks_like_no_gig_and_the_lab_sees_its_own(lab: Lab) -> None:
    draft = make_draft(lab)
    missing = new_public_id()
    for client in (Client(), browse(make_person())):
        foreign, none = client.get(f"/gigs/{draft.public_id}/"), client.get(f"/gigs/{missing}/")
        assert (foreign.status_code, none.status_code) == (404, 404)
        assert comparable(foreign, str(draft.public_id)) == comparable(none, str(missing))

    own = browse(join(lab, LabRole.MEMBER)).get(f"/gigs/{draft.public_id}/").content.decode()

    assert "Only your lab sees this page until you publish." in own


def test_a_paused_gig_says_why_and_takes_no_applications(lab: Lab) -> None:
    gig = make_gig(lab, now=clock.now())
    actions.pause_project(project_id=gig.pk, reason="The model is being retrained.", by=owner_of(lab), now=clock.now())

    page = Client().get(f"/gigs/{gig.public_id}/").content.decode()

    assert "The model is being retrained." in page
    assert "/apply/" not in page
    actions.close_project(project_id=gig.pk, reason="All work is done.", by=owner_of(lab), now=clock.now())
    assert Client().get(f"/gigs/{gig.public_id}/").status_code == 404


def test_full_and_late_gigs_take_no_applications(lab: Lab) -> None:
    gig = make_gig(lab, now=clock.now())
    Project.objects.filter(pk=gig.pk).update(places_filled=40)
    assert "All places are taken." in Client().get(f"/gigs/{gig.public_id}/").content.decode()

    Project.objects.filter(pk=gig.pk).update(places_filled=0, closes_at=clock.now() - timedelta(minutes=1))
    assert "The time to apply is over." in Client().get(f"/gigs/{gig.public_id}/").content.decode()


# ------------------------------------------------------------------------------------------------------------- fields


def test_a_field_has_a_page_with_its_gigs_and_those_below(lab: Lab) -> None:
    make_gig(lab, "cardiology", title="Echo reports graded", now=clock.now())
    make_gig(lab, "chess", title="Endgames for everyone", now=clock.now())

    medicine = Client().get("/fields/medicine/").content.decode()
    overview = Client().get("/fields/").content.decode()

    assert titles(medicine) == ["Echo reports graded"]
    assert Client().get("/fields/alchemy/").status_code == 404
    assert re.search(r'Cardiology <b class="[^"]+">1</b>', overview)


# ----------------------------------------------------------------------------------------------------- query counts


@pytest.mark.parametrize("path", ["/gigs/", "/gigs/?q=physician&field=medicine", "/fields/medicine/", "/fields/"])
@pytest.mark.parametrize("who", ["visitor", "expert"])
def test_public_pages_ask_the_same_number_of_questions_at_one_and_at_three_gigs(lab: Lab, path: str, who: str) -> None:
    client = Client() if who == "visitor" else browse(make_expert().user)

    make_gig(lab, requirements=(licence(), vetted_in("medicine")), now=clock.now())
    at_one = questions_of(client, path)
    make_gig(lab, requirements=(licence(), vetted_in("law")), now=clock.now())
    make_gig(make_lab("Another"), requirements=(licence(), vetted_in("medicine")), now=clock.now())

    assert questions_of(client, path) == at_one
    figures = 3 if path == "/fields/medicine/" else 0  # what the field pays, funds and asks for
    assert at_one <= {"visitor": 11, "expert": 21}[who] + figures
