"""Who acts: a signed-in person, a lab's API key, or the system itself under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """What actions and `visible_to` need to know of whoever asks. User, ApiKey and System have it."""

    @property
    def actor_kind(self) -> str:
        """ "user", "api_key" or "system"."""

    @property
    def actor_ref(self) -> str:
        """The public id, or the system's name."""


@dataclass(frozen=True, slots=True)
class System:
    """The product acting by its own rules: a sweeper, an import, a clock that ran out."""

    name: str

    @property
    def actor_kind(self) -> str:
        return "system"

    @property
    def actor_ref(self) -> str:
        return self.name

    def __str__(self) -> str:
        return f"Preceptor ({self.name})"
