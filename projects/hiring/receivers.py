"""
What hiring does when a room below tells it something: experts and payments do not know each other, so it passes it on; and
people on a gig hear what its lab did with the listing.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from experts.duplicates.actions import note_identifier
from projects.hiring.actions.news import tell_of_change, tell_of_move


def pass_on_identifier(
    *, now: datetime, user_id: str, kind: str, hashed: str, key_id: str, **_from_newer_senders: object
) -> None:
    """Let the guard against second accounts compare where somebody is paid. It opens a question for a person, at most."""
    note_identifier(user_id=UUID(user_id), kind=kind, hashed=hashed, key_id=key_id, label=_("Payout account"), now=now)


def tell_of_changed_listing(*, now: datetime, project_ref: str, number: int, **_from_newer_senders: object) -> None:
    """Tell whom it matters to that a gig says something else about pay or requirements."""
    tell_of_change(project_ref=UUID(project_ref), number=number, now=now)


def tell_of_moved_listing(
    *,
    now: datetime,
    project_ref: str,
    before: str,
    state: str,
    reason: str,
    back: str,
    at: str,
    **_from_newer_senders: object,
) -> None:
    """Tell everybody on a gig that it was paused, opened again or closed."""
    tell_of_move(
        project_ref=UUID(project_ref),
        before=before,
        state=state,
        reason=reason,
        back=date.fromisoformat(back) if back else None,
        at=at,
        now=now,
    )
