"""The summary of a large board says what counting says, and is not trusted when it is old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from projects.labs.models import Lab
from projects.listings.actions.summary import summarise_board
from projects.listings.models import BoardGroup, BoardSummary
from projects.listings.queries import Board, Filters, board
from tests.factories.projects_labs import NOW, make_lab
from tests.factories.projects_listings import licence, make_gig

pytestmark = pytest.mark.django_db

FILTERS = (
    Filters(),
    Filters(fields=("medicine",)),
    Filters(fields=("cardiology", "chess"), rate_minor=150_00),
    Filters(rate_minor=90_00),
    Filters(hours=5),
    Filters(hours=10, languages=("es",)),
    Filters(countries=("US",), kinds=("PAIRWISE",)),
    Filters(credentials=("MEDICAL_LICENCE",)),
    Filters(credentials=("MEDICAL_LICENCE", "NONE"), rate_minor=90_00),
    Filters(posted=1),
    Filters(posted=7, fields=("law",)),
    Filters(posted=30),
)


@pytest.fixture
def gigs(lab: Lab) -> None:
    make_gig(lab, "cardiology", weekly_hours_min=5, countries=(), languages=())
    make_gig(lab, "cardiology", weekly_hours_min=6, rate_min_minor=90_00, rate_max_minor=90_00, languages=("es",))
    make_gig(lab, "chess", weekly_hours_min=None, rate_min_minor=40_00, rate_max_minor=49_99, kinds=("PAIRWISE",))
    make_gig(lab, "chess", weekly_hours_min=40, weekly_hours_cap=40, kinds=("PAIRWISE", "RANKING"), countries=("FR",))
    make_gig(lab, "medicine", "law", requirements=(licence(),), now=NOW - timedelta(days=5))
    make_gig(lab, "medicine", "law", requirements=(licence(),), now=NOW - timedelta(days=6))


@pytest.fixture
def lab() -> Lab:
    return make_lab()


def told(page: Board) -> tuple[int, list[tuple[str, str, int]]]:
    options = [(facet.name, one) for facet in page.facets for one in [*facet.options, *facet.more]]
    below = [(name, small) for name, one in options for small in one.below]
    return page.total, [(name, one.value, one.count) for name, one in [*options, *below]]


@pytest.mark.usefixtures("gigs")
def test_a_summary_tells_every_filter_what_counting_tells() -> None:
    counted = [told(board(filters, now=NOW)) for filters in FILTERS]

    assert summarise_board(now=NOW, large=6) == 5
    with connection.execute_wrapper(_no_counting_of_gigs):
        summed = [told(board(filters, now=NOW)) for filters in FILTERS]

    assert summed == counted


def _no_counting_of_gigs(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    assert "MATERIALIZED" not in sql or "listings_boardgroup" in sql
    return execute(sql, params, many, context)


@pytest.mark.usefixtures("gigs")
def test_words_and_labs_are_counted_for_themselves(lab: Lab) -> None:
    summarise_board(now=NOW, large=1)
    make_gig(lab, "chess", title="Endgames")

    assert board(Filters(text="endgames"), now=NOW).total == 1
    assert board(Filters(lab=lab.slug), now=NOW).total == 7
    assert board(Filters(), now=NOW).total == 6  # until the next round of the sweep


@pytest.mark.usefixtures("gigs")
def test_an_old_summary_is_not_trusted_and_a_small_board_has_none(lab: Lab) -> None:
    summarise_board(now=NOW, large=1)
    make_gig(lab)

    assert board(Filters(), now=NOW + timedelta(minutes=11)).total == 7
    assert summarise_board(now=NOW) == 0
    assert (BoardGroup.objects.count(), BoardSummary.objects.count()) == (0, 0)
    assert board(Filters(), now=NOW).total == 7


def test_gigs_are_found_by_the_credential_they_require_and_by_their_age(lab: Lab) -> None:
    make_gig(lab, title="Rounds for anybody", now=NOW - timedelta(days=8))
    make_gig(lab, title="Rounds for physicians", requirements=(licence(),), now=NOW - timedelta(hours=23))
    make_gig(
        lab, title="Nice to have", requirements=(replace(licence(), is_required=False),), now=NOW - timedelta(days=40)
    )

    def found(**asked: object) -> set[str]:
        return {row.title for row in board(Filters(**asked), now=NOW).rows}  # type: ignore[arg-type]

    assert found(credentials=("MEDICAL_LICENCE",)) == {"Rounds for physicians"}
    assert found(credentials=("NONE",)) == {"Rounds for anybody", "Nice to have"}
    assert found(posted=1) == {"Rounds for physicians"}
    assert found(posted=30) == {"Rounds for anybody", "Rounds for physicians"}
    facets = {facet.name: {one.value: one.count for one in facet.options} for facet in board(Filters(), now=NOW).facets}
    assert facets["credential"] == {"NONE": 2, "MEDICAL_LICENCE": 1}
    assert facets["posted"] == {"1": 1, "7": 1, "30": 2}
