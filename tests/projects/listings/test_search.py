"""What the board finds, and in which order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experts.profiles.models import Field
from projects.labs.models import Lab
from projects.listings.actions.index import index_all_projects
from projects.listings.enums import BoardOrder
from projects.listings.models import Project
from projects.listings.queries import Filters, board
from tests.factories.projects_labs import NOW, make_lab
from tests.factories.projects_listings import field_of, make_draft, make_gig

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Lab:
    return make_lab()


@pytest.fixture
def world(lab: Lab) -> dict[str, Project]:
    """A board with gigs that a careless search would mix up."""
    return {
        "physicians": make_gig(lab, "medicine"),
        "echo": make_gig(
            lab,
            "cardiology",
            title="Echocardiography report grading against a rubric",
            summary="Grade thirty-criterion rubrics on model-written reports of echo loops.",
            kinds=("RUBRIC_GRADING",),
        ),
        "chess": make_gig(
            lab,
            "chess",
            title="Explain the endgame: plans a 1600 player can follow",
            summary="Write the ideal explanation for twelve-piece positions with engine lines supplied.",
            kinds=("DEMONSTRATION",),
            sections={
                "role": "Teach.",
                "what_you_will_do": "Write.",
                "who_you_are": "A coach.",
                "pay_and_terms": "Fri.",
            },
        ),
        "wine": make_gig(
            lab,
            "wine",
            title="Tasting notes that a guest understands",
            summary="Judge descriptions of bottles that a model wrote, and repair what misleads a guest.",
            kinds=("PAIRWISE",),
            sections={
                "role": "Taste.",
                "what_you_will_do": "Judge.",
                "who_you_are": "A nose.",
                "pay_and_terms": "Fri.",
            },
        ),
    }


def found(text: str, **filters: object) -> list[str]:
    return [row.title.split()[0] for row in board(Filters(text=text, **filters), now=NOW).rows]  # type: ignore[arg-type]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("physician talent", ["Physician"]),
        ("Echocardiography", ["Echocardiography"]),
        ("cardiolgy", ["Echocardiography"]),
        ("sommelier", ["Tasting"]),
        ("chess", ["Explain"]),
        ("poker", []),
        ("endgames", ["Explain"]),
        ("éndgame", ["Explain"]),
        ("explan", ["Explain"]),
        ("rubric gigs", ["Echocardiography"]),
        ("the", ["Physician", "Echocardiography", "Explain", "Tasting"]),
        ("zebra unicorns", []),
        ("'); DROP TABLE listings_project; --", []),
        ("\x00", ["Physician", "Echocardiography", "Explain", "Tasting"]),
    ],
)
def test_words_find_what_they_mean(text: str, titles: list[str]) -> None:
    assert sorted(found(text)) == sorted(titles)


@pytest.mark.usefixtures("world")
def test_heart_doctor_finds_cardiology_before_gigs_for_any_physician() -> None:
    assert found("heart doctor") == ["Echocardiography", "Physician"]


@pytest.mark.usefixtures("world")
def test_a_word_that_is_known_is_never_taken_for_a_typo(lab: Lab) -> None:
    make_gig(lab, "radiology", title="Chest images read twice")

    assert found("chess") == ["Explain"]
    assert found("chest") == ["Chest"]


@pytest.mark.usefixtures("world")
def test_a_word_in_the_title_ranks_above_the_same_word_elsewhere(lab: Lab) -> None:
    make_gig(
        lab, "medicine", title="Medication reconciliation review", summary="Physician work of a quiet sort, with care."
    )

    assert found("physician")[0] == "Physician"


@pytest.mark.usefixtures("world")
def test_when_no_gig_has_every_word_those_with_some_are_shown_and_said_so() -> None:
    page = board(Filters(text="chess sommelier"), now=NOW)

    assert (page.widened, sorted(row.title.split()[0] for row in page.rows)) == (True, ["Explain", "Tasting"])


def test_a_lab_is_found_by_its_name_unless_it_stays_anonymous() -> None:
    open_lab, hidden = make_lab("Quillon Research"), make_lab("Umbra Research", is_anonymous=True)
    make_gig(open_lab, "law", title="Lease clauses for tenants")
    make_gig(hidden, "law", title="Merger clauses for buyers")

    assert found("quillon") == ["Lease"]
    assert found("umbra") == []
    assert found("", lab="umbra-research") == []


def test_drafts_paused_full_late_and_unlisted_gigs_are_not_on_the_board(lab: Lab) -> None:
    make_draft(lab)
    shown = make_gig(lab, title="The one that is shown")
    for change in (
        {"state": "PAUSED"},
        {"visibility": "LINK"},
        {"closes_at": NOW},
        {"places_wanted": 3, "places_filled": 3},
    ):
        Project.objects.filter(pk=make_gig(lab).pk).update(**change)

    assert [row.pk for row in board(Filters(), now=NOW).rows] == [shown.pk]


def test_a_changed_taxonomy_is_found_after_indexing_again(lab: Lab) -> None:
    make_gig(lab, "chess", title="Endgames for everyone")
    Field.objects.filter(code="chess").update(synonyms=["zugzwang"])
    assert found("zugzwang") == []

    assert index_all_projects(now=NOW) == 1

    assert found("zugzwang") == ["Endgames"]


# ------------------------------------------------------------------------------------------------------------ filters


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"fields": ("medicine",)}, ["Echocardiography", "Physician"]),
        ({"fields": ("cardiology",)}, ["Echocardiography"]),
        ({"fields": ("chess", "wine")}, ["Explain", "Tasting"]),
        ({"fields": ("no-such-field",)}, []),
        ({"kinds": ("PAIRWISE",)}, ["Tasting"]),
        ({"kinds": ("PAIRWISE",), "fields": ("chess",)}, []),
        ({"countries": ("FR",)}, []),
        ({"languages": ("en",), "kinds": ("DEMONSTRATION",)}, ["Explain"]),
        ({"rate_minor": 250_01}, []),
        ({"hours": 5}, []),
        ({"hours": 10}, ["Echocardiography", "Explain", "Physician", "Tasting"]),
    ],
)
def test_filters_of_one_group_add_up_and_groups_narrow(filters: dict[str, object], titles: list[str]) -> None:
    assert sorted(found("", **filters)) == titles


def test_gigs_open_to_any_country_and_language_count_for_each(lab: Lab) -> None:
    make_gig(lab, countries=(), languages=())
    make_gig(lab, countries=("US",), languages=("en", "es"))

    page = board(Filters(), now=NOW)

    assert {option.value: option.count for option in _facet(page, "country")} == {"US": 2}
    assert {option.value: option.count for option in _facet(page, "language")} == {"en": 2, "es": 2}
    assert board(Filters(countries=("FR",)), now=NOW).total == 1


@pytest.mark.usefixtures("world")
def test_each_facet_counts_what_all_other_filters_leave() -> None:
    page = board(Filters(fields=("medicine",), kinds=("RUBRIC_GRADING",)), now=NOW)

    kinds = {option.value: (option.count, option.on) for option in _facet(page, "kind")}
    fields = {option.value: (option.count, option.on) for option in _facet(page, "field")}
    assert page.total == 1
    assert kinds == {
        "RUBRIC_GRADING": (1, True),
        "ANSWER_REVIEW": (1, False),
        "FEEDBACK": (1, False),
        "SCENARIO": (1, False),
    }
    assert fields == {"medicine": (1, True)}
    assert [option.count for option in _facet(page, "rate")] == [1, 1, 1, 1]


@pytest.mark.usefixtures("world")
def test_specialties_show_under_a_chosen_field() -> None:
    (medicine,) = [one for one in _facet(board(Filters(fields=("medicine",)), now=NOW), "field") if one.on]

    assert [(one.value, one.count) for one in medicine.below] == [("cardiology", 1)]


def _facet(page, name: str):
    facet = next(facet for facet in page.facets if facet.name == name)
    return [*facet.options, *facet.more]


# ------------------------------------------------------------------------------------------------------ order and pages


def test_orders_do_what_they_say(lab: Lab) -> None:
    old = make_gig(lab, now=NOW - timedelta(days=3), rate_max_minor=300_00, closes_at=NOW + timedelta(days=9))
    new = make_gig(lab, now=NOW, rate_max_minor=200_00, closes_at=None)
    soon = make_gig(lab, now=NOW - timedelta(days=1), rate_max_minor=250_00, closes_at=NOW + timedelta(days=1))

    def order(wanted: BoardOrder) -> list[int]:
        return [row.pk for row in board(Filters(order=wanted), now=NOW).rows]

    assert order(BoardOrder.NEWEST) == [new.pk, soon.pk, old.pk]
    assert order(BoardOrder.PAY) == [old.pk, soon.pk, new.pk]
    assert order(BoardOrder.CLOSING) == [soon.pk, old.pk, new.pk]
    assert order(BoardOrder.BEST) == [new.pk, soon.pk, old.pk]


def test_best_match_without_words_begins_with_the_readers_fields(lab: Lab) -> None:
    law, medicine, cardiology = (make_gig(lab, code) for code in ("law", "medicine", "cardiology"))
    own, near = {field_of("cardiology").pk}, {field_of("medicine").pk}

    rows = board(Filters(), now=NOW, own_field_ids=own, near_field_ids=near).rows

    assert [row.pk for row in rows] == [cardiology.pk, medicine.pk, law.pk]


@pytest.mark.full
@pytest.mark.parametrize("order", list(BoardOrder))
@pytest.mark.parametrize("text", ["", "physician"])
def test_pages_show_every_gig_once_while_others_arrive(lab: Lab, order: BoardOrder, text: str) -> None:
    same = {make_gig(lab, closes_at=NOW + timedelta(days=2)).pk for _ in range(3)}
    different = {
        make_gig(lab, now=NOW - timedelta(hours=hours), title=f"Physician wanted {hours}").pk for hours in (1, 2, 30)
    }
    seen: list[int] = []
    after = ""

    for _page in range(10):
        page = board(Filters(text=text, order=order), now=NOW, after=after, size=2)
        seen += [row.pk for row in page.rows]
        make_gig(
            lab,
            now=NOW + timedelta(hours=1),
            rate_max_minor=900_00,
            title=f"Physician {len(seen)}",
            closes_at=NOW + timedelta(days=1),
        )
        after = page.next_after
        if not after:
            break

    assert len(seen) == len(set(seen))
    assert same | different <= set(seen)


@pytest.mark.parametrize(
    "cursor", ["nonsense", "W10", "WyJiZXN0Il0", "e30", "\x00", "WyJuZXdlc3QiLCJOYU4iLCIyMDI2LTExLTE4IiwxLDFd"]
)
def test_a_damaged_cursor_leads_to_the_first_page(lab: Lab, cursor: str) -> None:
    gig = make_gig(lab)

    for order in BoardOrder:
        assert [row.pk for row in board(Filters(order=order), now=NOW, after=cursor).rows] == [gig.pk]


@pytest.mark.parametrize("text", ["", "physician", "cardiolgy"])
def test_the_board_asks_the_same_number_of_questions_at_one_and_at_three_gigs(
    lab: Lab, text: str, django_assert_num_queries: object
) -> None:
    make_gig(lab, "cardiology")
    # taxonomy, summary, facets, gigs, their fields, requirements (none has a field); with words no summary, but words, lab
    # names, what is near in meaning
    queries = 6 if not text else 8

    with django_assert_num_queries(queries):  # type: ignore[operator]
        board(Filters(text=text), now=NOW)
    make_gig(lab, "cardiology")
    make_gig(lab, "cardiology", "medicine")
    with django_assert_num_queries(queries):  # type: ignore[operator]
        assert board(Filters(text=text), now=NOW).total == 3
