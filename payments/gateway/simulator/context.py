"""What an endpoint is given, how endpoints are listed, and how lists are paged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from payments.gateway.simulator.errors import bad_parameter, no_such
from payments.gateway.simulator.params import Validator
from payments.gateway.simulator.store import PLATFORM, Body, Tables

DEFAULT_LIMIT = 10


@dataclass(slots=True)
class Context:
    """One call, or one press of a button on a hosted page, inside its transaction."""

    tables: Tables
    now: int
    origin: str
    account: str = PLATFORM
    request_id: str | None = None
    key: str | None = None


Handler = Callable[..., Body]


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint: method, address with {names}, handler(context, params, **names) and the shape of its request."""

    method: str
    template: str
    handler: Handler
    params: Validator
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        object.__setattr__(self, "pattern", re.compile(f"^{pattern}$"))


def page(
    ctx: Context, kind: str, params: Mapping[str, Any], *, address: str, condition: str = "", **equal: str
) -> Body:
    """
    Return one page of objects, newest first, as Stripe's lists are.

    :param condition: one more condition in SQL, of our own making.
    :param equal: JSON fields and the values they must have.
    """
    # The plus keeps SQLite from walking the index by account when the group is what narrows the list.
    where = ["+account = ?" if "transfer_group" in equal else "account = ?", "kind = ?"]
    values: list[Any] = [ctx.account, kind]
    for name, value in equal.items():
        where.append(f"json_extract(body, '$.{name}') = ?")
        values.append(value)
    if condition:
        where.append(condition)
    for comparison, moment in params.get("created", {}).items():
        where.append(f"created {COMPARISONS[comparison]} ?")
        values.append(moment)
    backwards = "ending_before" in params
    cursor = params.get("ending_before") or params.get("starting_after")
    if cursor:
        row = ctx.tables.sql("SELECT seq FROM object WHERE id = ? AND kind = ?", (cursor, kind)).fetchone()
        if row is None:
            name = "ending_before" if backwards else "starting_after"
            raise no_such(kind.replace("_", " "), str(cursor), param=name, status=400)
        where.append("seq > ?" if backwards else "seq < ?")
        values.append(row[0])
    limit = params.get("limit", DEFAULT_LIMIT)
    order = "seq ASC" if backwards else "seq DESC"
    found = ctx.tables.select(" AND ".join(where), tuple(values), order=order, limit=limit + 1)
    data = found[:limit]
    if backwards:
        data.reverse()
    return {"object": "list", "url": address, "has_more": len(found) > limit, "data": data}


COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
EXPANDABLE = {
    "account", "balance_transaction", "charge", "destination", "destination_payment", "latest_charge",
    "payment_intent", "source", "source_transaction", "transfer",
}  # fmt: skip


def expand(tables: Tables, body: Body, paths: list[str]) -> Body:
    """
    Replace ids by their objects along paths such as "payment_intent.latest_charge" or "data.source".

    :raises ApiError: if a path cannot be expanded or is deeper than four levels.
    """
    for path in paths:
        parts = path.split(".")
        if len(parts) > 4 + (parts[0] == "data"):
            raise bad_parameter("You cannot expand more than 4 levels of a property.", param="expand[]")
        _expand_one(tables, body, parts, path)
    return body


def _expand_one(tables: Tables, node: Any, parts: list[str], path: str) -> None:
    if isinstance(node, list):
        for entry in node:
            _expand_one(tables, entry, parts, path)
        return
    if not isinstance(node, dict) or not parts:
        return
    name, rest = parts[0], parts[1:]
    value = node.get(name)
    if name not in node or (name not in EXPANDABLE and not isinstance(value, dict | list)):
        message = f"This property cannot be expanded ({path})."
        raise bad_parameter(message, param="expand[]")
    if isinstance(value, str):
        node[name] = tables.find(value) or value
    _expand_one(tables, node[name], rest, path)


def public(body: Any) -> Any:
    """Return the body without the stand-in's own notes, whose names begin with an underscore."""
    if isinstance(body, dict):
        return {key: public(value) for key, value in body.items() if not key.startswith("_")}
    if isinstance(body, list):
        return [public(entry) for entry in body]
    return body
