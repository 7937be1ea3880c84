"""Public ids. Inside, rows have a bigint; outside, a UUIDv7 that tells nothing but its age."""

from __future__ import annotations

import uuid
from typing import Final

import uuid_utils.compat

PAY_ITEM_NAMESPACE: Final = uuid.UUID("5d3b7a52-5f0e-5c1f-9a53-5d0f5c6a7e01")
PAY_RUN_NAMESPACE: Final = uuid.UUID("5d3b7a52-5f0e-5c1f-9a53-5d0f5c6a7e02")
PAY_LINE_NAMESPACE: Final = uuid.UUID("5d3b7a52-5f0e-5c1f-9a53-5d0f5c6a7e03")


def new_public_id() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562): random, yet sortable by creation time, so indexes stay compact."""
    return uuid_utils.compat.uuid7()


def named_id(namespace: uuid.UUID, *parts: object) -> uuid.UUID:
    """Return the uuid5 of a business identity, the same after a restore from backup (reference C.3, rule 1)."""
    return uuid.uuid5(namespace, "|".join(str(part) for part in parts))
