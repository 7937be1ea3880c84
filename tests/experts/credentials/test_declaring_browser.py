"""A credential is declared in Chromium: its words go first, its file follows in pieces over a line that goes dead."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from experts.credentials.models import Credential, Document, PartialUpload
from experts.profiles.models import Expert
from tests.factories.experts_profiles import make_expert
from tests.factories.projects_labs import browse
from tests.support.browsing import hand_over
from tests.support.dead_lines import PIECE, Line, heavy
from tests.support.processes import LiveStack, wait_until

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip
FILE = {"name": "diploma.pdf", "mimeType": "application/pdf", "buffer": heavy(("Diploma",), 4 * PIECE)}


@pytest.fixture
def expert(live_stack: LiveStack) -> Expert:
    return make_expert()


@pytest.fixture
def form(page: Page, live_stack: LiveStack, expert: Expert) -> Page:
    hand_over(browse(expert.user), page.context, live_stack.url)
    page.goto("/me/credentials/add/degree/")
    return page


def declare(page: Page) -> None:
    page.get_by_role("button", name="Declare it").click()


def test_what_is_written_goes_first_and_the_file_follows_over_a_dead_line(form: Page):
    line = Line(form)
    line.most = 2
    form.get_by_label("Document").set_input_files([FILE])
    form.get_by_label("Degree and subject").fill("PhD in Chemistry")

    # The server has something to say about the words: they come back, and nothing was declared.
    declare(form)
    expect(form.get_by_role("alert").first).to_be_visible()
    expect(form.get_by_label("Degree and subject")).to_have_value("PhD in Chemistry")
    assert not Credential.objects.exists()

    # Nobody answers: the words are still there, with a sentence.
    form.get_by_label("Document").set_input_files([FILE])
    form.get_by_label("University").fill("Invented University")
    form.context.set_offline(True)
    declare(form)
    expect(form.get_by_text("What you wrote is still here")).to_be_visible()
    expect(form.get_by_label("Degree and subject")).to_have_value("PhD in Chemistry")
    form.context.set_offline(False)

    declare(form)
    expect(form.get_by_text("It goes on by itself")).to_be_visible()
    assert Credential.objects.get().document is None
    wait_until(lambda: PartialUpload.objects.get().received_bytes == 2 * PIECE, what="two pieces")
    assert [rule["id"] for rule in Axe().run(form).response["violations"]] == []
    line.most = 10_000

    form.wait_for_url("**/me/credentials/")
    expect(form.get_by_text("PhD in Chemistry (US) is declared.")).to_be_visible()
    credential = Credential.objects.get()
    assert credential.document == Document.objects.get()
    assert (credential.document.original_name, credential.document.size_bytes) == ("diploma.pdf", len(FILE["buffer"]))
    assert line.sent == 5


def test_a_file_that_is_refused_leaves_what_was_declared_and_another_may_follow(form: Page):
    form.get_by_label("Degree and subject").fill("PhD in Chemistry")
    form.get_by_label("University").fill("Invented University")
    form.get_by_label("Document").set_input_files([{**FILE, "name": "diploma.exe"}])
    declare(form)
    expect(form.locator("[data-sending-problem]")).to_contain_text("exe")
    assert Credential.objects.get().document is None

    form.get_by_label("Document").set_input_files([FILE])
    declare(form)
    form.wait_for_url("**/me/credentials/")
    assert Credential.objects.get().document == Document.objects.get()
