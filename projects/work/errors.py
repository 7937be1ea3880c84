"""Refusals of this area."""

from __future__ import annotations

from typing import ClassVar

from marketplace.kernel.errors import Refused


class TooLarge(Refused):
    """More was sent in one request than one request may carry."""

    status: ClassVar[int] = 413
    code: ClassVar[str] = "too_large"
    title: ClassVar[str] = "Too much at once"
