"""A lab finds an expert, who applies; two people score, decide, and take a decision back; with JavaScript and without, at 320 px."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from marketplace.accounts.models import User
from marketplace.kernel import clock
from projects.hiring.enums import HeldState
from projects.hiring.models import Application, GigInvitation, HeldDecision
from projects.labs.enums import LabRole
from projects.labs.models import Lab, Membership
from tests.factories.experts_profiles import make_expert
from tests.factories.projects_hiring import make_applicant
from tests.factories.projects_labs import make_lab
from tests.factories.projects_listings import make_gig
from tests.journeys.album import PHONE, Album, Ear
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.people import make_person, make_staff, sign_in
from tests.support.processes import LiveStack

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone]
OWNER, REVIEWER, EXPERT = "ines@larkfield.example", "sam@larkfield.example", "imani@okafor.example"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HEADLINE = "Reads echoes for a living"


@pytest.fixture
def phone(chromium: Browser, live_stack: LiveStack, ear: Ear) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page 320 pixels wide as somebody, where scripts run or do not."""
    with ExitStack() as opened:

        def open_page(who: str, *, scripts: bool) -> Page:
            context = chromium.new_context(
                base_url=live_stack.url, viewport=PHONE, java_script_enabled=scripts, locale="en-GB",
                reduced_motion="reduce",
            )  # fmt: skip
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            return ear.listen(context.new_page(), who)

        yield open_page


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_lab_invites_scores_decides_and_takes_it_back(
    phone: Callable[..., Page], live_stack: LiveStack, ear: Ear, scripts: bool
) -> None:
    secret, slug = a_lab_with_a_gig_and_an_expert_who_is_open_to_work()
    album = Album(f"a-lab-hires-{'with' if scripts else 'without'}-scripts")
    owner, expert, reviewer = (phone(who, scripts=scripts) for who in ("owner", "expert", "reviewer"))
    sign_in(owner, email=OWNER, secret=secret)
    sign_in(expert, email=EXPERT)
    sign_in(reviewer, email=REVIEWER)
    the_owner_invites_the_first_of_the_ranking(owner, slug, album)
    the_expert_applies_on_the_invitation(expert, album)
    the_reviewer_scores_blind(reviewer, slug, album)
    the_owner_declines_two_and_undoes_it(owner, slug, album)
    the_owner_moves_somebody_on_the_board(owner, slug, album)
    assert set(HeldDecision.objects.values_list("state", flat=True)) == {HeldState.UNDONE}
    assert list(Application.objects.order_by("pk").values_list("state", flat=True)) == ["SUBMITTED", "SHORTLISTED"]
    assert ear.heard == []


def a_lab_with_a_gig_and_an_expert_who_is_open_to_work() -> tuple[str, str]:
    now = clock.now()
    secret = make_staff("SUPPORT", name="Ines Larkfield", email=OWNER)
    lab: Lab = make_lab(owner=User.objects.get(email=OWNER))
    sam = make_person(name="Sam Lind", email=REVIEWER)
    Membership.objects.create(lab=lab, user=sam, role=LabRole.REVIEWER, joined_at=now)
    gig = make_gig(lab, now=now)
    make_applicant(gig, make_expert(make_person(name="Somebody Else", email="else@okafor.example")), now=now)
    make_expert(make_person(name="Imani Okafor", email=EXPERT), headline=HEADLINE, created_at=now, updated_at=now)
    return secret, lab.slug


def it_is_fit_to_read(page: Page, album: Album, title: str) -> None:
    """Nothing is wider than the screen, and axe finds nothing, as far as scripts may run."""
    album.photograph(page, title)
    wide = page.evaluate(
        "width => document.scrollingElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]"
        ".filter(element => element.getBoundingClientRect().right > width).map(element => element.outerHTML)",
        PHONE["width"],
    )
    assert wide == [], page.url
    if "without" in album.name:
        return  # axe is a script
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page, options={"runOnly": RULES})
        assert found.violations_count == 0, f"{page.url} {scheme}\n{found.generate_report()}"


