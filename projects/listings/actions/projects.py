"""What may be done with a project's listing. Each function is one decision, one transaction."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Conflict, Invalid, WrongState
from marketplace.kernel.events import announce
from payments.funding.queries import deposits_of_project
from projects.labs.models import Lab
from projects.labs.queries import require_manager
from projects.listings import policies
from projects.listings.actions.moves import close_review, locked_project, move, review_if_lower
from projects.listings.actions.parts import differences, write_parts, write_version
from projects.listings.actions.shape import Listing, columns_of, listing_of, require_sound
from projects.listings.enums import ProjectState, ReviewState
from projects.listings.models import ListingEvent, Project
from projects.listings.tasks import deliver_event

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
    write_parts(project, listing, now=now)
    record(what="listings.create_project", by=by, about=project, now=now, after={"title": project.title})
    return project


@transaction.atomic(durable=True)
def edit_project(
    *, project_id: int, listing: Listing, by: Actor, now: datetime, revision: int | None = None
) -> Project:
    """
    Change what a listing says. A published one must stay complete, and its currency stays once money moved.

    Each change of a published listing is a version that everybody can read, and who applied or works on it is told of what
    matters to them. An open one that would pay less leaves the board until staff have looked. Contracts keep the rate and
    the terms that were signed; a change here is for those who come next.

    :param revision: the one that the editor was opened with; None changes whatever is there.
    :raises NotAllowed: if `by` may not change it.
    :raises Conflict: if somebody else saved meanwhile; nothing is overwritten.
    :raises WrongState: if it is closed, or waits for staff.
    :raises Invalid: if a part of the listing cannot be stored.
    :raises Refused: if a published listing would lack what it needs.
    """
    project = locked_project(project_id)
    policies.require_changing(project, by)
    if project.state == ProjectState.CLOSED:
        raise WrongState("This project is closed, so its listing stays as it was.")
    if project.state == ProjectState.IN_REVIEW:
        raise WrongState("This listing waits for our staff. Take it back first, then change it.")
    if revision is not None and revision != project.revision:
        raise Conflict(
            "Somebody else saved this listing while you wrote. Open the editor again to see both.",
            revision=project.revision,
        )
    require_sound(listing)
    _require_room(project, listing)
    before = listing_of(project)
    for name, value in columns_of(listing).items():
        setattr(project, name, value)
    project.save(update_fields=sorted(columns_of(listing)))
    write_parts(project, listing, now=now)
    if project.state != ProjectState.DRAFT:
        policies.require_done(policies.listing_checks(project), to_do="save a published listing")
    changed = differences(before, listing)
    if changed:
        project.revision += 1
        project.save(update_fields=["revision"])
        record(
            what="listings.edit_project",
            by=by,
            about=project,
            now=now,
            before={name: old for name, (old, _new) in changed.items()},
            after={name: new for name, (_old, new) in changed.items()},
        )
        if project.is_published:
            _publish_change(project, before, listing, by=by, now=now)
    return project


def _publish_change(project: Project, before: Listing, after: Listing, *, by: Actor, now: datetime) -> None:
    """Keep the new version and tell the rooms above; take an open listing that pays less off the board."""
    if not project.versions.exists():  # published before versions were kept
        write_version(project, before, by=by, now=project.published_at or now)
    if project.state == ProjectState.OPEN and review_if_lower(project, by=by, now=now):
        return  # what it says is public, and a version, once staff have confirmed it
    announce_version(project, after, by=by, now=now)


def announce_version(project: Project, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Keep a further version of a published listing, and let those know whom it matters to. Needs an open transaction."""
    version = write_version(project, listing, by=by, now=now)
    announce(
        ListingEvent,
        name="listing_changed",
        now=now,
        ring=deliver_event,
        project_ref=str(project.public_id),
        number=version.number,
    )


def _require_room(project: Project, listing: Listing) -> None:
    if listing.places_wanted < project.places_filled:
        raise Invalid(f"{project.places_filled} people work on it already.", field="places_wanted")
    if listing.currency == project.currency:
        return
    if project.state != ProjectState.DRAFT or deposits_of_project(project.public_id).exists():
        raise Invalid("The currency stays once a project is published or funded.", field="currency")


