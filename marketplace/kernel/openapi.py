"""What the API's description says beyond its views: who may call, and the problems (RFC 9457) that can be met."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema

from marketplace.kernel.api import PROBLEM

METHODS: Final = {"get", "post", "put", "patch", "delete"}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Some codes bring further members, for example `errors` by field.",
    "properties": {
        "type": {"type": "string", "description": "Where the code is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs; /help/errors lists them."},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {"description": "What is wrong with each field; with `invalid`."},
    },
    "required": ["type", "title", "status", "code", "detail"],
    "additionalProperties": True,
}
ANSWERS: Final[dict[str, tuple[str, str]]] = {
    "400": ("Invalid", "A value is missing, out of range or unknown: `invalid`, or `parse_error` for what is no JSON."),
    "401": ("Unauthenticated", "No key and nobody signed in: `not_authenticated`. A key that is not known, was revoked "
                               "or has expired: `authentication_failed`."),
    "403": ("NotAllowed", "The key lacks the scope, or the person may not do this: `not_allowed`."),
    "404": ("NotFound", "There is nothing here that you may see: `not_found`, the same for what is another's."),
    "409": ("Conflict", "It has moved on, or somebody changed it first: `wrong_state`, `conflict`."),
    "413": ("TooLarge", "The body is larger than this address takes: `too_large`."),
    "415": ("NotJson", "The body is no JSON: `unsupported_media_type`."),
    "422": ("Refused", "Understood, and the answer is no; `detail` says why: `refused`, or a code of its own."),
    "429": ("TooMany", "Too many requests, or a limit of the product: `throttled`, `too_many`. Retry-After says when."),
}  # fmt: skip
"""(name, description) by status."""


class DescribedSchema(AutoSchema):
    """Say which key or session a view takes, and the scope that a key needs."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the ways in that the view's permissions name as their `scheme`."""
        named = {getattr(one, "scheme", None) for one in self.view.permission_classes}
        return [way for way in super().get_auth() if set(way) & named]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular asks, not as DRF
        words = super().get_description() or ""
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return f"{words}\n\nNeeds a key with the scope `{scope}`." if scope else words


def may_answer(*statuses: int) -> dict[str, list[str]]:
    """Return what an operation hands to `extend_schema(extensions=...)` when it meets problems that do not follow from it."""
    return {"x-problems": [str(status) for status in statuses]}


def describe_problems(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add the problems that can be met to every operation. This is a postprocessing hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = SCHEMA
    components["responses"] = {name: _response(words, status) for status, (name, words) in ANSWERS.items()}
    for item in result["paths"].values():
        for method in METHODS & set(item):
            operation = item[method]
            for status in sorted(_statuses(method, operation)):
                reference = {"$ref": f"#/components/responses/{ANSWERS[status][0]}"}
                operation["responses"].setdefault(status, reference)
    return result


def _statuses(method: str, operation: dict[str, Any]) -> set[str]:
    """Who it is and how often can go wrong everywhere; the rest follows from what the operation takes."""
    parameters = operation.get("parameters", [])
    places = {one["in"] for one in parameters}
    found = {"401", "403", "429", *operation.pop("x-problems", [])}
    # A cursor that was made up leads to no page.
    found |= {"404"} if "path" in places or any(one["name"] == "cursor" for one in parameters) else set()
    found |= {"400"} if "query" in places else set()
    found |= {"400", "413", "415"} if "requestBody" in operation else set()
    return found | ({"409", "422"} if method != "get" else set())


def _response(words: str, status: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": words,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == "401":
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == "429":
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return response
