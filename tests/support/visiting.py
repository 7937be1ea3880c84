"""Visit pages by the names of their addresses, and read them as a reader does."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

HTMX = {"HX-Request": "true"}


def get(client: Client, name: str, *args: Any, **headers: str) -> Any:
    return client.get(reverse(name, args=args), headers=headers)


def post(client: Client, name: str, *args: Any, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(reverse(name, args=args), data or {}, headers=headers)


def text_of(answer: HttpResponse) -> str:
    """What a reader reads, in one line."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())
