"""The label on every page of a stack that holds the demonstration world."""

from __future__ import annotations

from django.http import HttpRequest

from marketplace.demo.queries import is_labelled


def demonstration(request: HttpRequest) -> dict[str, bool]:
    """Give every template `is_demonstration`."""
    return {"is_demonstration": is_labelled()}
