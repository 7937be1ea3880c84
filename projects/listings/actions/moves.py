"""Moves of a project, and the question to staff before one pays less. Steps of actions: each needs an open transaction."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.events import announce
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.labs.queries import managers_of
from projects.listings.enums import LISTING_REVIEW_MOVES, PROJECT_MOVES, ProjectState, ReviewState
from projects.listings.models import ListingEvent, ListingReview, Project, StatusChange
from projects.listings.queries.lower import earlier_rate, is_confirmed, scope_of
from projects.listings.tasks import deliver_event


def locked_project(project_id: int) -> Project:
    """Return a project with its row locked."""
    # Without the terms: a row joined through an empty column is missing where the statement has waited for the lock.
    project: Project = Project.objects.locked().select_related("lab").get(pk=project_id)
    return project


def move(
    project: Project,
    target: ProjectState,
    *,
    by: Actor,
    now: datetime,
    what: str,
    reason: str = "",
    back: date | None = None,
) -> Project:
    """
    Move a locked project, keep its history, and tell the rooms above once experts could have read it.

    :raises WrongState: if the table of moves does not allow it.
    """
    before = project.state
    require_move(PROJECT_MOVES, current=before, target=target, what="project")
    project.state = target
    project.state_reason = reason.strip()
    project.expected_back_on = back
    project.save(update_fields=["state", "state_reason", "expected_back_on"])
    StatusChange.objects.create(
        project=project, state=target, reason=project.state_reason, expected_back_on=back, at=now
    )
    after = {"state": target.value} | ({"reason": project.state_reason} if reason else {})
    record(what=what, by=by, about=project, now=now, before={"state": before}, after=after)
    if project.published_at is not None and before != ProjectState.DRAFT and target != ProjectState.IN_REVIEW:
        announce(
            ListingEvent,
            name="listing_moved",
            now=now,
            ring=deliver_event,
            project_ref=str(project.public_id),
            before=str(before),
            state=str(target),
            reason=project.state_reason,
            back=back.isoformat() if back else "",
            at=now.isoformat(),
        )
    return project


# ------------------------------------------------------------------------------------------------------------- review


def review_if_lower(project: Project, *, by: Actor, now: datetime) -> bool:
    """Send a locked listing to staff if the same work was paid more within sixty days; return whether it was sent."""
    scope = scope_of(project)
    earlier = earlier_rate(scope, now=now)
    if scope is None or earlier is None or is_confirmed(project, scope, now=now):
        return False
    review = ListingReview.objects.create(
        project=project,
        earlier=earlier.project,
        earlier_min_minor=earlier.low_minor,
        earlier_max_minor=earlier.high_minor,
        earlier_until=earlier.until,
        likeness_percent=earlier.likeness_percent,
        rate_min_minor=scope.low_minor,
        rate_max_minor=scope.high_minor,
        asked_at=now,
        asked_by=by if isinstance(by, User) else None,
    )
    move(project, ProjectState.IN_REVIEW, by=by, now=now, what="listings.ask_for_review")
    paid = f"{format_money(earlier.high_minor, project.currency)} an hour"
    _tell_lab(
        project,
        title=f"{project.title} waits for our staff",
        body=f"The same work was listed at up to {paid} within the last sixty days. Somebody looks at it and confirms it, "
        "or sends it back with a reason. Nothing is to be done by you.",
        now=now,
    )
    record(what="listings.pays_less", by=by, about=review, now=now, after={"earlier": str(earlier.project.public_id)})
    return True


def close_review(project: Project, target: ReviewState, *, by: Actor, now: datetime, reason: str = "") -> None:
    """End the review that a locked project waits for, if there is one."""
    rows = ListingReview.objects.select_for_update(of=("self",), no_key=True)
    review: ListingReview | None = rows.filter(project=project, state=ReviewState.WAITING).first()
    if review is None:
        return
    require_move(LISTING_REVIEW_MOVES, current=review.state, target=target, what="listing review")
    review.state, review.decided_at, review.reason = target, now, reason.strip()
    review.decided_by = by if isinstance(by, User) else None
    review.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    record(
        what=f"listings.review_{target.lower()}", by=by, about=review, now=now, after={"reason": review.reason} if reason else {}
    )  # fmt: skip


def tell_of_review(project: Project, *, confirmed: bool, reason: str, now: datetime) -> None:
    """Tell the managers of the lab what staff decided."""
    if confirmed:
        title, body = (
            f"{project.title} is on the board",
            "Our staff confirmed the rate. Experts see what it was before.",
        )
    else:
        title, body = f"{project.title} was sent back", reason
    _tell_lab(project, title=title, body=body, now=now)


def _tell_lab(project: Project, *, title: str, body: str, now: datetime) -> None:
    path = reverse("listings:project", args=[project.lab.slug, project.public_id])
    for manager in managers_of(project.lab):
        notify(user=manager, kind="projects", title=title, body=body, path=path, button="Open the project", now=now)
