"""Telling the local stand-in the time, when a development stack moves its business clock (design 1.3)."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta

from django.conf import settings


def tell_time(offset: timedelta) -> bool:
    """
    Let the stand-in's clock stand as far from the real one as ours; return whether there is a stand-in to tell.

    :raises OSError: if it does not answer.
    """
    if settings.STRIPE_SECRET_KEY or not settings.DEBUG:
        return False
    request = urllib.request.Request(  # noqa: S310 -- our own loopback address from the settings
        f"{settings.STRIPE_SIMULATOR_URL}/_sim/clock",
        data=json.dumps({"offset_seconds": offset.total_seconds()}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        return True