def the_owner_invites_the_first_of_the_ranking(page: Page, slug: str, album: Album) -> None:
    gig = Application.objects.get().project
    page.goto(f"/lab/{slug}/projects/{gig.public_id}/matches/")
    expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()
    assert "Imani" not in page.content()
    it_is_fit_to_read(page, album, "matches")
    page.locator("summary", has_text="Invite").first.click()
    page.get_by_label("A few words to them").fill("Please have a look at this.")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("Invited. They have 14 days to answer.")).to_be_visible()
    page.get_by_role("link", name="Invited").click()
    expect(page.get_by_text("Waits for an answer")).to_be_visible()
    it_is_fit_to_read(page, album, "invited")


def the_expert_applies_on_the_invitation(page: Page, album: Album) -> None:
    page.goto("/me/applications/")
    it_is_fit_to_read(page, album, "applications-with-an-invitation")
    page.goto("/me/invitations/")
    it_is_fit_to_read(page, album, "invitations")
    page.get_by_role("link", name="Read the invitation").click()
    expect(page.get_by_text("Please have a look at this.")).to_be_visible()
    it_is_fit_to_read(page, album, "invitation")
    page.get_by_role("button", name="Start application").click()
    expect(page.get_by_text("Complete. Every application uses it.")).to_be_visible()
    it_is_fit_to_read(page, album, "checklist")
    page.get_by_label("Which guideline do you disagree with").fill("The one on beta blockers.")
    page.get_by_label("I may do this kind of independent work").check()
    page.get_by_label("I have named every conflict of interest").check()
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_text("Submitted. The lab has 10 days to decide.")).to_be_visible()
    it_is_fit_to_read(page, album, "application")
    assert GigInvitation.objects.get().application is not None


def the_reviewer_scores_blind(page: Page, slug: str, album: Album) -> None:
    page.goto(f"/lab/{slug}/candidates/?sort=newest")
    page.get_by_role("link", name=HEADLINE).click()
    expect(page.get_by_text("Nobody has scored this candidate yet.")).to_be_visible()
    it_is_fit_to_read(page, album, "candidate")
    for criterion in page.get_by_role("group").filter(has_text="4, yes").all():
        criterion.get_by_label("4, yes").check()
    page.get_by_role("button", name="Give my scorecard").click()
    expect(page.get_by_text("4.0 of 4 on average.")).to_be_visible()
    page.get_by_label("A note for your colleagues").fill("Hours fit.")
    page.get_by_role("button", name="Keep note").click()
    expect(page.get_by_text("Hours fit.")).to_be_visible()
    it_is_fit_to_read(page, album, "candidate-scored")


def the_owner_declines_two_and_undoes_it(page: Page, slug: str, album: Album) -> None:
    page.goto(f"/lab/{slug}/candidates/")
    it_is_fit_to_read(page, album, "table")
    for box in page.get_by_role("checkbox", name="Choose ").all():
        box.check()
    page.get_by_role("button", name="Decline the chosen").click()
    expect(page.get_by_role("heading", name="Decline 2 candidates")).to_be_visible()
    it_is_fit_to_read(page, album, "bulk-decline")
    page.get_by_label("In a sentence").fill("We looked for somebody with more hours.")
    page.get_by_role("button", name="Decline them").click()
    expect(page.get_by_text("2 declines are held back.")).to_be_visible()
    it_is_fit_to_read(page, album, "held")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 candidates. Nobody was told.")).to_be_visible()


def the_owner_moves_somebody_on_the_board(page: Page, slug: str, album: Album) -> None:
    page.get_by_role("link", name="Board").click()
    expect(page.get_by_role("region", name="Submitted")).to_be_visible()
    it_is_fit_to_read(page, album, "board")
    page.get_by_label(f"Move {HEADLINE}").click()
    page.get_by_role("button", name="To the shortlist").click()
    expect(page.get_by_text("On the shortlist.")).to_be_visible()
    expect(page.get_by_role("region", name="Shortlisted").get_by_role("link", name=HEADLINE)).to_be_visible()
