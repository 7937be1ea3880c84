"""Writing, publishing, pausing and closing a listing: who may, what is refused, what is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from experts.credentials.enums import CredentialKind, LadderStep
from marketplace.audit.models import AuditEvent
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from projects.labs.enums import LabRole, Scope
from projects.listings import policies
from projects.listings.actions import projects as actions
from projects.listings.actions.shape import Listing, Wanted, listing_of
from projects.listings.enums import ProjectState
from projects.listings.models import Project, Terms
from projects.listings.starters import STARTERS, starter_listing
from tests.factories.payments_funding import make_deposit
from tests.factories.projects_labs import NOW, join, make_key, make_lab, owner_of
from tests.factories.projects_listings import (
    fund,
    licence,
    listing,
    make_draft,
    make_gig,
    vetted_in,
)
from tests.support.races import Beside, waits_for_a_lock

pytestmark = pytest.mark.django_db


def edit(project: Project, by: Actor | None = None, **parts: object) -> Project:
    by = by or owner_of(project.lab)
    changed = replace(listing_of(project), **parts)  # type: ignore[arg-type]
    return actions.edit_project(project_id=project.pk, listing=changed, by=by, now=NOW)


# ------------------------------------------------------------------------------------------------------------ writing


def test_a_draft_keeps_everything_that_was_said() -> None:
    asked = (vetted_in("medicine"), licence(), licence(LadderStep.CONFIRMED, is_required=False))
    said = listing("medicine", "cardiology", requirements=asked, starts_on=date(2026, 12, 1), closes_at=NOW)
    lab = make_lab()

    project = actions.create_project(lab_id=lab.pk, listing=said, by=owner_of(lab), now=NOW)

    kept = listing_of(Project.objects.get(pk=project.pk))
    assert kept == said
    assert (project.state, project.created_by, project.published_at) == (ProjectState.DRAFT, owner_of(lab), None)


def test_a_title_is_enough_for_a_draft() -> None:
    lab = make_lab()

    project = actions.create_project(lab_id=lab.pk, listing=Listing("Later"), by=owner_of(lab), now=NOW)

    assert [check.code for check in policies.publish_checklist(project) if check.done] == ["places", "unpaid"]


@pytest.mark.parametrize("role", list(LabRole))
def test_only_owners_and_managers_write_publish_pause_and_close(role: LabRole) -> None:
    lab = make_lab()
    actor, project = join(lab, role), make_draft(lab)
    fund(project)
    pk = project.pk
    deeds = [
        lambda: actions.create_project(lab_id=lab.pk, listing=listing(), by=actor, now=NOW),
        lambda: edit(project, by=actor, places_wanted=41),
        lambda: actions.publish_project(project_id=pk, by=actor, now=NOW),
        lambda: actions.pause_project(project_id=pk, reason="New data is coming.", by=actor, now=NOW),
        lambda: actions.reopen_project(project_id=pk, by=actor, now=NOW),
        lambda: actions.close_project(project_id=pk, reason="All work is done.", by=actor, now=NOW),
    ]

    for deed in deeds:
        if role in {LabRole.OWNER, LabRole.MANAGER}:
            deed()
        else:
            with pytest.raises(NotAllowed):
                deed()

    project.refresh_from_db()
    assert project.state == (ProjectState.CLOSED if role in {LabRole.OWNER, LabRole.MANAGER} else ProjectState.DRAFT)


def test_a_key_with_the_scope_posts_for_its_lab_and_no_other() -> None:
    lab, other = make_lab(), make_lab("Other")
    key, _text = make_key(lab, Scope.PROJECTS_WRITE)
    reading, _text = make_key(lab, Scope.PROJECTS_READ)

    project = actions.create_project(lab_id=lab.pk, listing=listing(), by=key, now=NOW)

    assert project.created_by is None
    assert AuditEvent.objects.about("project", project.public_id).get().actor_kind == "api_key"
    with pytest.raises(NotAllowed):
        actions.create_project(lab_id=other.pk, listing=listing(), by=key, now=NOW)
    with pytest.raises(NotAllowed):
        actions.create_project(lab_id=lab.pk, listing=listing(), by=reading, now=NOW)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"title": "  "}, "title"),
        ({"currency": "XAU"}, "currency"),
        ({"rate_min_minor": 0}, "rate_max"),
        ({"rate_max_minor": None}, "rate_max"),
        ({"rate_min_minor": 250_01}, "rate_min"),
        ({"weekly_hours_cap": 61}, "weekly_hours_cap"),
        ({"weekly_hours_min": 21}, "weekly_hours_min"),
        ({"places_wanted": 0}, "places_wanted"),
        ({"kinds": ("SINGING",)}, "kinds"),
        ({"countries": ("UK",)}, "countries"),
        ({"languages": ("xx",)}, "languages"),
        ({"sections": {"about_mercy": "x"}}, "sections"),
        ({"sections": {"role": "x" * 20_001}}, "sections"),
        ({"questions": ("x" * 301,)}, "questions"),
        ({"questions": ("Why?",) * 11}, "questions"),
        ({"field_ids": (0,)}, "fields"),
        ({"requirements": (Wanted(),)}, "requirements"),
        ({"requirements": (Wanted(CredentialKind.NPI, field_id=1),)}, "requirements"),
        ({"requirements": (Wanted("CROWN"),)}, "requirements"),
        ({"requirements": (Wanted(CredentialKind.NPI, "HIGH"),)}, "requirements"),
        ({"requirements": (Wanted(field_id=0),)}, "requirements"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(parts: dict[str, object], field: str) -> None:
    lab = make_lab()

    with pytest.raises(Invalid) as refusal:
        actions.create_project(lab_id=lab.pk, listing=replace(listing(), **parts), by=owner_of(lab), now=NOW)  # type: ignore[arg-type]

    assert refusal.value.facts == {"field": field}
    assert not Project.objects.exists()


def test_a_change_is_written_down_with_what_was_before() -> None:
    project = make_draft()

    edit(project, places_wanted=50, sections=dict(project.sections) | {"role": "Another role."})

    event = AuditEvent.objects.about("project", project.public_id).first()
    assert (event.what, event.before["places_wanted"], event.after["places_wanted"]) == (
        "listings.edit_project",
        40,
        50,
    )
    assert event.after["sections"]["role"] == "Another role."
    assert set(event.after) == {"places_wanted", "sections"}


def test_saving_without_a_change_writes_nothing_down() -> None:
    project = make_draft()
    requirement_ids = list(project.requirements.values_list("pk", flat=True))

    edit(project)

    assert AuditEvent.objects.about("project", project.public_id).count() == 1
    assert list(project.requirements.values_list("pk", flat=True)) == requirement_ids


def test_places_cannot_fall_below_the_people_at_work() -> None:
    project = make_gig(places_wanted=3)
    Project.objects.filter(pk=project.pk).update(places_filled=2)

    with pytest.raises(Invalid):
        edit(project, places_wanted=1)

    assert edit(project, places_wanted=2).places_left == 0


def test_the_currency_stays_once_money_moved_or_the_listing_is_out() -> None:
    project = make_draft()
    assert edit(project, currency="EUR").currency == "EUR"
    make_deposit(project_ref=project.public_id, lab_ref=project.lab.public_id)

    with pytest.raises(Invalid):
        edit(project, currency="USD")
    with pytest.raises(Invalid):
        edit(make_gig(), currency="EUR")


# -------------------------------------------------------------------------------------------------------------- terms


def test_another_text_of_the_terms_is_another_version_and_the_old_one_stays() -> None:
    project = make_gig()
    first = project.terms

    edit(project, terms_text="A new text.\r\nTwo lines. ")
    second = Project.objects.get(pk=project.pk).terms
    edit(project, title="Renamed network of physicians", terms_text=first.text)
    third = Project.objects.get(pk=project.pk).terms

    assert (first.version, second.version, second.text) == (1, 2, "A new text.\nTwo lines.")
    assert third == first
    assert list(Terms.objects.values_list("title", "version")) == [
        ("Terms of Physician Talent Network", n) for n in (1, 2)
    ]
    assert len(second.sha256) == 64


@pytest.mark.parametrize("change", ["UPDATE listings_terms SET text = 'other'", "DELETE FROM listings_terms"])
def test_nobody_changes_a_version_of_terms(change: str) -> None:
    from django.db import connection

    terms = make_draft().terms

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    terms.refresh_from_db()
    assert terms.text.startswith("What you see here")


def test_a_published_listing_keeps_terms() -> None:
    project = make_gig()

    with pytest.raises(Invalid):
        edit(project, terms_text=" ")

    assert Project.objects.get(pk=project.pk).terms == project.terms


# --------------------------------------------------------------------------------------------------------- publishing


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ({"title": "Doctors"}, "title"),
        ({"summary": "Doctors."}, "summary"),
        ({"field_ids": ()}, "field"),
        ({"kinds": ()}, "kind"),
        ({"rate_min_minor": None, "rate_max_minor": None}, "rate"),
        ({"sections": {"role": "x", "what_you_will_do": "x", "who_you_are": "x"}}, "sections"),
        ({"questions": ("Why?",) * 7}, "unpaid"),
        ({"terms_text": ""}, "terms"),
        ({}, "funds"),
    ],
)
def test_each_line_of_the_checklist_holds_back_the_publication(parts: dict[str, object], missing: str) -> None:
    project = make_draft(**parts)
    if missing != "funds":
        fund(project)
    # Without a rate there is no price of an hour, so nothing can be funded either.
    expected = {"rate": ["rate", "funds"]}.get(missing, [missing])

    assert [check.code for check in policies.publish_checklist(project) if not check.done] == expected
    with pytest.raises(Refused, match="Before you can publish, this is missing"):
        actions.publish_project(project_id=project.pk, by=owner_of(project.lab), now=NOW)

    project.refresh_from_db()
    assert (project.state, project.published_at) == (ProjectState.DRAFT, None)


def test_one_funded_hour_is_pay_and_fee_at_the_highest_rate() -> None:
    project = make_draft()
    fund(project, 274_99)
    with pytest.raises(Refused, match="funded for at least one hour"):
        actions.publish_project(project_id=project.pk, by=owner_of(project.lab), now=NOW)

    fund(project, 1)
    published = actions.publish_project(project_id=project.pk, by=owner_of(project.lab), now=NOW)

    assert (published.state, published.published_at) == (ProjectState.OPEN, NOW)
    assert AuditEvent.objects.about("project", project.public_id).first().after == {"state": "OPEN"}


def test_a_published_listing_stays_complete() -> None:
    project = make_gig()

    with pytest.raises(Refused, match="a summary for the board"):
        edit(project, summary="")

    project.refresh_from_db()
    assert project.summary != ""


def test_a_listing_is_published_once() -> None:
    project = make_gig()

    with pytest.raises(WrongState):
        actions.publish_project(project_id=project.pk, by=owner_of(project.lab), now=NOW)


def test_a_pause_has_a_reason_and_an_end_and_takes_the_gig_off_the_board() -> None:
    project = make_gig()
    by, back = owner_of(project.lab), (NOW + timedelta(days=14)).date()

    with pytest.raises(Invalid):
        actions.pause_project(project_id=project.pk, reason="Short", by=by, now=NOW)
    with pytest.raises(Invalid):
        actions.pause_project(
            project_id=project.pk, reason="New data is coming.", expected_back_on=date(2026, 11, 17), by=by, now=NOW
        )
    paused = actions.pause_project(
        project_id=project.pk, reason="New data is coming.", expected_back_on=back, by=by, now=NOW
    )

    assert (paused.state, paused.state_reason, paused.expected_back_on) == ("PAUSED", "New data is coming.", back)
    assert not Project.objects.on_the_board().exists()
    reopened = actions.reopen_project(project_id=project.pk, by=by, now=NOW)
    assert (reopened.state, reopened.state_reason, reopened.expected_back_on) == ("OPEN", "", None)
    assert reopened.published_at == NOW


def test_an_empty_project_cannot_reopen() -> None:
    project = make_gig(funds_minor=275_00)
    actions.pause_project(project_id=project.pk, reason="New data is coming.", by=owner_of(project.lab), now=NOW)
    Project.objects.filter(pk=project.pk).update(rate_max_minor=251_00)

    with pytest.raises(Refused, match="Before you can reopen"):
        actions.reopen_project(project_id=project.pk, by=owner_of(project.lab), now=NOW)


def test_a_closed_project_stays_closed_and_as_it_was() -> None:
    project = make_gig()
    by = owner_of(project.lab)
    actions.close_project(project_id=project.pk, reason="All work is done.", by=by, now=NOW)

    for deed in (
        lambda: actions.close_project(project_id=project.pk, reason="All work is done.", by=by, now=NOW),
        lambda: actions.reopen_project(project_id=project.pk, by=by, now=NOW),
        lambda: actions.publish_project(project_id=project.pk, by=by, now=NOW),
        lambda: edit(project, places_wanted=41),
    ):
        with pytest.raises(WrongState):
            deed()


@pytest.mark.parametrize("code", list(STARTERS))
def test_a_starter_can_be_published_as_it_is(code: str) -> None:
    lab = make_lab()
    project = actions.create_project(lab_id=lab.pk, listing=starter_listing(code), by=owner_of(lab), now=NOW)
    fund(project)

    assert actions.publish_project(project_id=project.pk, by=owner_of(lab), now=NOW).state == ProjectState.OPEN
    vetted = STARTERS[code].vetted_code
    asked = set(project.requirements.filter(field__isnull=False).values_list("field__code", flat=True))
    assert asked == ({vetted} if vetted else set())


@pytest.mark.django_db(transaction=True)
def test_terms_that_were_changed_while_somebody_waited_to_publish_are_the_ones_that_count() -> None:
    project = make_draft()
    fund(project)
    owner = owner_of(project.lab)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        publishing = Beside(lambda: actions.publish_project(project_id=project.pk, by=owner, now=NOW))
        assert waits_for_a_lock(publishing)
        newer = Terms.objects.create(
            lab=project.lab, title=project.terms.title, version=2, text="New words.", sha256="0" * 64, created_at=NOW
        )
        Project.objects.filter(pk=project.pk).update(terms=newer)

    published = publishing.done()

    assert (published.state, published.terms) == (ProjectState.OPEN, newer)
