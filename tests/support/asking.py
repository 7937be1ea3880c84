"""How often an answer of the API asks the database."""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def questions(client: Client, path: str) -> int:
    """How many times an answer asks the database; the movable clock and the counting of requests are not its doing."""
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return sum(not re.search("demo_|cache|SAVEPOINT", query["sql"]) for query in asked)
