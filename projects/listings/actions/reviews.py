"""What staff decide about a listing that pays less than the same work did before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.kernel.errors import Invalid, WrongState
from projects.listings import policies
from projects.listings.actions.moves import close_review, locked_project, move, tell_of_review
from projects.listings.actions.projects import REASON_MIN_CHARS, announce_version, open_for_the_first_time
from projects.listings.actions.shape import listing_of
from projects.listings.enums import ProjectState, ReviewState
from projects.listings.models import ListingReview, Project


@transaction.atomic(durable=True)
def confirm_listing(*, review_id: UUID, by: User, now: datetime) -> Project:
    """
    Let a listing that pays less onto the board; its page shows the earlier rate.

    :raises NotAllowed: if `by` is no staff, or belongs to the lab.
    :raises WrongState: if it was decided or taken back meanwhile.
    :raises Refused: if the listing can no longer be published, for example because its funds are gone.
    """
    project = _waiting(review_id, by)
    policies.require_done(policies.publish_checklist(project), to_do="confirm")
    close_review(project, ReviewState.CONFIRMED, by=by, now=now)
    if project.published_at is None:
        open_for_the_first_time(project, by=by, now=now)
    else:
        listing = listing_of(project)
        move(project, ProjectState.OPEN, by=by, now=now, what="listings.confirm_listing")
        announce_version(project, listing, by=by, now=now)
    tell_of_review(project, confirmed=True, reason="", now=now)
    return project


@transaction.atomic(durable=True)
def send_listing_back(*, review_id: UUID, reason: str, by: User, now: datetime) -> Project:
    """
    Send a listing back to its lab: a draft again, or paused if experts had read it before.

    :raises NotAllowed: if `by` is no staff, or belongs to the lab.
    :raises WrongState: if it was decided or taken back meanwhile.
    :raises Invalid: if there is no reason.
    """
    project = _waiting(review_id, by)
    if len(reason.strip()) < REASON_MIN_CHARS:
        raise Invalid(f"Give a reason of at least {REASON_MIN_CHARS} characters. The lab reads it.", field="reason")
    close_review(project, ReviewState.SENT_BACK, by=by, now=now, reason=reason)
    if project.published_at is None:
        move(project, ProjectState.DRAFT, by=by, now=now, what="listings.send_listing_back")
    else:
        words = "The lab’s new rate was not confirmed by Preceptor."
        move(project, ProjectState.PAUSED, by=by, now=now, what="listings.send_listing_back", reason=words)
    tell_of_review(project, confirmed=False, reason=reason.strip(), now=now)
    return project


def _waiting(review_id: UUID, by: User) -> Project:
    review = ListingReview.objects.select_related("project__lab").get(public_id=review_id)
    project = locked_project(review.project_id)  # before the review: in the order in which a lab's own actions lock
    policies.require_review_staff(by, project)
    state = ListingReview.objects.values_list("state", flat=True).get(pk=review.pk)
    if state != ReviewState.WAITING or project.state != ProjectState.IN_REVIEW:
        raise WrongState("This listing waits no more: it was decided, or its lab took it back.", current=state)
    return project
