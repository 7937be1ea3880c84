"""What funding tells the rooms above it, after the deposit's transaction has committed. It may be told twice."""

from __future__ import annotations

from django.dispatch import Signal

deposit_settled = Signal()
"""now: datetime, deposit_id: str, lab_ref: str, project_ref: str ("" for none), amount_minor: int, currency: str."""
