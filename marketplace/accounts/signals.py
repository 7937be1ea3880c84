"""What accounts tell the rooms above them, inside the same transaction: the audit trail stands higher than they do."""

from django.dispatch import Signal

account_changed = Signal()
"""user, by, now, what, after: somebody's rights changed."""
