"""Moving the business clock of a development stack."""

from __future__ import annotations

import json
import logging
import re
import urllib.request
from datetime import timedelta
from urllib.error import URLError

from django.conf import settings
from django.db import transaction
from django.db.models import F

from marketplace.demo import queries
from marketplace.demo.models import BusinessClock
from marketplace.kernel.errors import Invalid, NotAllowed

logger = logging.getLogger(__name__)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def parse_step(text: str) -> timedelta:
    """
    Return the step that "+3d", "-2h" or "+1d12h" means.

    :raises Invalid: with the ways to write it.
    """
    match = re.fullmatch(r"([+-])((?:\d{1,4}[smhdw])+)", text.strip().lower())
    if match is None:
        raise Invalid(f"“{text}” is no step of time. Write +3d, -2h or +1d12h.")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhdw])", match[2]))
    return timedelta(seconds=seconds if match[1] == "+" else -seconds)


def move_clock(*, step: timedelta) -> timedelta:
    """
    Move the business clock of this stack by a step; the Stripe stand-in follows. Return the new offset.

    :raises NotAllowed: outside development.
    """
    _require_development()
    with transaction.atomic(durable=True):
        BusinessClock.objects.get_or_create(pk=1)
        BusinessClock.objects.filter(pk=1).update(offset_seconds=F("offset_seconds") + int(step.total_seconds()))
    return _announce()


def reset_clock() -> timedelta:
    """Set the business clock back to the real one."""
    _require_development()
    with transaction.atomic(durable=True):
        BusinessClock.objects.update_or_create(pk=1, defaults={"offset_seconds": 0})
    return _announce()


def _announce() -> timedelta:
    queries.forget_offset()
    offset = queries.clock_offset()
    if not settings.STRIPE_SECRET_KEY:
        tell_stand_in(offset)
    return offset


def tell_stand_in(offset: timedelta) -> None:
    """Let the stand-in for Stripe keep the same time."""
    body = json.dumps({"offset_seconds": int(offset.total_seconds())}).encode()
    address = f"{settings.STRIPE_SIMULATOR_URL}/_sim/clock"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=3).close()  # noqa: S310 -- our own loopback address
    except (URLError, OSError):
        logger.warning("clock.stand_in_not_told")


def _require_development() -> None:
    if not settings.DEBUG:
        raise NotAllowed("The business clock moves in development only. In production it is the real time.")
