"""
Faults on demand: what goes wrong with a call, and what goes wrong with a webhook.

Rules come as JSON through POST /_sim/faults and are kept in the file with their counters, so that a plan survives a
restart and a seed replays the same faults in the same order.

A rule for calls: {"method": "POST", "path": "/v1/transfers", "nth": [1, 4]} or {"probability": 0.1, "seed": 7}, with
"action": one of
    lose_request    nothing happens, the connection is cut
    lose_answer     the effect happens and is saved, the connection is cut
    409             another request with the same key is said to be in progress
    429             the rate limiter answers, in front of the key layer
    500             the answer is saved under the key; "effect": true makes the effect happen as well
    slow            wait "seconds", then go on
With "seconds", lose_request and lose_answer hang that long before they cut, so that the caller's timeout strikes.

A rule for webhooks: {"event": "transfer.*", "nth": 1, "action": "drop" | "duplicate" | "late" | "disorder"}; "late"
waits "seconds"; "disorder" keeps a delivery back until a later one has arrived.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from payments.gateway.simulator.errors import bad_parameter
from payments.gateway.simulator.params import integer, many, one_of, shape, text
from payments.gateway.simulator.store import Tables

CALL_ACTIONS = ("lose_request", "lose_answer", "409", "429", "500", "slow")
EVENT_ACTIONS = ("drop", "duplicate", "late", "disorder")
HOLD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class CallFault:
    """What goes wrong with this call; the empty action is nothing."""

    action: str = ""
    seconds: float = 0.0
    effect: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """How one event is delivered."""

    not_before: float
    name: str = ""
    drop: bool = False
    duplicate: bool = False
    disorder: bool = False


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise bad_parameter(f"Invalid number: {value}", param=name)
    return float(value)


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise bad_parameter(f"Invalid boolean: {value}", param=name)
    return value


def _nth(value: Any, name: str) -> list[int]:
    entries = value if isinstance(value, list) else [value]
    return list(many(integer(1), maximum=10_000)(entries, name))


WHEN = {"nth": _nth, "probability": _number, "seed": integer(), "times": integer(1), "seconds": _number}
CALL_RULE = shape(
    WHEN | {"method": text(), "path": text(), "action": one_of(*CALL_ACTIONS), "effect": _flag}, required=("action",)
)
EVENT_RULE = shape(WHEN | {"event": text(), "action": one_of(*EVENT_ACTIONS)}, required=("event", "action"))


def replace_plan(tables: Tables, rules: list[Any]) -> int:
    """
    Put these rules in the place of the ones before; return how many there are.

    :raises ApiError: if a rule is not understood, so that a test with a typing error cannot pass by luck.
    """
    clean = []
    for index, rule in enumerate(rules):
        check = EVENT_RULE if isinstance(rule, dict) and "event" in rule else CALL_RULE
        clean.append(check(rule, f"rules[{index}]"))
    tables.sql("DELETE FROM fault")
    for rule in clean:
        tables.sql("INSERT INTO fault (rule) VALUES (?)", (json.dumps(rule),))
    return len(clean)


def for_call(tables: Tables, method: str, path: str) -> CallFault:
    """Return the fault for this call and count it; the first rule that strikes wins."""
    for seq, rule, seen, fired in _rules(tables):
        if "event" in rule or rule.get("method", method) != method or not fnmatchcase(path, rule.get("path", "*")):
            continue
        if _strikes(tables, seq, rule, seen, fired):
            return CallFault(rule["action"], rule.get("seconds", 0.0), rule.get("effect", False))
    return CallFault()


def for_delivery(tables: Tables, event_type: str) -> DeliveryPlan:
    """Return how this event shall be delivered and count it."""
    now = time.time()
    for seq, rule, seen, fired in _rules(tables):
        if "event" not in rule or not fnmatchcase(event_type, rule["event"]):
            continue
        if not _strikes(tables, seq, rule, seen, fired):
            continue
        action = rule["action"]
        wait = {"late": rule.get("seconds", HOLD_SECONDS), "disorder": HOLD_SECONDS}.get(action, 0.0)
        return DeliveryPlan(
            now + wait, action, drop=action == "drop", duplicate=action == "duplicate", disorder=action == "disorder"
        )
    return DeliveryPlan(now)


def _rules(tables: Tables) -> list[tuple[int, dict[str, Any], int, int]]:
    rows = tables.sql("SELECT seq, rule, seen, fired FROM fault ORDER BY seq").fetchall()
    return [(seq, json.loads(rule), seen, fired) for seq, rule, seen, fired in rows]


def _strikes(tables: Tables, seq: int, rule: dict[str, Any], seen: int, fired: int) -> bool:
    seen += 1
    hit = True
    if "nth" in rule:
        hit = seen in rule["nth"]
    elif "probability" in rule:
        # A generator per draw, so that the n-th draw is the same whatever happened in between.
        draw = random.Random(f"{rule.get('seed', 0)}:{seen}").random()  # noqa: S311 -- a seeded fault, no secret
        hit = draw < rule["probability"]
    if "times" in rule and fired >= rule["times"]:
        hit = False
    tables.sql("UPDATE fault SET seen = ?, fired = fired + ? WHERE seq = ?", (seen, int(hit), seq))
    return hit
