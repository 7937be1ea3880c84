"""What an expert meets of what a listing asks for, in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from experts.credentials.enums import LADDER, LadderStep
from experts.credentials.models import Credential
from experts.profiles.models import Expert, ExpertLanguage
from experts.vetting.enums import CaseState
from experts.vetting.models import Case
from projects.listings.models import Project
from projects.listings.queries import requirements_met, standing_of
from projects.listings.queries.requirements import any_of, fit_of
from tests.factories.projects_labs import NOW, make_lab
from tests.factories.projects_listings import field_of, licence, make_draft, make_expert, vetted_in

pytestmark = pytest.mark.django_db
OPEN = {"countries": (), "languages": (), "weekly_hours_min": None}


def give_licence(expert: Expert, step: LadderStep, **facts: object) -> Credential:
    values = {"kind": "MEDICAL_LICENCE", "country": "US", "region": "MA", "declared_at": NOW} | facts
    if step == LadderStep.CONFIRMED:
        values["confirmed_until"] = NOW.date() + timedelta(days=365)
    credential: Credential = Credential.objects.create(expert=expert, step=step, **values)
    return credential


def vet(expert: Expert, code: str, state: CaseState = CaseState.APPROVED) -> Case:
    decided = NOW if state in {CaseState.APPROVED, CaseState.DECLINED} else None
    case: Case = Case.objects.create(
        number=Case.objects.count() + 1, expert=expert, field=field_of(code), state=state, opened_at=NOW, due_at=NOW,
        decided_at=decided,
    )  # fmt: skip
    return case


@pytest.mark.parametrize("asked", LADDER)
@pytest.mark.parametrize("shown", LADDER)
def test_a_credential_counts_from_the_asked_step_upwards(asked: LadderStep, shown: LadderStep) -> None:
    project, expert = make_draft(requirements=(licence(asked),), **OPEN), make_expert()
    give_licence(expert, shown)

    (row,) = requirements_met(expert, project)

    assert row.met is (LADDER.index(shown) >= LADDER.index(asked))
    assert row.note == str(shown.label).lower()


def test_the_best_of_several_counts_and_withdrawn_and_expired_ones_do_not() -> None:
    project, expert = make_draft(requirements=(licence(LadderStep.CONFIRMED),), **OPEN), make_expert()
    give_licence(expert, LadderStep.DECLARED)
    give_licence(expert, LadderStep.CONFIRMED, withdrawn_at=NOW)
    expired = give_licence(expert, LadderStep.CONFIRMED, expires_on=date(2026, 11, 17))
    today = date(2026, 11, 18)

    (row,) = requirements_met(expert, project, standing_of(expert, today=today))
    assert (row.met, row.words, row.note) == (False, "Medical licence, confirmed by staff", "declared")

    Credential.objects.filter(pk=expired.pk).update(expires_on=today)
    (row,) = requirements_met(expert, project, standing_of(expert, today=today))
    assert (row.met, row.note) == (True, "confirmed by staff")


@pytest.mark.parametrize(
    ("vetted", "asked", "met"),
    [("cardiology", "cardiology", True), ("cardiology", "medicine", True), ("medicine", "cardiology", False)],
)
def test_who_is_vetted_in_a_specialty_is_vetted_in_the_field_above(vetted: str, asked: str, met: bool) -> None:
    project, expert = make_draft(requirements=(vetted_in(asked),), **OPEN), make_expert()
    vet(expert, vetted)

    assert [row.met for row in requirements_met(expert, project)] == [met]


@pytest.mark.parametrize("state", [state for state in CaseState if state != CaseState.APPROVED])
def test_only_an_approved_case_counts(state: CaseState) -> None:
    project, expert = make_draft(requirements=(vetted_in("medicine"),), **OPEN), make_expert()
    vet(expert, "medicine", state)

    (row,) = requirements_met(expert, project)

    assert (row.met, row.words, row.note) == (False, "Vetted in Medicine", "not vetted in this field yet")


def test_place_languages_and_hours_are_requirements_too() -> None:
    project = make_draft(countries=("US", "CA"), languages=("en", "es"), weekly_hours_min=10, weekly_hours_cap=20)
    expert = make_expert(country="FR", weekly_hours=8)
    ExpertLanguage.objects.create(expert=expert, code="en", level="C1")

    rows = requirements_met(expert, project)

    assert [(row.met, row.words, row.note, row.is_required) for row in rows] == [
        (False, "Based in United States or Canada", "France", True),
        (True, "Speaks English", "C1", True),
        (False, "Speaks Spanish", "", True),
        (False, "10 h a week free", "you have 8 h", False),
    ]
    fit = fit_of(rows)
    assert (fit.met, fit.of, fit.tone) == (1, 4, "danger")
    assert fit.required_missing == ("Based in United States or Canada", "Speaks Spanish")


def test_what_is_good_to_have_is_told_last_and_not_counted() -> None:
    asked = (licence(is_required=False), vetted_in("medicine"))
    project, expert = make_draft(requirements=asked, **OPEN), make_expert()
    vet(expert, "medicine")

    rows = requirements_met(expert, project)

    assert [(row.words, row.met, row.counts) for row in rows] == [
        ("Vetted in Medicine", True, True),
        ("Medical licence, document seen", False, False),
    ]
    assert (fit_of(rows).met, fit_of(rows).of, fit_of(rows).tone) == (1, 1, "success")


def test_comparing_many_listings_asks_nothing_more(django_assert_num_queries: object) -> None:
    lab, expert = make_lab(), make_expert()
    give_licence(expert, LadderStep.CONFIRMED, expires_on=(NOW + timedelta(days=90)).date())
    for _number in range(3):
        make_draft(lab, requirements=(licence(), vetted_in("law")))
    projects = list(Project.objects.filter(lab=lab).with_listing())

    with django_assert_num_queries(3):  # type: ignore[operator]
        standing = standing_of(expert)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert [len(requirements_met(expert, project, standing)) for project in projects] == [5, 5, 5]


def test_long_lists_are_cut() -> None:
    assert any_of(["Chile"]) == "Chile"
    assert any_of(["A", "B", "C"]) == "A, B or C"
    assert any_of(list("ABCDEFGH")) == "A, B, C, D, E or 3 more"
