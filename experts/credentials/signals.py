"""What this room tells the rooms above it. Sent by a durable job after the commit."""

from __future__ import annotations

from django.dispatch import Signal

resume_accepted = Signal()
"""A résumé was looked into and taken, and its text can be read: `document_ref`, `now`."""
