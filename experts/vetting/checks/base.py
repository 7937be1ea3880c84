"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from experts.vetting.enums import CheckResult


@dataclass(frozen=True, slots=True)
class Finding:
    """One result with its explanation. `evidence` is JSON that staff see: lines of a résumé, sources, other accounts."""

    result: CheckResult
    explanation: str
    evidence: dict[str, Any] = field(default_factory=dict)


class NotYet(Exception):
    """Something this check looks at is still being worked on; the job comes back to it."""


def needs_person(explanation: str, **evidence: Any) -> Finding:
    return Finding(CheckResult.NEEDS_PERSON, explanation, evidence)


def passed(explanation: str, **evidence: Any) -> Finding:
    return Finding(CheckResult.PASSED, explanation, evidence)


def attention(explanation: str, **evidence: Any) -> Finding:
    return Finding(CheckResult.ATTENTION, explanation, evidence)
