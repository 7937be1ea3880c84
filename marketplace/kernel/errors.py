"""
Refusals: what an action raises when the answer is no.

Each carries a sentence for people and an HTTP status. `kernel.http.RefusalMiddleware` makes a page or an htmx
flash of it, `kernel.api.problem_handler` makes `application/problem+json`. Views and serializers hold no try
blocks for them.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refused(Exception):
    """The request was understood and the answer is no. The message is a sentence for the person who asked."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "That cannot be done"

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = facts


class NotAllowed(Refused):
    """This actor may not do this."""

    status = 403
    code = "not_allowed"
    title = "You may not do this"


class WrongState(Refused):
    """The thing is no longer, or not yet, in a state that allows it."""

    status = 409
    code = "wrong_state"
    title = "It has moved on"


class Conflict(Refused):
    """Somebody else changed it first; `facts` hold both versions where that helps."""

    status = 409
    code = "conflict"
    title = "Changed elsewhere"


class Invalid(Refused):
    """A value is out of range; `facts["field"]` names it where there is one."""

    status = 400
    code = "invalid"
    title = "Something needs a correction"


class TooMany(Refused):
    """A limit of the product was reached; `facts["retry_after_seconds"]` says when to come back."""

    status = 429
    code = "too_many"
    title = "Too many at once"


class NeedsReauthentication(Refused):
    """The person must confirm who they are before this decision."""

    status = 403
    code = "reauthentication_required"
    title = "Confirm that it is you"


class TooLarge(Refused):
    """More was sent in one request than one request may carry."""

    status = 413
    code = "too_large"
    title = "Too much at once"
