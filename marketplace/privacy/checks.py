"""What `manage.py check --deploy` says about privacy."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

WORDS = "ERASURE_LIST is not set, so whoever was erased comes back with a restored backup."
HINT = "Name a file on another disk than the database. The runbook says how it is used after a restore."


def erasure_list_is_configured(app_configs: Any, **_options: Any) -> list[checks.CheckMessage]:
    return [] if settings.ERASURE_LIST else [checks.Warning(WORDS, hint=HINT, id="privacy.W001")]
