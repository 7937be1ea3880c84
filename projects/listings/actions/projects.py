"""What may be done with a project's listing. Each function is one decision, one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.states import require_move
from payments.funding.queries import deposits_of_project
from projects.labs.models import Lab
from projects.labs.queries import require_manager
from projects.listings import policies
from projects.listings.actions.index import index_project
from projects.listings.actions.shape import Listing, Wanted, columns_of, listing_of, require_sound, wanted_of
from projects.listings.actions.terms import clean_text, version_of_terms
from projects.listings.enums import PROJECT_MOVES, ProjectState
from projects.listings.models import Project, Requirement

REASON_MIN_CHARS = 10


@transaction.atomic(durable=True)
def create_project(*, lab_id: int, listing: Listing, by: Actor, now: datetime) -> Project:
    """
    Write a draft that only the lab sees.

    :raises NotAllowed: if `by` may not post for the lab.
    :raises Invalid: if a part of the listing cannot be stored.
    """
    lab: Lab = Lab.objects.get(pk=lab_id)
    require_manager(lab, by, f"Only owners and managers of {lab.name} may post projects.")
    require_sound(listing)
    creator = by if isinstance(by, User) else None
    project: Project = Project.objects.create(lab=lab, created_at=now, created_by=creator, **columns_of(listing))
    _write_parts(project, listing, now=now)
    record(what="listings.create_project", by=by, about=project, now=now, after={"title": project.title})
    return project


@transaction.atomic(durable=True)
def edit_project(*, project_id: int, listing: Listing, by: Actor, now: datetime) -> Project:
    """
    Change what a listing says. A published one must stay complete, and its currency stays once money moved.

    Contracts keep the rate and the terms that were signed; a change here is for those who come next.

    :raises NotAllowed: if `by` may not change it.
    :raises WrongState: if it is closed.
    :raises Invalid: if a part of the listing cannot be stored.
    :raises Refused: if a published listing would lack what it needs.
    """
    project = _locked(project_id)
    policies.require_changing(project, by)
    if project.state == ProjectState.CLOSED:
        raise WrongState("This project is closed, so its listing stays as it was.")
    require_sound(listing)
    _require_room(project, listing)
    before = listing_of(project)
    for name, value in columns_of(listing).items():
        setattr(project, name, value)
    project.save(update_fields=sorted(columns_of(listing)))
    _write_parts(project, listing, now=now)
    if project.state != ProjectState.DRAFT:
        policies.require_done(policies.listing_checks(project), to_do="save a published listing")
    changed = _differences(before, listing)
    if changed:
        record(
            what="listings.edit_project",
            by=by,
            about=project,
            now=now,
            before={name: old for name, (old, _new) in changed.items()},
            after={name: new for name, (_old, new) in changed.items()},
        )
    return project


def _require_room(project: Project, listing: Listing) -> None:
    if listing.places_wanted < project.places_filled:
        raise Invalid(f"{project.places_filled} people work on it already.", field="places_wanted")
    if listing.currency == project.currency:
        return
    if project.state != ProjectState.DRAFT or deposits_of_project(project.public_id).exists():
        raise Invalid("The currency stays once a project is published or funded.", field="currency")


def _write_parts(project: Project, listing: Listing, *, now: datetime) -> None:
    """Write what hangs on the row: fields, requirements, terms, and what the board searches with."""
    project.fields.set(listing.field_ids)
    _write_requirements(project, listing.requirements)
    if listing.terms_text.strip():
        title = project.terms.title if project.terms else f"Terms of {project.title}"[:160]
        terms = version_of_terms(lab=project.lab, title=title, text=listing.terms_text, now=now)
    else:
        terms = None
    if project.terms != terms:
        if terms is None and project.state != ProjectState.DRAFT:
            raise Invalid("A published listing keeps terms that the expert signs.", field="terms_text")
        project.terms = terms
        project.save(update_fields=["terms"])
    index_project(project, now=now)


def _write_requirements(project: Project, wanted: Sequence[Wanted]) -> None:
    there = tuple(wanted_of(row) for row in project.requirements.order_by("position", "pk"))
    if tuple(wanted) == there:
        return
    if there:
        project.requirements.all().delete()
    Requirement.objects.bulk_create(
        Requirement(
            project=project,
            credential_kind=one.credential_kind,
            step=one.step,
            field_id=one.field_id,
            is_required=one.is_required,
            position=position,
        )
        for position, one in enumerate(wanted)
    )


def _differences(before: Listing, after: Listing) -> dict[str, tuple[Any, Any]]:
    """Return what changed, as plain values for the audit trail; of the terms only that they changed."""
    found: dict[str, tuple[Any, Any]] = {}
    for name in Listing.__slots__:
        old, new = _plain(getattr(before, name)), _plain(getattr(after, name))
        if name == "terms_text":
            old, new = clean_text(old), clean_text(new)
            if old != new:
                found[name] = ("changed", "see the versions of the terms")
        elif old != new:
            found[name] = (old, new)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): str(text) for key, text in value.items() if str(text).strip()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Wanted):
        return {name: getattr(value, name) for name in Wanted.__slots__}
    return value


# ------------------------------------------------------------------------------------------------------------- states


@transaction.atomic(durable=True)
def publish_project(*, project_id: int, by: Actor, now: datetime) -> Project:
    """
    Put a draft on the board.

    :raises NotAllowed: if `by` may not.
    :raises WrongState: if it is no draft.
    :raises Refused: if the checklist is not done, naming what is missing.
    """
    project = _locked(project_id)
    policies.require_changing(project, by)
    if project.state != ProjectState.DRAFT:
        raise WrongState("Only a draft can be published.", current=project.state)
    policies.require_done(policies.publish_checklist(project), to_do="publish")
    project.published_at = now
    project.save(update_fields=["published_at"])
    return _move(project, ProjectState.OPEN, by=by, now=now, what="listings.publish_project")


@transaction.atomic(durable=True)
def pause_project(
    *, project_id: int, reason: str, by: Actor, now: datetime, expected_back_on: date | None = None
) -> Project:
    """
    Take a listing off the board for a while, with a reason that everybody who has its address can read.

    Hours that are reserved this week are honoured: contracts and their reserves are not touched.

    :raises Invalid: if there is no reason, or the return lies in the past.
    :raises WrongState: if it is not open.
    """
    project = _locked(project_id)
    policies.require_changing(project, by)
    _require_reason(reason)
    if expected_back_on is not None and expected_back_on < now.date():
        raise Invalid("The day of return lies in the past.", field="expected_back_on")
    return _move(
        project,
        ProjectState.PAUSED,
        by=by,
        now=now,
        what="listings.pause_project",
        reason=reason,
        back=expected_back_on,
    )


@transaction.atomic(durable=True)
def reopen_project(*, project_id: int, by: Actor, now: datetime) -> Project:
    """
    Put a paused listing back on the board; the checklist must hold as it did when it was published.

    :raises WrongState: if it is not paused.
    :raises Refused: if the checklist no longer holds.
    """
    project = _locked(project_id)
    policies.require_changing(project, by)
    if project.state != ProjectState.PAUSED:
        raise WrongState("Only a paused project can be reopened.", current=project.state)
    policies.require_done(policies.publish_checklist(project), to_do="reopen")
    return _move(project, ProjectState.OPEN, by=by, now=now, what="listings.reopen_project")


@transaction.atomic(durable=True)
def close_project(*, project_id: int, reason: str, by: Actor, now: datetime) -> Project:
    """
    Close a listing for good. Contracts that run are ended one by one, not here.

    :raises Invalid: if there is no reason.
    :raises WrongState: if it is closed already.
    """
    project = _locked(project_id)
    policies.require_changing(project, by)
    _require_reason(reason)
    return _move(project, ProjectState.CLOSED, by=by, now=now, what="listings.close_project", reason=reason)


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < REASON_MIN_CHARS:
        raise Invalid(f"Give a reason of at least {REASON_MIN_CHARS} characters.", field="reason")


def _move(
    project: Project,
    target: ProjectState,
    *,
    by: Actor,
    now: datetime,
    what: str,
    reason: str = "",
    back: date | None = None,
) -> Project:
    before = project.state
    require_move(PROJECT_MOVES, current=before, target=target, what="project")
    project.state = target
    project.state_reason = reason.strip()
    project.expected_back_on = back
    project.save(update_fields=["state", "state_reason", "expected_back_on"])
    after = {"state": target.value} | ({"reason": project.state_reason} if reason else {})
    record(what=what, by=by, about=project, now=now, before={"state": before}, after=after)
    return project


def _locked(project_id: int) -> Project:
    # Without the terms: a row joined through an empty column is missing where the statement has waited for the lock.
    project: Project = Project.objects.locked().select_related("lab").get(pk=project_id)
    return project
