"""What listings tell the rooms above them, after the change has committed. It may be told twice."""

from __future__ import annotations

from django.dispatch import Signal

listing_changed = Signal()
"""now: datetime, project_ref: str, number: int of the version: a published listing says something else than before."""

listing_moved = Signal()
"""
now: datetime, project_ref: str, before: str, state: str, reason: str, back: ISO date or "", at: ISO moment: a project that
experts could read was paused, opened again or closed.
"""
