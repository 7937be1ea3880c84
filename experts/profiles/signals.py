"""What profiles tell the rooms above them, after the change has committed. It may be told twice."""

from __future__ import annotations

from django.dispatch import Signal

taxonomy_changed = Signal()
"""now: datetime, field_id: int: a field was added, renamed, moved, merged, retired or removed."""
