"""What work holds of a person: what they delivered. Accepted work belongs to the lab and stays, without a name."""

from __future__ import annotations

from marketplace.kernel.personal import Blank, Keep, Personal, Room

DELIVERED = "The lab has paid for it. It stands under the alias of the contract, which names the pseudonym."
RECORD = "The record of work is append-only: it proves to both sides what was done with a task, and names nobody."

ROOM = Room(
    name="work",
    label="Work",
    acts=("work.Review",),
    tables=(
        Personal("work.Assignment", Blank({"skip_note": "", "draft": {}}, why=DELIVERED), person="contract__expert__user",
                 title="Tasks you took",
                 columns=("project__title", "task__external_id", "state", "claimed_at", "submitted_at", "decided_at",
                          "active_seconds", "skip_reason", "skip_note")),
        Personal("work.Submission", Keep(DELIVERED), person="assignment__contract__expert__user", title="Submissions",
                 columns=("assignment__task__external_id", "revision", "submitted_at", "active_seconds",
                          "review__decision", "review__comment")),
        Personal("work.TaskEvent", Keep(RECORD), ref="actor_ref", title="Record of your tasks",
                 columns=("at", "kind", "words")),
    ),
)  # fmt: skip
