"""
What payouts tells the rooms above it. Each is sent by the task `payouts.deliver_event` after the commit of its reason,
at least once, with no transaction open; a receiver that raises leaves the event due again.
"""

from __future__ import annotations

from django.dispatch import Signal

run_drafted = Signal()
"""
now: datetime, run_id: str (public id), period: str ("2026-11-16"), currency: str.

A receiver screens `queries.payees_in_scope(run_id)`, places holds with `actions.place_hold`, and then calls
`actions.finish_screening(run_id=..., now=...)`, at once or later; the run is not computed before. While nobody is
connected, payouts finishes the screening itself.
"""

item_sent = Signal()
"""now: datetime, item_id: str (public id), run_id: str, payee_id: str (public id), period: str."""

item_rejected = Signal()
"""now: datetime, item_id: str (public id), run_id: str, payee_id: str (public id), period: str."""

identifier_hashed = Signal()
"""
now: datetime, user_id: str (public id), kind: str, hashed: str, key_id: str.

Where a person is paid, as a keyed hash. A receiver asks a person about two accounts with the same one, and nothing else.
"""

BY_NAME = {
    "identifier_hashed": identifier_hashed,
    "run_drafted": run_drafted,
    "item_sent": item_sent,
    "item_rejected": item_rejected,
}