# ------------------------------------------------------------------------------------------------------------- states


@transaction.atomic(durable=True)
def publish_project(*, project_id: int, by: Actor, now: datetime) -> Project:
    """
    Put a draft on the board, or before our staff if the lab paid more for the same work within sixty days.

    :raises NotAllowed: if `by` may not.
    :raises WrongState: if it is no draft.
    :raises Refused: if the checklist is not done, naming what is missing.
    """
    project = locked_project(project_id)
    policies.require_changing(project, by)
    if project.state != ProjectState.DRAFT:
        raise WrongState("Only a draft can be published.", current=project.state)
    policies.require_done(policies.publish_checklist(project), to_do="publish")
    if review_if_lower(project, by=by, now=now):
        return project
    return open_for_the_first_time(project, by=by, now=now)


def open_for_the_first_time(project: Project, *, by: Actor, now: datetime) -> Project:
    """Put a locked listing on the board with its first version. Needs an open transaction."""
    project.published_at = now
    project.save(update_fields=["published_at"])
    write_version(project, listing_of(project), by=by, now=now)
    return move(project, ProjectState.OPEN, by=by, now=now, what="listings.publish_project")


@transaction.atomic(durable=True)
def take_back_from_review(*, project_id: int, by: Actor, now: datetime) -> Project:
    """
    Take a listing back before staff have decided: a draft again, or paused if experts had read it before.

    :raises WrongState: if it does not wait for staff.
    """
    project = locked_project(project_id)
    policies.require_changing(project, by)
    if project.state != ProjectState.IN_REVIEW:
        raise WrongState("This listing does not wait for our staff.", current=project.state)
    close_review(project, ReviewState.TAKEN_BACK, by=by, now=now)
    target = ProjectState.PAUSED if project.published_at else ProjectState.DRAFT
    reason = "The lab looks at the listing once more." if project.published_at else ""
    return move(project, target, by=by, now=now, what="listings.take_back_from_review", reason=reason)


@transaction.atomic(durable=True)
def pause_project(
    *, project_id: int, reason: str, by: Actor, now: datetime, expected_back_on: date | None = None
) -> Project:
    """
    Take a listing off the board for a while, with a reason that everybody who has its address can read.

    Everybody on it is told, with gigs like it. Hours that are reserved this week are honoured: contracts and their
    reserves are not touched; only new weeks do not begin.

    :raises Invalid: if there is no reason, or the return lies in the past.
    :raises WrongState: if it is not open.
    """
    project = locked_project(project_id)
    policies.require_changing(project, by)
    _require_reason(reason)
    if expected_back_on is not None and expected_back_on < now.date():
        raise Invalid("The day of return lies in the past.", field="expected_back_on")
    return move(
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

    One that was made to pay less meanwhile goes before staff first.

    :raises WrongState: if it is not paused.
    :raises Refused: if the checklist no longer holds.
    """
    project = locked_project(project_id)
    policies.require_changing(project, by)
    if project.state != ProjectState.PAUSED:
        raise WrongState("Only a paused project can be reopened.", current=project.state)
    policies.require_done(policies.publish_checklist(project), to_do="reopen")
    if review_if_lower(project, by=by, now=now):
        return project
    return move(project, ProjectState.OPEN, by=by, now=now, what="listings.reopen_project")


@transaction.atomic(durable=True)
def close_project(*, project_id: int, reason: str, by: Actor, now: datetime) -> Project:
    """
    Close a listing for good. Contracts that run are ended one by one, not here.

    :raises Invalid: if there is no reason.
    :raises WrongState: if it is closed already.
    """
    project = locked_project(project_id)
    policies.require_changing(project, by)
    _require_reason(reason)
    close_review(project, ReviewState.TAKEN_BACK, by=by, now=now)
    return move(project, ProjectState.CLOSED, by=by, now=now, what="listings.close_project", reason=reason)


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < REASON_MIN_CHARS:
        raise Invalid(f"Give a reason of at least {REASON_MIN_CHARS} characters.", field="reason")
