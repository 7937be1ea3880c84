"""What this room tells the rooms above it. Sent by a durable job after the commit."""

from django.dispatch import Signal

result_changed = Signal()
"""An attempt or an interview was begun, closed or scored: `expert_ref`, `what` ("assessment" or "interview"), `now`."""
